"""A bill's sheet: everything that stands on the paper, in words, for the typesetter to place."""

from __future__ import annotations

import io

import segno
from django.utils.translation import gettext as _
from django.utils.translation import override

from tahseel.channels.pages import formats
from tahseel.channels.printing.plain import Shown, days, measure, money, number, service_name
from tahseel.channels.printing.tables import tables
from tahseel.channels.printing.values import Addressed
from tahseel.charging.billing import rules as billing
from tahseel.charging.billing.values import Compared
from tahseel.consumption.readings.values import Method
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.words import amount_in_words

MONTHS_DRAWN = 12
QR_MASK = 2


def sheet(about: Addressed, *, language: str) -> dict[str, Shown]:
    """What the template `bill.typ` places, in "ar" or "en"."""
    with override(language):
        return _sheet(about, language, pick=0 if language == "ar" else 1)


def _sheet(about: Addressed, language: str, pick: int) -> dict[str, Shown]:
    bill, printed = about.told.view.bill, billing.explaining_policy()
    title = _("Electricity and water bill")
    return {
        "lang": language,
        "title": title,
        "authority": printed.authority[pick],
        "keywords": [title, bill.number, about.account],
        "issued": [bill.issued_on.year, bill.issued_on.month, bill.issued_on.day],
        "lede": [formats.month_text(bill.month), " · ", number(bill.number)],
        "stamp": _stamp(about),
        "qr": _code(about),
        "facts": _facts(about, pick),
        "due": _due(about, language),
        "tables": tables(about, pick),
        "notes": _notes(about),
        "charts": [_chart(one, bill.month) for one in about.told.compared],
        "foot": printed.enquiries[pick],
        "page": _("Page"),
    }


def _stamp(about: Addressed) -> list[Shown] | None:
    told = about.told
    if told.after:
        return [_("Another bill stands in the place of this one:"), " ", number(told.after.number)]
    if told.before:
        return [_("In the place of bill"), " ", number(told.before.number)]
    return None


def _code(about: Addressed) -> dict[str, str]:
    """The address at which the bill is paid, as a square code."""
    drawn = io.BytesIO()
    # A mask of our choice: trying all eight costs more than the rest of the sheet.
    segno.make(about.pay_url, micro=False, mask=QR_MASK).save(drawn, kind="svg", border=2, scale=4)
    alt = _("Square code to pay bill %(number)s") % {"number": about.told.view.bill.number}
    return {"svg": drawn.getvalue().decode(), "alt": alt}


def _facts(about: Addressed, pick: int) -> list[list[list[Shown]]]:
    bill = about.told.view.bill
    name, address = (pair[pick] or pair[1 - pick] for pair in (about.name, about.address))
    book = [about.book[pick], " (", _("version"), " ", number(bill.book_version), ")"]
    return [
        [
            [_("Customer"), name],
            [_("Address"), address],
            [_("Account number"), number(about.account)],
            [_("Sector"), _sector(bill.sector)],
        ],
        [
            [_("Days billed"), days(bill.period)],
            [_("Issued on"), formats.day_text(bill.issued_on)],
            [_("Due date"), formats.day_text(bill.due_date)],
            [_("Price book"), book],
        ],
    ]


def _sector(code: str) -> str:
    names = {
        "private": _("Private housing"),
        "investment": _("Investment housing"),
        "commercial": _("Commercial"),
        "government": _("Government"),
        "industrial": _("Industrial"),
        "agricultural": _("Agricultural"),
    }
    return names.get(code, _("Other"))


def _due(about: Addressed, language: str) -> dict[str, Shown]:
    stood = about.told.standing
    asked = stood.total if stood.tells else about.asked
    label = _("Total due") if stood.tells else _("Amount due")
    label = label if asked.fils >= 0 else _("To the account's credit")
    amount = Money(abs(asked.fils))
    return {
        "label": label,
        "amount": money(amount),
        "words": amount_in_words(amount, language=language),
    }


def _notes(about: Addressed) -> list[Shown]:
    told, notes = about.told, []
    if any(use.method is Method.ESTIMATED for use in told.meters):
        notes.append(
            _("A quantity was estimated; it is put right by itself once the meter has been read.")
        )
    if any(one.neighbours is not None for one in told.compared):
        notes.append(
            _("Like premises: half of those of your sector in the area used less than this.")
        )
    notes.append(_("The square code leads to the page on which this bill is paid."))
    return notes


def _chart(one: Compared, month: BillingMonth) -> dict[str, Shown]:
    """Twelve months; one without a bill is a gap, an estimated one is outlined."""
    known = {billed.month: billed for billed in one.months}
    bars, told = [], []
    for ordinal in range(month.ordinal - MONTHS_DRAWN + 1, month.ordinal + 1):
        billed, shown = known.get(ordinal), BillingMonth.from_ordinal(ordinal)
        text = measure(billed.quantity, one.service).split(".")[0] if billed else ""
        bars.append(
            {
                "size": billed.quantity if billed else 0,
                "text": text,
                "label": _short(shown.month),
                "now": ordinal == month.ordinal,
                "guessed": bool(billed and billed.estimated),
            }
        )
        if billed:
            told.append(f"{formats.month_text(shown)}: {text}")
    ar, en = formats.UNITS[one.service]
    unit = formats.by_language(ar=ar, en=en)
    title = f"{service_name(one.service)} ({unit}) · " + _("twelve months")
    return {"title": title, "alt": f"{title}. " + "; ".join(told), "bars": bars}


def _short(month: int) -> str:
    name = formats.month_name(month)
    return name if formats.is_arabic() else name[:3]

"""The tables of a bill's sheet: what is charged, how it was found, what it is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tahseel.channels.pages import formats
from tahseel.channels.printing.plain import (
    DASH,
    NEWLINE,
    Shown,
    bare_money,
    measure,
    money,
    number,
    quantity,
    service_name,
    short_day,
)
from tahseel.channels.printing.values import Addressed
from tahseel.charging.billing.values import BillLine, Compared, Explanation, MeterUse
from tahseel.charging.tariffs.values import CONSUMPTION, PERCENT, TIME_UNITS, Kind
from tahseel.consumption.readings.values import Method
from tahseel.kernel.money import Money

Table = dict[str, Any]


def tables(about: Addressed, pick: int) -> list[Table]:
    """In the order of the paper; one that has nothing to say is left out."""
    told = about.told
    found = (
        charged(told),
        carried(about, pick),
        brought_forward(told),
        corrected(told),
        meters(told.meters),
        compared(told.compared),
        by_the_state(told),
    )
    return [one for one in found if one is not None]


def _table(
    title: str,
    head: Sequence[str],
    widths: Sequence[float],
    rows: list[list[Shown]],
    *,
    ends: Sequence[int],
    total: tuple[str, Shown] | None = None,
) -> Table:
    return {
        "title": title,
        "head": list(head),
        "widths": list(widths),
        "rows": rows,
        "ends": list(ends),
        "total": list(total) if total else None,
    }


def charged(told: Explanation) -> Table:
    rows = [
        [
            service_name(line.service),
            what(line),
            number(line.period.days),
            how_much(line),
            price(line),
            bare_money(line.amount),
        ]
        for line in told.view.lines
    ]
    return _table(
        _("What is charged"),
        [_("Service"), _("For"), _("Days"), _("Quantity"), _("Price (fils)"), _("Amount (KD)")],
        [1.6, 3.4, 0.8, 2.6, 2.4, 1.6],
        rows,
        ends=(2, 3, 4, 5),
        total=(_("Total"), money(told.view.bill.total)),
    )


def what(line: BillLine) -> Shown:
    """The block of a quantity, or what else is charged for."""
    if line.kind != CONSUMPTION:
        return _kind(line.kind)
    if line.tier_to is not None:
        low, high = (measure(edge, line.service) for edge in (line.tier_from, line.tier_to))
        return [number(f"{low} – {high}")]
    if line.tier_from:
        return [_("above"), " ", number(measure(line.tier_from, line.service))]
    return _("all of it")


def _kind(kind: str) -> str:
    names = {
        Kind.DEMAND: _("Highest demand"),
        Kind.FIXED: _("Fixed charge"),
        Kind.EXPORT: _("Given back to the grid"),
        Kind.MINIMUM: _("Up to the least charge"),
        Kind.ADDER: _("Surcharge"),
        Kind.TAX: _("Tax"),
        Kind.CREDIT: _("Credit for saving"),
    }
    return names.get(Kind(kind), kind)


def how_much(line: BillLine) -> Shown:
    """What the price is multiplied with, in its own unit."""
    if line.unit == PERCENT.code:
        return money(Money(line.quantity))
    if line.unit in TIME_UNITS:
        count = line.quantity
        return [number(count), " ", ngettext("day", "days", count)]
    if line.kind == Kind.DEMAND:
        return number(line.demand)
    return quantity(line.quantity, line.service)


def price(line: BillLine) -> Shown:
    if line.unit == PERCENT.code:
        return number(f"{line.price}%")
    per = {
        "kWh": _("per kWh"),
        "1000 IG": _("per 1,000 imp. gal"),
        "day": _("per day"),
        "month": _("per month"),
        "quarter": _("per quarter"),
        "year": _("per year"),
    }
    unit: Shown = per.get(line.unit, number(f"/ {line.unit}"))
    return [number(line.price), " ", unit]


def carried(about: Addressed, pick: int) -> Table | None:
    if not about.posted:
        return None
    rows = [
        [
            about.charge_names.get(one.kind, (one.kind, one.kind))[pick],
            number(one.reference),
            bare_money(one.amount) if one.sign == "charge" else DASH,
            bare_money(one.amount) if one.sign == "credit" else DASH,
        ]
        for one in about.posted
    ]
    return _table(
        _("Other charges and credits"),
        [_("Item"), _("Reference"), _("Charged"), _("Credited")],
        [4, 3, 2, 2],
        rows,
        ends=(2, 3),
    )


def brought_forward(told: Explanation) -> Table | None:
    """What stood before the bill, what came since, and what is due with it."""
    stood = told.standing
    if not stood.tells:
        return None
    rows: list[list[Shown]] = [
        [_("Previous balance"), formats.day_text(stood.since), bare_money(stood.before)],
        [_("Payments since"), "", bare_money(-stood.paid)],
    ]
    if stood.charged:
        rows.append([_("Other charges since"), "", bare_money(stood.charged)])
    if stood.credited:
        rows.append([_("Credits since"), "", bare_money(-stood.credited)])
    met = [_("met by your credit:"), " ", *money(stood.used)] if stood.used else ""
    rows.append([_("This bill"), met, bare_money(stood.own)])
    return _table(
        _("Your account"),
        [_("Item"), _("Remark"), _("Amount (KD)")],
        [3, 4, 2],
        rows,
        ends=(2,),
        total=(
            _("Total due") if stood.total.fils >= 0 else _("To the account's credit"),
            money(Money(abs(stood.total.fils))),
        ),
    )


def corrected(told: Explanation) -> Table | None:
    """What another bill said before, what this one says, and the difference."""
    if told.before is None:
        return None
    now, before = told.view.bill.total, told.before.total
    rows = [
        [_("Billed before"), number(told.before.number), bare_money(before)],
        [_("Billed anew"), number(told.view.bill.number), bare_money(now)],
    ]
    return _table(
        _("What was corrected"),
        [_("Item"), _("Bill"), _("Amount (KD)")],
        [3, 4, 2],
        rows,
        ends=(2,),
        total=(_("Difference"), money(now - before)),
    )


def meters(uses: Sequence[MeterUse]) -> Table | None:
    """The readings that a quantity lies between, how it was found, and which version it is."""
    if not uses:
        return None
    rows = [
        [
            _meter(use),
            method(use),
            _dial(use, use.from_value, use.from_at, use.from_quality),
            _dial(use, use.to_value, use.to_at, use.to_quality),
            quantity(use.quantity, use.service),
            number(use.version),
        ]
        for use in uses
    ]
    return _table(
        _("How the quantities were found"),
        [
            _("Meter"), _("Method"), _("Previous reading"), _("Present reading"), _("Used"),
            _("Version"),
        ],
        [2.4, 2.1, 2.1, 2.1, 2.2, 0.9],
        rows,
        ends=(4, 5),
    )  # fmt: skip


def _meter(use: MeterUse) -> list[Shown]:
    """The meter, and those behind it that were taken off."""
    shown: list[Shown] = [service_name(use.service), " ", number(use.serial)]
    if use.sub_meters:
        serials = number(", ".join(use.sub_meters))
        shown += [NEWLINE, _("less what its sub-meters measured:"), " ", serials]
    return shown


def _dial(use: MeterUse, value: int | None, at: datetime | None, quality: str) -> list[Shown]:
    """What the dial showed, when, and how that is known."""
    shown = DASH if value is None else number(measure(value, use.service))
    word = known_by(quality)
    return [shown, NEWLINE, short_day(at), *([" ", word] if word else [])]


def known_by(quality: str) -> str:
    names = {"actual": _("actual"), "estimated": _("estimated"), "self_read": _("own reading")}
    return names.get(quality, "")


def method(use: MeterUse) -> str:
    if use.method is Method.REGISTER:
        return _("Meter reading")
    return _("Smart meter's intervals") if use.method is Method.INTERVAL else _("Estimated")


def compared(services: Sequence[Compared]) -> Table | None:
    known = [one for one in services if one.last_month or one.last_year or one.neighbours]
    if not known:
        return None
    rows = [
        [
            service_name(one.service),
            quantity(one.quantity, one.service),
            *(
                DASH if other is None else number(measure(other, one.service))
                for other in (one.last_month, one.last_year, one.neighbours)
            ),
        ]
        for one in known
    ]
    return _table(
        _("Beside other months, and neighbours"),
        [
            _("Service"), _("This bill"), _("Last month"), _("Same month last year"),
            _("Like premises in the area"),
        ],
        [2, 2.4, 2, 2.4, 2.4],
        rows,
        ends=(1, 2, 3, 4),
    )  # fmt: skip


def by_the_state(told: Explanation) -> Table | None:
    """What the use cost to produce beside what is charged for it."""
    if told.cost is None or told.subsidy is None:
        return None
    rows = [
        [_("What it cost to produce"), bare_money(told.cost)],
        [_("What you are charged for it"), bare_money(told.use)],
    ]
    return _table(
        _("What the state carries"),
        [_("Item"), _("Amount (KD)")],
        [6, 2],
        rows,
        ends=(1,),
        total=(_("Carried by the state"), money(told.subsidy)),
    )

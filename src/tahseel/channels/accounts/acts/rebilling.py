"""Bills that were wrong: corrected by two people, or looked at and left with what was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.acts.act import HEADS, Act, Data, by
from tahseel.channels.accounts.forms import MisdirectedForm, RebillForm, ReleaseForm
from tahseel.channels.accounts.values import HeldRow, Sheet
from tahseel.channels.pages import formats
from tahseel.charging.billing import operations as billing
from tahseel.charging.billing import rules
from tahseel.charging.billing.values import Bill
from tahseel.kernel.ids import new_id
from tahseel.kernel.text import isolate
from tahseel.trust.access.guards import GuardedRequest


def _form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    waiting = [
        (str(one.about.id), f"{one.said} · {formats.period(one.about.days)}")
        for one in sheet.reviews
    ]
    return MisdirectedForm(data, waiting=waiting, initial={"work": request.GET.get("work", "")})


def _close(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    billing.close_misdirected(
        **by(request),
        account_id=sheet.view.id,
        misdirected_id=UUID(given["work"]),
        reason=given["reason"],
    )


def _named(bill: Bill) -> str:
    number, sum_ = (
        isolate(text, left_to_right=True) for text in (bill.number, bill.total.dinars())
    )
    return f"{formats.month_text(bill.month)} · {sum_} · {number}"


def _rebill_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    bills = [(str(one.id), _named(one)) for one in sheet.bills]
    initial = {"approval_id": new_id(request.at), "bill": request.GET.get("bill", "")}
    return RebillForm(data, bills=bills, initial=initial)


def _rebill(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    billing.propose_rebill(
        **by(request),
        approval_id=given["approval_id"],
        account_id=sheet.view.id,
        bill_id=UUID(given["bill"]),
        reason=given["reason"],
    )


def _held_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    held = [(str(row.about.id), _held_named(row)) for row in sheet.held]
    initial = {"approval_id": new_id(request.at), "held": request.GET.get("held", "")}
    return ReleaseForm(data, held=held, initial=initial)


def _held_named(row: HeldRow) -> str:
    sum_ = isolate(row.about.total.dinars(), left_to_right=True)
    return f"{formats.month_text(row.about.month)} · {sum_} · {row.reasons[0].said}"


def _release(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> str | None:
    """At once, or asked for where the amount wants a second person."""
    held_id = UUID(given["held"])
    total = next((row.about.total for row in sheet.held if row.about.id == held_id), None)
    if total is not None and rules.needs_second(total):
        billing.propose_release(
            **by(request),
            approval_id=given["approval_id"],
            account_id=sheet.view.id,
            held_id=held_id,
            reason=given["reason"],
        )
        return gettext("Asked for. A second person decides before the bill goes out.")
    billing.release_held(
        **by(request), account_id=sheet.view.id, held_id=held_id, reason=given["reason"]
    )
    return None


REBILLING: Mapping[str, Act] = {
    "rebill": Act(
        _("Correct a bill"), _rebill_form, _rebill,
        _("Asked for. A second person decides, and sees both amounts."), "bills",
        roles=billing.MAKERS, closed_too=True,
        fits=lambda sheet: bool(sheet.bills),
        note=_("The bill is reversed and made anew by what is known today: quantity, sector,"
               " certificate, who was liable. Less first lowers what is still open, and what was"
               " paid beyond that stands to the account's credit; more is claimed beside it."),
    ),
    "release": Act(
        _("Issue a held bill"), _held_form, _release,
        _("The bill is issued as it is."), "held",
        roles=HEADS, closed_too=True,
        fits=lambda sheet: bool(sheet.held),
        note=_("The bill goes out as it was seen. Where the quantity is wrong, have it corrected"
               " instead: the next run then issues the bill by itself."),
    ),
    "bills-seen": Act(
        _("Close the review of bills"), _form, _close, _("The review is closed."), "bills",
        roles=HEADS, closed_too=True,
        fits=lambda sheet: bool(sheet.reviews),
        note=_("No bill is changed by this. Say what was done: agreed between the two, a debt taken"
               " over by a signed paper, or a bill corrected."),
    ),
}  # fmt: skip

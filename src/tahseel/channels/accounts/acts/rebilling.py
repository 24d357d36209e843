"""Bills that were wrong: corrected by two people, or looked at and left with what was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.acts.act import HEADS, Act, Data, by
from tahseel.channels.accounts.forms import MisdirectedForm, RebillForm
from tahseel.channels.accounts.values import Sheet
from tahseel.channels.pages import formats
from tahseel.charging.billing import operations as billing
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
    "bills-seen": Act(
        _("Close the review of bills"), _form, _close, _("The review is closed."), "bills",
        roles=HEADS, closed_too=True,
        fits=lambda sheet: bool(sheet.reviews),
        note=_("No bill is changed by this. Say what was done: agreed between the two, a debt taken"
               " over by a signed paper, or a bill corrected."),
    ),
}  # fmt: skip

"""One-off charges and credits: asked for at the counter, agreed to by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.acts.act import Act, Data, by
from tahseel.channels.accounts.forms.charging import ChargeForm, LeakForm, TakeBackForm
from tahseel.channels.accounts.values import ChargeRow, Sheet
from tahseel.channels.pages import formats
from tahseel.charging.billing import operations as billing
from tahseel.charging.billing.values import Relief
from tahseel.charging.charges import operations as charges
from tahseel.charging.charges import rules
from tahseel.charging.charges.values import ChargeKind, ChargeState
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.text import isolate
from tahseel.trust.access.guards import GuardedRequest


def _limits(kind: ChargeKind) -> str:
    name = formats.by_language(ar=kind.name_ar, en=kind.name_en)
    sums = [kind.most] if kind.fixed else [kind.least, kind.most]
    told = " – ".join(isolate(one.dinars(), left_to_right=True) for one in sums)
    return f"{name} ({told})"


def _form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    kinds = [
        (one.code, _limits(one))
        for one in rules.catalogue().kinds.values()
        if one.by_hand and request.actor.has(*one.asks)
    ]
    return ChargeForm(data, kinds=kinds, initial={"approval_id": new_id(request.at)})


def _ask(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    charges.ask(
        **by(request),
        approval_id=given["approval_id"],
        account_id=sheet.view.id,
        kind=given["kind"],
        cause=given["cause"],
        amount=given["amount"],
        evidence=given["evidence"],
    )


def _stands(row: ChargeRow) -> bool:
    return row.about.state is not ChargeState.REVERSED and row.asked is None


def _named(row: ChargeRow) -> str:
    sum_, number = (
        isolate(text, left_to_right=True)
        for text in (row.about.amount.dinars(), row.about.reference)
    )
    return f"{row.said} · {sum_} · {number}"


def _back_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    standing = [(str(row.about.id), _named(row)) for row in sheet.charges if _stands(row)]
    return TakeBackForm(data, standing=standing, initial={"approval_id": new_id(request.at)})


def _take_back(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    charges.ask_reversal(
        **by(request),
        approval_id=given["approval_id"],
        account_id=sheet.view.id,
        charge_id=UUID(given["charge"]),
        reason=given["reason"],
    )


def _reliefs(sheet: Sheet) -> list[Relief]:
    found = []
    for bill in sheet.bills:
        with suppress(Refusal):
            found.append(billing.relief(bill=bill))
    return found


def _relieved(one: Relief) -> str:
    old, new, less = (
        isolate(sum_.dinars(), left_to_right=True) for sum_ in (one.old, one.new, one.amount)
    )
    return f"{formats.month_text(one.bill.month)} · {old} · {new} · {less}"


def _leak_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    bills = [(str(one.bill.id), _relieved(one)) for one in _reliefs(sheet)]
    return LeakForm(data, bills=bills, initial={"approval_id": new_id(request.at)})


def _relieve(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    billing.ask_relief(
        **by(request),
        approval_id=given["approval_id"],
        account_id=sheet.view.id,
        bill_id=UUID(given["bill"]),
        repaired_on=given["repaired_on"],
        report=given["report"],
    )


CHARGING: Mapping[str, Act] = {
    "charge": Act(
        _("Charge or credit"), _form, _ask,
        _("Asked for. A second person decides."), "charges",
        note=_("A charge goes out with the next bill or becomes a claim at once, as the catalogue"
               " says. A credit lowers what is owed; it is never a line below zero."),
    ),
    "leak": Act(
        _("Leak allowance"), _leak_form, _relieve,
        _("Asked for. A second person decides."), "charges",
        fits=lambda sheet: bool(sheet.bills),
        note=_("A share of what ran away beyond the customer's own use is given back, by the"
               " country's rule and cap. The bill stays as it is; the difference is a credit."),
    ),
    "charge-back": Act(
        _("Take a charge or credit back"), _back_form, _take_back,
        _("Asked for. A second person decides."), "charges", closed_too=True,
        fits=lambda sheet: any(map(_stands, sheet.charges)),
        note=_("Of a charge the open part falls away and what was paid stands to the account's"
               " credit; what a credit lowered is owed again."),
    ),
}  # fmt: skip

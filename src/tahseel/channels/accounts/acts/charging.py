"""One-off charges and credits: asked for at the counter, agreed to by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.acts.act import Act, Data, by
from tahseel.channels.accounts.forms.charging import ChargeForm, TakeBackForm
from tahseel.channels.accounts.values import ChargeRow, Sheet
from tahseel.channels.pages import formats
from tahseel.charging.charges import operations as charges
from tahseel.charging.charges import rules
from tahseel.charging.charges.values import ChargeKind, ChargeState
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


CHARGING: Mapping[str, Act] = {
    "charge": Act(
        _("Charge or credit"), _form, _ask,
        _("Asked for. A second person decides."), "charges",
        note=_("A charge goes out with the next bill or becomes a claim at once, as the catalogue"
               " says. A credit lowers what is owed; it is never a line below zero."),
    ),
    "charge-back": Act(
        _("Take a charge or credit back"), _back_form, _take_back,
        _("Asked for. A second person decides."), "charges", closed_too=True,
        fits=lambda sheet: any(map(_stands, sheet.charges)),
        note=_("Of a charge the open part falls away and what was paid stands to the account's"
               " credit; what a credit lowered is owed again."),
    ),
}  # fmt: skip

"""What the dead leave, and debts that somebody else has signed for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.acts.act import HEADS, Act, Data, by, customer, people, plain
from tahseel.channels.accounts.forms import (
    AssumptionForm,
    EstateForm,
    HeirsForm,
    WithdrawAssumptionForm,
)
from tahseel.channels.accounts.values import Sheet
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Capacity, Heir
from tahseel.trust.access.guards import GuardedRequest


class OtherAccountUnknown(Refusal):
    """No account has the number that was typed for the other side."""

    code = "other_account_unknown"
    text_ar = "لا يوجد حساب بهذا الرقم"
    text_en = "There is no account with this number"


def _died(sheet: Sheet) -> bool:
    now = sheet.current
    return (
        now is not None
        and now.who is not None
        and now.who.died_on is not None
        and now.span.capacity is not Capacity.ESTATE
    )


def _open_estate(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.open_estate(**by(request), account_id=sheet.view.id)


def _estates(sheet: Sheet) -> dict[UUID | None, CustomerView | None]:
    return {
        row.span.customer_id: row.who
        for row in sheet.liabilities
        if row.span.capacity is Capacity.ESTATE and row.span.until_day is None
    }


def _heirs_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    return HeirsForm(data, estates=people(_estates(sheet)))


def _record_heirs(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.record_heirs(
        **by(request),
        account_id=sheet.view.id,
        deceased_id=UUID(given["deceased"]),
        deed=given["deed"],
        from_day=given["from_day"],
        heirs=[Heir(customer(request, who), parts) for who, parts in given["heirs"]],
        whole=given["whole"],
    )


def _assumption_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    debtors = {row.span.customer_id: row.who for row in sheet.liabilities}
    initial = {"assumption_id": new_id(request.at)}
    return AssumptionForm(data, debtors=people(debtors), initial=initial)


def _assume(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    there = supply_queries.account_ref(number=given["to_number"])
    if there is None:
        raise OtherAccountUnknown()
    supply.sign_assumption(
        **by(request),
        id=given["assumption_id"],
        from_account_id=sheet.view.id,
        from_customer_id=UUID(given["debtor"]),
        to_account_id=there.id,
        to_customer_id=customer(request, given["who"]),
        amount=given["amount"],
        document=given["document"],
        signed_on=given["signed_on"],
    )


def _withdraw_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    standing = [
        (str(row.paper.id), f"{row.paper.document} · {row.paper.amount.dinars()}")
        for row in sheet.assumptions
        if row.outgoing
    ]
    initial = {"assumption": request.GET.get("assumption", "")}
    return WithdrawAssumptionForm(data, standing=standing, initial=initial)


def _withdraw(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.withdraw_assumption(**by(request), id=UUID(given["assumption"]), reason=given["reason"])


DEBTS: Mapping[str, Act] = {
    "estate": Act(
        _("Open the estate"), plain(EstateForm), _open_estate,
        _("The estate is liable from the day of death."), "liability", fits=_died,
        note=_("The death of the liable customer is on record. From that day on the estate"
                          " is liable, until the heirs divide it."),
    ),
    "heirs": Act(
        _("Record the heirs"), _heirs_form, _record_heirs,
        _("The heirs are on record."), "liability",
        fits=lambda sheet: bool(_estates(sheet)),
    ),
    "assumption": Act(
        _("Record an assumption of debt"), _assumption_form, _assume,
        _("The signed assumption is on record."), "assumptions", roles=HEADS,
        note=_("A debt moves to somebody else only by a paper that he has signed."),
    ),
    "no-assumption": Act(
        _("Take an assumption back"), _withdraw_form, _withdraw,
        _("The assumption is taken back."), "assumptions", roles=HEADS,
        fits=lambda sheet: any(row.outgoing for row in sheet.assumptions),
    ),
}  # fmt: skip

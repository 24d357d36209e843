"""Deposits taken at the counter, refunds that two people pay, and demands taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits.values import DepositState
from tahseel.channels.accounts.acts.act import HEADS, Act, Data, by, name, people
from tahseel.channels.accounts.forms import DepositForm, NoDemandForm, RefundForm, SettleForm
from tahseel.channels.accounts.forms.securing import CASH
from tahseel.channels.accounts.values import Sheet
from tahseel.channels.pages import formats
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.registry.customers.values import CustomerView
from tahseel.trust.access.guards import GuardedRequest


def _holders(sheet: Sheet) -> dict[UUID | None, CustomerView | None]:
    return {row.span.customer_id: row.who for row in sheet.liabilities if row.now and row.who}


def _deposit_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    missing = sheet.demand.wanted - sheet.cover if sheet.demand else sheet.wanted - sheet.cover
    initial = {
        "deposit_id": new_id(request.at),
        "tender": CASH,
        "amount": missing.dinars() if missing.fils > 0 else "",
    }
    return DepositForm(data, holders=people(_holders(sheet)), initial=initial)


def _take(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    form: DepositForm = given["form"]
    deposits.take(
        **by(request),
        deposit=form.new_deposit(
            account_id=sheet.view.id,
            customer_id=UUID(given["holder"]),
            taken_on=local_day(request.at),
        ),
    )


def _left(sheet: Sheet) -> dict[UUID | None, CustomerView | None]:
    """Who has a deposit here and is no longer liable: nobody has settled it yet."""
    staying = {
        row.span.customer_id
        for row in sheet.liabilities
        if row.span.until_day is None or sheet.day < row.span.until_day
    }
    return {
        row.deposit.customer_id: row.who
        for row in sheet.deposits
        if row.deposit.state is DepositState.HELD and row.deposit.customer_id not in staying
    }


def _settle_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    return SettleForm(data, holders=people(_left(sheet)))


def _settle(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> str:
    done = deposits.settle(
        **by(request),
        account_id=sheet.view.id,
        customer_id=UUID(given["holder"]),
        on_day=local_day(request.at),
    )
    told = _(
        "The deposit is settled. Met by the deposit: %(netted)s. To be paid back: %(refund)s."
        " Still owed: %(left)s."
    )
    return str(told) % {
        "netted": formats.money(done.netted),
        "refund": formats.money(done.refund),
        "left": formats.money(done.left),
    }


def _refund_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    due = [
        (str(row.deposit.id), f"{row.deposit.refund.dinars()} · {name(row.who)}")
        for row in sheet.deposits
        if row.deposit.state is DepositState.REFUND_DUE and row.asked is None
    ]
    initial = {"approval_id": new_id(request.at), "deposit": request.GET.get("deposit", "")}
    return RefundForm(data, due=due, initial=initial)


def _refund(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    deposits.propose_refund(
        **by(request),
        approval_id=given["approval_id"],
        account_id=sheet.view.id,
        deposit_id=UUID(given["deposit"]),
        iban=given["iban"],
        reason=given["reason"],
    )


def _withdraw(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    assert sheet.demand is not None
    deposits.withdraw_demand(
        **by(request),
        account_id=sheet.view.id,
        demand_id=sheet.demand.id,
        on_day=local_day(request.at),
        reason=given["reason"],
    )


SECURING: Mapping[str, Act] = {
    "deposit": Act(
        _("Take a deposit"), _deposit_form, _take, _("The deposit is taken."), "deposits",
        fits=lambda sheet: bool(_holders(sheet)),
    ),
    "refund": Act(
        _("Ask for a refund"), _refund_form, _refund,
        _("Asked for. It is paid once somebody else has agreed."), "deposits", closed_too=True,
        fits=lambda sheet: any(
            row.deposit.state is DepositState.REFUND_DUE and row.asked is None
            for row in sheet.deposits
        ),
    ),
    "settle": Act(
        _("Settle the deposit of who has left"), _settle_form, _settle,
        _("The deposit is settled."), "deposits", closed_too=True,
        fits=lambda sheet: bool(_left(sheet)),
        note=_("Once his last days are billed: his deposit meets what he owes, and the rest of it"
               " is owed back to him."),
    ),
    "no-demand": Act(
        _("Take the demand back"), lambda request, sheet, data: NoDemandForm(data), _withdraw,
        _("The demand is taken back."), "demand", roles=HEADS,
        fits=lambda sheet: sheet.demand is not None,
    ),
}  # fmt: skip

"""What the dead leave, and debts that somebody else has signed for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from tahseel.books.claims import queries as claims
from tahseel.books.claims.values import Claim
from tahseel.books.transfers import operations as transfers
from tahseel.books.transfers import rules as transfer_rules
from tahseel.channels.accounts.acts.act import HEADS, Act, Data, by, customer, name, people, plain
from tahseel.channels.accounts.forms import (
    AssumptionForm,
    EstateForm,
    HeirsForm,
    MoveDebtForm,
    ReturnDebtForm,
    WithdrawAssumptionForm,
)
from tahseel.channels.accounts.values import AssumptionRow, Sheet
from tahseel.channels.pages import formats
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.text import isolate
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Capacity, Heir, PastAct, PastKind
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
        if row.outgoing and row.paper.in_force
    ]
    initial = {"assumption": request.GET.get("assumption", "")}
    return WithdrawAssumptionForm(data, standing=standing, initial=initial)


def _withdraw(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.withdraw_assumption(**by(request), id=UUID(given["assumption"]), reason=given["reason"])


def _paper_named(row: AssumptionRow) -> str:
    number, sum_ = (
        isolate(text, left_to_right=True)
        for text in (row.paper.document, row.paper.amount.dinars())
    )
    arrow = formats.by_language(ar="←", en="→")
    return f"{number} · {name(row.debtor)} {arrow} {name(row.taker)} · {sum_}"


def _claim_named(claim: Claim) -> str:
    number, sum_ = (
        isolate(text, left_to_right=True) for text in (claim.reference, claim.payable.dinars())
    )
    return f"{number} · {formats.day_text(claim.due_date)} · {sum_}"


def _payable(sheet: Sheet) -> list[Claim]:
    """What may move: open, undisputed, of a debtor for whom somebody has signed."""
    return [claim for claim in claims.open_claims(sheet.view.id) if claim.payable]


def _move_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    papers = [(str(row.paper.id), _paper_named(row)) for row in sheet.assumptions if row.may_move]
    owed = [(str(claim.id), _claim_named(claim)) for claim in _payable(sheet)]
    initial = {"approval_id": new_id(request.at), "claims": [key for key, _said in owed]}
    return MoveDebtForm(data, papers=papers, owed=owed, initial=initial)


def _move(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    paper = next(row.paper for row in sheet.assumptions if str(row.paper.id) == given["assumption"])
    chosen = {UUID(text) for text in given["claims"]}
    parts = transfer_rules.reaching(
        claims_chosen=[claim for claim in _payable(sheet) if claim.id in chosen],
        up_to=paper.amount,
    )
    transfers.propose_move(
        **by(request),
        approval_id=given["approval_id"],
        assumption_id=paper.id,
        parts=parts,
        reason=given["reason"],
    )


def _return_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    standing = [
        (str(row.transfer.id), f"{row.transfer.reference} · {row.transfer.amount.dinars()}")
        for row in sheet.assumptions
        if row.transfer is not None and row.may_return
    ]
    initial = {"approval_id": new_id(request.at)}
    return ReturnDebtForm(data, standing=standing, initial=initial)


def _return(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    transfers.propose_return(
        **by(request),
        approval_id=given["approval_id"],
        transfer_id=UUID(given["transfer"]),
        reason=given["reason"],
    )


DEBTS: Mapping[str, Act] = {
    "estate": Act(
        _("Open the estate"), plain(EstateForm), _open_estate,
        _("The estate is liable from the day of death."), "liability", fits=_died,
        past=lambda request, sheet, given: PastAct(
            PastKind.ESTATE, {"account_id": sheet.view.id}
        ),
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
        _("The signed assumption is on record."), "assumptions", roles=HEADS, closed_too=True,
        note=_("A debt moves to somebody else only by a paper that he has signed."),
    ),
    "no-assumption": Act(
        _("Take an assumption back"), _withdraw_form, _withdraw,
        _("The assumption is taken back."), "assumptions", roles=HEADS,
        fits=lambda sheet: any(row.may_move for row in sheet.assumptions), closed_too=True,
    ),
    "move-debt": Act(
        _("Move the debt"), _move_form, _move,
        _("Asked for. A second person decides."), "assumptions", closed_too=True,
        fits=lambda sheet: any(row.may_move for row in sheet.assumptions),
        note=_("What is open and undisputed of the claims goes to the new debtor's account, the"
               " oldest due first, up to the sum that he signed for. What is disputed stays, and"
               " no notice of the old debtor holds the new one."),
    ),
    "return-debt": Act(
        _("Give a moved debt back"), _return_form, _return,
        _("Asked for. A second person decides."), "assumptions", closed_too=True,
        fits=lambda sheet: any(row.may_return for row in sheet.assumptions),
        note=_("The new claims fall away and the old ones are owed again as they were, with their"
               " notices. It is refused once something of the new claims was paid or disputed."),
    ),
}  # fmt: skip

"""Signed papers by which debts move, with what became of each: on both accounts' pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from tahseel.books.transfers import queries as transfers
from tahseel.books.transfers.values import Transfer
from tahseel.channels.accounts.values import AssumptionRow
from tahseel.channels.pages.values import Pill
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AssumptionView


def rows(
    papers: Sequence[AssumptionView],
    account_id: UUID,
    people: Mapping[UUID, CustomerView],
    *,
    at: datetime,
) -> tuple[AssumptionRow, ...]:
    """The papers that stand from or to an account."""
    if not papers:
        return ()
    others = {one.to_account_id for one in papers} | {one.from_account_id for one in papers}
    numbers = {ref.id: ref.number for ref in supply.accounts(account_ids=others).values()}
    moved = {one.id: one for one in transfers.of_account(account_id)}
    asked = {one.assumption_id: one.approval_id for one in transfers.waiting(as_of=at)}
    found = []
    for paper in papers:
        outgoing = paper.from_account_id == account_id
        other = paper.to_account_id if outgoing else paper.from_account_id
        transfer = moved.get(paper.moved_by) if paper.moved_by else None
        waits = asked.get(paper.id)
        found.append(
            AssumptionRow(
                paper=paper,
                debtor=people.get(paper.from_customer_id),
                taker=people.get(paper.to_customer_id),
                other=numbers[other],
                outgoing=outgoing,
                pill=_state(transfer, waits),
                transfer=transfer,
                asked=waits,
            )
        )
    return tuple(found)


def _state(transfer: Transfer | None, waits: UUID | None) -> Pill:
    if waits is not None:
        return Pill(_("Waits for approval"), "warning")
    return Pill(_("Debt moved"), "good") if transfer else Pill(_("In force"))

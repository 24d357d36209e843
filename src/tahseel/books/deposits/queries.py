"""Reading deposits by account: what is held, what it covers, what is wanted, what a review needs.

Nothing here names a person; a page that shows one reads the customer with its purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.books.claims import queries as claims
from tahseel.books.claims.values import BILL
from tahseel.books.deposits import rules
from tahseel.books.deposits.values import (
    PAY_REFUND,
    Demand,
    DemandState,
    Deposit,
    DepositKind,
    DepositState,
    Proposal,
    ProposalKind,
    ProposalState,
)
from tahseel.kernel import bulk
from tahseel.kernel.money import ZERO, Money
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import Capacity, LiabilitySpan
from tahseel.trust.approvals import queries as approvals

Key = tuple[UUID, UUID]

_DEPOSIT = (
    "select account_id, id, customer_id, kind, amount, taken_on, tender, issuer, reference,"
    " expires_on, state, netted, refund, carried, ended_on, refunded_on, waits_since"
    " from deposits_deposit"
)
_PROPOSAL = (
    "select account_id, id, customer_id, kind, reviewed_on, held, wanted, monthly, months, state,"
    " decided_at, decided_by, reason from deposits_proposal"
)
_DEMAND = (
    "select account_id, id, customer_id, kind, wanted, amount, demanded_on, due_on, notice_id,"
    " state, ended_on, reason from deposits_demand"
)
_ORDER = " order by account_id, taken_on, id"
DAYS_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """What a review must know of one tenancy.

    due: its anniversary falls in the month. ending: a guarantee ends soon. billed, months: the
    bills of its tenant in the window. floor: what was asked for at move-in.
    """

    account_id: UUID
    customer_id: UUID
    due: bool
    ending: bool
    cover: Money
    floor: Money
    billed: Money
    months: int


def deposit(*, account_id: UUID, deposit_id: UUID) -> Deposit | None:
    """One deposit, or None."""
    found = _deposits(f"{_DEPOSIT} where account_id = %s and id = %s", account_id, deposit_id)
    return found[0] if found else None


def deposits(*, account_ids: Collection[UUID]) -> dict[UUID, list[Deposit]]:
    """Every deposit of each account, the oldest first."""
    found: dict[UUID, list[Deposit]] = defaultdict(list)
    ids = bulk.uuid_array(account_ids)
    for one in _deposits(f"{_DEPOSIT} where account_id = any(%s::uuid[]){_ORDER}", ids):
        found[one.account_id].append(one)
    return dict(found)


def held_for_update(*, account_id: UUID, customer_id: UUID) -> list[Deposit]:
    """A customer's deposits that are held on an account, the oldest first, locked."""
    return _deposits(
        f"{_DEPOSIT} where account_id = %s and customer_id = %s and state = 'held'"
        " order by taken_on, id for update",
        account_id,
        customer_id,
    )


def cover(*, account_ids: Collection[UUID], day: date) -> dict[UUID, Money]:
    """What secures each account on a day: money held, and guarantees that have not expired."""
    found = deposits(account_ids=account_ids)
    return {account: _covering(found.get(account, ()), day) for account in account_ids}


def refunds_due() -> list[Deposit]:
    """Deposits of which something is owed back, the longest waiting first."""
    return _deposits(f"{_DEPOSIT} where state = 'refund_due' order by ended_on, account_id, id")


def left_behind(*, day: date) -> list[Deposit]:
    """Held of somebody who is no longer liable on the account, nor will be; the oldest first.

    What waits for a held bill is netted with its release and is nobody's work.

    A title that a registry tells ends an owner's liability without a final read: his last days are
    billed with the month, and then somebody has to settle what he left.
    """
    found = _deposits(
        f"{_DEPOSIT} where state = 'held' and customer_id is not null and waits_since is null"
    )
    payers = supply.payers(account_ids={one.account_id for one in found}, day=day)
    apart = [one for one in found if payers.get(one.account_id) != one.customer_id]
    chains = supply.liabilities(account_ids={one.account_id for one in apart})
    staying = {
        (account_id, span.customer_id)
        for account_id, spans in chains.items()
        for span in spans
        if span.until_day is None or day < span.until_day
    }
    left = [one for one in apart if (one.account_id, one.customer_id) not in staying]
    return sorted(left, key=lambda one: (one.taken_on, one.account_id, one.id))


def waiting(*, account_id: UUID) -> list[UUID]:
    """The customers whose deposits on an account wait for a bill that is held back."""
    found = _deposits(
        f"{_DEPOSIT} where account_id = %s and state = 'held' and waits_since is not null",
        account_id,
    )
    return sorted({one.customer_id for one in found if one.customer_id is not None})


def accounts_waiting() -> list[UUID]:
    """The accounts on which a deposit waits for a bill that is held back."""
    found = _deposits(f"{_DEPOSIT} where state = 'held' and waits_since is not null")
    return sorted({one.account_id for one in found})


def refunds_waiting(*, as_of: datetime) -> dict[UUID, UUID]:
    """The deposits whose refund somebody has asked for, each with the approval that waits."""
    waiting = approvals.waiting(as_of=as_of, operation=PAY_REFUND)
    return {UUID(str(view.payload["deposit"])): view.id for view in waiting}


def digests(keys: Sequence[Key]) -> dict[Key, bytes]:
    """The input hash of each known deposit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, id, input_hash from deposits_deposit where (account_id, id) in"
            " (select * from unnest(%s::uuid[], %s::uuid[]))",
            [bulk.uuid_array(key[0] for key in keys), bulk.uuid_array(key[1] for key in keys)],
        )
        return {(row[0], row[1]): bytes(row[2]) for row in cursor.fetchall()}


def wanted_at_move_in(*, account_id: UUID, customer_id: UUID, capacity: Capacity) -> Money:
    """What the country asks of this customer for this place; nothing for an unknown account."""
    ref = supply.accounts(account_ids=[account_id]).get(account_id)
    if ref is None:
        return ZERO
    unit = premises.kinds(unit_ids=[ref.unit_id])[ref.unit_id]
    customer = customers.kinds(customer_ids=[customer_id]).get(customer_id)
    if customer is None:
        return ZERO
    return rules.wanted_at_move_in(capacity=capacity, unit=unit, customer=customer)


def tenants_deposit(*, account_id: UUID) -> Money:
    """What a person who moves in here as a tenant will be asked for."""
    return wanted_of(account_id=account_id, capacity=Capacity.TENANT)


def wanted_of(*, account_id: UUID, capacity: Capacity) -> Money:
    """What a person will be asked for here in a capacity, before it is known who it is."""
    ref = supply.accounts(account_ids=[account_id]).get(account_id)
    if ref is None:
        return ZERO
    unit = premises.kinds(unit_ids=[ref.unit_id])[ref.unit_id]
    return rules.wanted_at_move_in(capacity=capacity, unit=unit, customer=CustomerKind.RESIDENT)


def proposal(*, account_id: UUID, proposal_id: UUID) -> Proposal | None:
    """One proposal, or None."""
    found = _proposals(f"{_PROPOSAL} where account_id = %s and id = %s", account_id, proposal_id)
    return found[0] if found else None


def open_proposals(*, account_ids: Collection[UUID] | None = None) -> list[Proposal]:
    """Open proposals of the accounts, or of all, the oldest first."""
    if account_ids is None:
        return _proposals(f"{_PROPOSAL} where state = 'open' order by reviewed_on, account_id")
    return _proposals(
        f"{_PROPOSAL} where state = 'open' and account_id = any(%s::uuid[]) order by reviewed_on",
        bulk.uuid_array(account_ids),
    )


def lasting_cover(*, account_id: UUID, day: date) -> Money:
    """What secures an account on a day and goes on to: guarantees that end soon do not count."""
    found = deposits(account_ids=[account_id]).get(account_id, [])
    return Money(sum(one.amount.fils for one in found if rules.lasts(one, day)))


def demand(*, account_id: UUID, demand_id: UUID) -> Demand | None:
    """One demand, or None."""
    found = _demands(f"{_DEMAND} where account_id = %s and id = %s", account_id, demand_id)
    return found[0] if found else None


def open_demands(*, account_ids: Collection[UUID] | None = None) -> list[Demand]:
    """What is demanded now of the accounts, or of all, the earliest due first."""
    if account_ids is None:
        return _demands(f"{_DEMAND} where state = 'open' order by due_on, account_id")
    return _demands(
        f"{_DEMAND} where state = 'open' and account_id = any(%s::uuid[]) order by due_on",
        bulk.uuid_array(account_ids),
    )


def cases_for_review(*, day: date) -> list[ReviewCase]:
    """Tenancies with their anniversary in the month of `day`, and those whose guarantee ends soon.

    A handful of set-based reads, whatever their number.
    """
    ending = _ending(day)
    spans = {
        span.account_id: span
        for span in supply.liable_as(capacity=Capacity.TENANT, day=day)
        if _anniversary(span, day) or span.account_id in ending
    }
    covers = cover(account_ids=spans, day=day)
    floors = _floors(spans)
    window = day - timedelta(days=DAYS_A_YEAR * rules.policy().window_months // 12)
    billed = claims.billed(account_ids=spans, kind=BILL, since=window, until=day)
    cases = []
    for account_id, span in sorted(spans.items()):
        assert span.customer_id is not None
        fils, months = billed.get((account_id, span.customer_id), (0, 0))
        cases.append(
            ReviewCase(
                account_id=account_id,
                customer_id=span.customer_id,
                due=_anniversary(span, day),
                ending=account_id in ending,
                cover=covers[account_id],
                floor=floors.get(account_id, ZERO),
                billed=Money(fils),
                months=months,
            )
        )
    return cases


def _anniversary(span: LiabilitySpan, day: date) -> bool:
    return span.from_day.month == day.month and span.from_day.year < day.year


def _ending(day: date) -> set[UUID]:
    """Accounts with a guarantee that ends within the days of a renewal, or has ended."""
    last = day + timedelta(days=rules.policy().renew_days)
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct account_id from deposits_deposit"
            " where state = 'held' and expires_on <= %s",
            [last],
        )
        return {row[0] for row in cursor.fetchall()}


def _floors(spans: Mapping[UUID, LiabilitySpan]) -> dict[UUID, Money]:
    refs = supply.accounts(account_ids=spans)
    units = premises.kinds(unit_ids={ref.unit_id for ref in refs.values()})
    whose = {span.customer_id for span in spans.values() if span.customer_id}
    kinds = customers.kinds(customer_ids=whose)
    return {
        account_id: rules.wanted_at_move_in(
            capacity=span.capacity,
            unit=units[refs[account_id].unit_id],
            customer=kinds[span.customer_id],
        )
        for account_id, span in spans.items()
        if span.customer_id in kinds
    }


def _covering(found: Sequence[Deposit], day: date) -> Money:
    return Money(sum(one.amount.fils for one in found if one.covers(day)))


def _deposits(sql: str, *values: str | UUID) -> list[Deposit]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return [_deposit(row) for row in cursor.fetchall()]


def _deposit(row: tuple[Any, ...]) -> Deposit:
    return Deposit(
        account_id=row[0],
        id=row[1],
        customer_id=row[2],
        kind=DepositKind(row[3]),
        amount=Money(row[4]),
        taken_on=row[5],
        tender=row[6],
        issuer=row[7],
        reference=row[8],
        expires_on=row[9],
        state=DepositState(row[10]),
        netted=Money(row[11]),
        refund=Money(row[12]),
        carried=Money(row[13]),
        ended_on=row[14],
        refunded_on=row[15],
        waits_since=row[16],
    )


def _proposals(sql: str, *values: str | UUID) -> list[Proposal]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return [
            Proposal(
                account_id=row[0],
                id=row[1],
                customer_id=row[2],
                kind=ProposalKind(row[3]),
                reviewed_on=row[4],
                held=Money(row[5]),
                wanted=Money(row[6]),
                monthly=Money(row[7]),
                months=row[8],
                state=ProposalState(row[9]),
                decided_at=row[10],
                decided_by=row[11],
                reason=row[12],
            )
            for row in cursor.fetchall()
        ]


def _demands(sql: str, *values: str | UUID) -> list[Demand]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return [
            Demand(
                account_id=row[0],
                id=row[1],
                customer_id=row[2],
                kind=ProposalKind(row[3]),
                wanted=Money(row[4]),
                amount=Money(row[5]),
                demanded_on=row[6],
                due_on=row[7],
                notice_id=row[8],
                state=DemandState(row[9]),
                ended_on=row[10],
                reason=row[11],
            )
            for row in cursor.fetchall()
        ]

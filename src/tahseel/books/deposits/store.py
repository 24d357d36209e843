"""The SQL of deposits' rows and of proposals. What was deposited never changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.books.deposits import rules
from tahseel.books.deposits.values import (
    Demand,
    DemandState,
    Deposit,
    DepositState,
    NewDeposit,
    Proposal,
    ProposalState,
)
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.money import ZERO, Money

_DEPOSIT = {
    "account_id": "uuid", "id": "uuid", "customer_id": "uuid", "kind": "text", "amount": "int8",
    "taken_on": "date", "tender": "text", "issuer": "text", "reference": "text",
    "expires_on": "date", "state": "text", "input_hash": "bytea", "recorded_at": "timestamptz",
    "actor": "text",
}  # fmt: skip
_PROPOSAL = {
    "account_id": "uuid", "id": "uuid", "customer_id": "uuid", "kind": "text",
    "reviewed_on": "date", "held": "int8", "wanted": "int8", "monthly": "int8", "months": "int4",
    "state": "text", "recorded_at": "timestamptz",
}  # fmt: skip
_DEMAND = {
    "account_id": "uuid", "id": "uuid", "customer_id": "uuid", "kind": "text", "wanted": "int8",
    "amount": "int8", "demanded_on": "date", "due_on": "date", "notice_id": "uuid",
    "state": "text", "recorded_at": "timestamptz", "actor": "text",
}  # fmt: skip


def insert(deposits: Sequence[NewDeposit], *, actor: Actor, at: datetime) -> None:
    """New deposits, held from now on."""
    rows = [
        (
            one.account_id,
            one.id,
            one.customer_id,
            str(one.kind),
            one.amount.fils,
            one.taken_on,
            one.tender,
            one.issuer,
            one.reference,
            one.expires_on,
            str(DepositState.HELD),
            rules.digest(one),
            at,
            actor.id,
        )
        for one in deposits
    ]
    bulk.append_rows(table="deposits_deposit", columns=_DEPOSIT, rows=rows)


_INSERT_LINES = """
with inserted as (
  insert into deposits_deposit (account_id, id, customer_id, kind, amount, taken_on, tender, issuer,
    reference, state, input_hash, recorded_at, actor)
  select l.account_id, l.id, l.customer_id, l.kind, l.amount, l.taken_on, '', '', l.reference,
    %(held)s, {digest}, %(at)s, %(actor)s
  from ({lines}) as l
  returning amount
)
select count(*), coalesce(sum(amount), 0)::bigint from inserted
"""


def insert_lines(deposits: bulk.Lines, *, actor: Actor, at: datetime) -> tuple[int, int]:
    """The same for rows that the database makes; how many, and their fils."""
    statement = _INSERT_LINES.format(lines=deposits.statement, digest=rules.digest_in_sql("l"))
    values: dict[str, bulk.Value] = {"held": str(DepositState.HELD), "at": at, "actor": actor.id}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**deposits.values, **values})
        count, fils = cursor.fetchone() or (0, 0)
    return int(count), int(fils)


def ended(
    deposit: Deposit,
    *,
    state: DepositState,
    netted: Money,
    refund: Money,
    on: date,
    carried: Money = ZERO,
) -> None:
    """What became of a deposit on a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update deposits_deposit set state = %s, netted = %s, refund = %s, carried = %s,"
            " ended_on = %s where account_id = %s and id = %s",
            [
                str(state),
                netted.fils,
                refund.fils,
                carried.fils,
                on,
                deposit.account_id,
                deposit.id,
            ],
        )


def refunded(deposit: Deposit, *, on: date, iban: bytes) -> None:
    """The refund due went out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update deposits_deposit set state = %s, refunded_on = %s, iban_cipher = %s"
            " where account_id = %s and id = %s",
            [str(DepositState.REFUNDED), on, iban, deposit.account_id, deposit.id],
        )


def propose(proposals: Sequence[Proposal], *, at: datetime) -> None:
    """New proposals, open."""
    rows = [
        (
            one.account_id,
            one.id,
            one.customer_id,
            str(one.kind),
            one.reviewed_on,
            one.held.fils,
            one.wanted.fils,
            one.monthly.fils,
            one.months,
            str(ProposalState.OPEN),
            at,
        )
        for one in proposals
    ]
    bulk.append_rows(table="deposits_proposal", columns=_PROPOSAL, rows=rows)


def overtake(*, account_ids: Collection[UUID], at: datetime, by: str) -> None:
    """Close what is still open of the accounts: something newer has made it pointless."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update deposits_proposal set state = %s, decided_at = %s, decided_by = %s"
            " where state = 'open' and account_id = any(%s::uuid[])",
            [str(ProposalState.OVERTAKEN), at, by, bulk.uuid_array(account_ids)],
        )


def decided(
    proposal: Proposal, *, state: ProposalState, at: datetime, by: str, reason: str
) -> None:
    """Somebody's decision."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update deposits_proposal set state = %s, decided_at = %s, decided_by = %s,"
            " reason = %s where account_id = %s and id = %s",
            [str(state), at, by, reason, proposal.account_id, proposal.id],
        )


def demand(found: Demand, *, actor: Actor, at: datetime) -> None:
    """A new demand, open."""
    row = (
        found.account_id,
        found.id,
        found.customer_id,
        str(found.kind),
        found.wanted.fils,
        found.amount.fils,
        found.demanded_on,
        found.due_on,
        found.notice_id,
        str(DemandState.OPEN),
        at,
        actor.id,
    )
    bulk.append_rows(table="deposits_demand", columns=_DEMAND, rows=[row])


def end_demands(*, account_id: UUID, state: DemandState, on: date, reason: str = "") -> None:
    """What became of the open demand of an account, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update deposits_demand set state = %s, ended_on = greatest(%s, demanded_on),"
            " reason = %s where state = 'open' and account_id = %s",
            [str(state), on, reason, account_id],
        )


def waits(*, account_id: UUID, customer_id: UUID, since: datetime | None) -> int:
    """Let a customer's deposits on an account wait, or wait no more; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update deposits_deposit set waits_since = %s"
            " where account_id = %s and customer_id = %s and state = 'held'",
            [since, account_id, customer_id],
        )
        return int(cursor.rowcount)

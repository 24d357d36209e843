"""Charges and credits of accounts and bills, what waits, and what is asked for. Names nobody."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.books.transfers import queries as transfers
from tahseel.charging.charges import rules
from tahseel.charging.charges.values import (
    POST,
    REVERSE,
    Asked,
    Charge,
    ChargeState,
    PaidOver,
    PartyLine,
    Sign,
)
from tahseel.kernel import bulk
from tahseel.kernel.money import Money
from tahseel.trust.approvals import queries as approvals
from tahseel.trust.approvals.values import ApprovalView

ROWS_MAX = 1_000
_SELECT = (
    "select account_id, id, reference, kind, sign, cause, amount, evidence, customer_id, state,"
    " asked_by, agreed_by, agreed_at, posted_on, due_on, bill_id, met, reversed_at, reason"
    " from charges_charge"
)


def of_account(account_id: UUID) -> list[Charge]:
    """All of an account, the newest first."""
    return _charges("where account_id = %s order by agreed_at desc, id desc", account_id)


def of_bill(*, account_id: UUID, bill_id: UUID) -> list[Charge]:
    """What a bill carried beside what was used, also what was taken back since."""
    return _charges("where account_id = %s and bill_id = %s order by id", account_id, bill_id)


def of_bills(*, account_ids: Collection[UUID], bill_ids: Collection[UUID]) -> list[Charge]:
    """What many bills carried, also what was taken back since."""
    return _charges(
        "where account_id = any(%s::uuid[]) and bill_id = any(%s::uuid[]) order by id",
        bulk.uuid_array(account_ids),
        bulk.uuid_array(bill_ids),
    )


def by_id(*, account_id: UUID, charge_id: UUID) -> Charge | None:
    found = _charges("where account_id = %s and id = %s", account_id, charge_id)
    return found[0] if found else None


def standing(*, account_id: UUID, kind: str, cause: str) -> Charge | None:
    """The one of a kind for a cause that has not been taken back."""
    found = _charges(
        "where account_id = %s and kind = %s and cause = %s and state <> 'reversed'",
        account_id,
        kind,
        cause,
    )
    return found[0] if found else None


def waiting(account_ids: Collection[UUID]) -> list[Charge]:
    """What waits for the next bill of these accounts, charges before credits."""
    return _charges(
        "where state = 'waiting' and account_id = any(%s::uuid[])"
        " order by account_id, sign, agreed_at, id",
        bulk.uuid_array(account_ids),
    )


def waiting_accounts(account_ids: Collection[UUID]) -> set[UUID]:
    """Those of the accounts for which something waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id from charges_charge"
            " where state = 'waiting' and account_id = any(%s::uuid[])",
            [bulk.uuid_array(account_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def waiting_since(*, until: datetime) -> list[Charge]:
    """What was agreed to before an instant and no bill has carried since, the oldest first."""
    return _charges(
        "where state = 'waiting' and agreed_at < %s order by agreed_at, id limit %s",
        until,
        ROWS_MAX,
    )


def newest(*, state: ChargeState | None = None) -> list[Charge]:
    """Of all accounts, the newest first, at most ROWS_MAX."""
    return _charges(
        "where %s::text is null or state = %s order by agreed_at desc, id desc limit %s",
        state and str(state),
        state and str(state),
        ROWS_MAX,
    )


def asked(*, as_of: datetime) -> list[Asked]:
    """What somebody asked for and nobody has decided, the oldest first."""
    new = [_asked(view, None) for view in approvals.waiting(as_of=as_of, operation=POST)]
    back = [
        _asked(view, UUID(str(view.payload["charge"])))
        for view in approvals.waiting(as_of=as_of, operation=REVERSE)
    ]
    return sorted([*new, *back], key=lambda one: (one.asked_at, one.approval_id))


def statement(*, party: str) -> list[PartyLine]:
    """Every posted charge of a party, the oldest first: what was collected and paid over of it.

    Of one that was taken back nothing is collected any more.
    """
    kinds = [one.code for one in rules.catalogue().kinds.values() if one.party == party]
    found = _charges(
        "where kind = any(%s::text[]) and posted_on is not null order by posted_on, reference",
        kinds,
    )
    met = transfers.paid([(one.account_id, one.id) for one in found])
    with connection.cursor() as cursor:
        cursor.execute(
            "select charge_id, sum(amount)::bigint from charges_paid_over where party = %s"
            " group by charge_id",
            [party],
        )
        paid = dict(cursor.fetchall())
    return [PartyLine(one, _collected(one, met), Money(paid.get(one.id, 0))) for one in found]


def _collected(charge: Charge, met: Mapping[tuple[UUID, UUID], Money]) -> Money:
    if charge.state is not ChargeState.POSTED:
        return Money(0)
    return met.get((charge.account_id, charge.id), Money(0))


def paid_over(*, party: str) -> list[PaidOver]:
    """The transfers to a party, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, party, sum(amount)::bigint, count(*), reference, paid_on"
            " from charges_paid_over where party = %s group by id, party, reference, paid_on"
            " order by paid_on desc, id desc limit %s",
            [party, ROWS_MAX],
        )
        return [PaidOver(r[0], r[1], Money(r[2]), r[3], r[4], r[5]) for r in cursor.fetchall()]


def totals(*, from_day: date, until_day: date) -> list[tuple[str, Sign, int, Money]]:
    """Kind, sign, how many and how much of what was posted on some days and stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select kind, sign, count(*), sum(amount)::bigint from charges_charge"
            " where state = 'posted' and posted_on >= %s and posted_on < %s"
            " group by kind, sign order by kind",
            [from_day, until_day],
        )
        return [(row[0], Sign(row[1]), row[2], Money(row[3])) for row in cursor.fetchall()]


def _asked(view: ApprovalView, reverses: UUID | None) -> Asked:
    return Asked(
        approval_id=view.id,
        account_id=UUID(str(view.payload["account"])),
        kind=str(view.payload["kind"]),
        cause=str(view.payload["cause"]),
        amount=Money(int(view.payload["fils"])),
        reverses=reverses,
        asked_at=view.made_at,
        asked_by=view.maker_label,
    )


def _charges(where: str, *values: Any) -> list[Charge]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} {where}", list(values))
        return [_charge(row) for row in cursor.fetchall()]


def _charge(row: tuple[Any, ...]) -> Charge:
    account, own, reference, kind, sign, cause, fils, evidence, customer, state, *rest = row
    asked_by, agreed_by, agreed_at, posted_on, due_on, bill_id, met, reversed_at, reason = rest
    return Charge(
        account, own, reference, kind, Sign(str(sign)), cause, Money(fils), evidence, customer,
        ChargeState(str(state)), asked_by, agreed_by, agreed_at, posted_on, due_on, bill_id,
        None if met is None else Money(met), reversed_at, reason,
    )  # fmt: skip

"""Reading payments: of an account, of an intent, and what was collected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.books.payments import facilities, store
from tahseel.books.payments.values import (
    Case,
    CaseKind,
    Finality,
    Paid,
    PaymentIntent,
    Step,
    Tender,
)
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.money import Money
from tahseel.trust.audit import operations as audit

ROWS_MAX = 1_000
_PAID = (
    "id, account_id, customer_id, amount, unapplied, tender, channel, finality, business_date,"
    " posted_at, intent_id, reference"
)
_CASE = "select id, intent_id, kind, reported_fils, opened_at, closed_at from payments_case"


def payments_of(
    *, actor: Actor, at: datetime, purpose: Purpose, account_id: UUID, limit: int = 200
) -> list[Paid]:
    """An account's payments, the newest first. Leaves an audit leaf."""
    audit.record_read(
        actor=actor,
        purpose=purpose,
        subject=f"account:{account_id}",
        at=at,
        facts={"what": "payments"},
    )
    return _paid(
        "where account_id = %s order by business_date desc, posted_at desc, id limit %s",
        [account_id, min(limit, ROWS_MAX)],
    )


def payments_of_intent(intent_id: UUID) -> tuple[Paid, ...]:
    """What an intent became, one payment an account; empty before it is posted."""
    return tuple(_paid("where intent_id = %s order by account_id", [intent_id]))


def intent(intent_id: UUID) -> PaymentIntent | None:
    """One intent by its id, which only its payer knows; it holds no name."""
    return store.find_intent(intent_id=intent_id)


def intent_by_track(track_id: str) -> PaymentIntent | None:
    """One intent by the track id that its gateway knows it under."""
    return store.find_intent(track_id=track_id)


def timeline(intent_id: UUID) -> list[Step]:
    """What happened to an intent, in order: created, sent, notified, captured, posted ..."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select step, at, facts::text from payments_step where intent_id = %s"
            " order by position",
            [intent_id],
        )
        return [
            Step(row[0], row[1], tuple(sorted(orjson.loads(row[2]).items())))
            for row in cursor.fetchall()
        ]


def open_cases(*, limit: int = ROWS_MAX) -> list[Case]:
    """Payments that wait for a person, the longest waiting first."""
    return _cases("where closed_at is null order by opened_at, id limit %s", [limit])


def cases_of(intent_id: UUID) -> list[Case]:
    """Every case of one intent, closed ones too."""
    return _cases("where intent_id = %s order by opened_at, id", [intent_id])


def tender(*, code: str) -> Tender:
    """A means of payment of the country. Raises NotFound."""
    return facilities.tender(code)


def collected(*, from_day: date, until_day: date) -> int:
    """Fils received on the business days from `from_day` to before `until_day`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(amount), 0)::bigint from payments_payment"
            " where business_date >= %s and business_date < %s",
            [from_day, until_day],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def collected_by_channel(*, from_day: date, until_day: date) -> dict[str, int]:
    """The same by channel: online, counter, bank."""
    return _collected_by("channel", from_day, until_day)


def collected_by_tender(*, from_day: date, until_day: date) -> dict[str, int]:
    """The same by tender."""
    return _collected_by("tender", from_day, until_day)


def collected_by_day(*, from_day: date, until_day: date) -> dict[date, int]:
    """The same by business day; days without money are left out."""
    return _collected_by("business_date", from_day, until_day)


def collected_by_account(*, from_day: date, until_day: date) -> dict[UUID, int]:
    """The same by account; who knows the accounts' sectors adds them up by sector."""
    return _collected_by("account_id", from_day, until_day)


def _collected_by(column: str, from_day: date, until: date) -> dict[Any, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {column}, sum(amount)::bigint from payments_payment"  # noqa: S608
            f" where business_date >= %s and business_date < %s group by {column}"
            f" order by {column}",
            [from_day, until],
        )
        return {row[0]: int(row[1]) for row in cursor.fetchall()}


def _paid(where: str, values: Sequence[Any]) -> list[Paid]:
    with connection.cursor() as cursor:
        cursor.execute(f"select {_PAID} from payments_payment {where}", values)  # noqa: S608
        return [_one(row) for row in cursor.fetchall()]


def _one(row: tuple[Any, ...]) -> Paid:
    return Paid(
        id=row[0],
        account_id=row[1],
        customer_id=row[2],
        amount=Money(row[3]),
        unapplied=Money(row[4]),
        tender=row[5],
        channel=row[6],
        finality=Finality(row[7]),
        business_date=row[8],
        posted_at=row[9],
        intent_id=row[10],
        reference=row[11],
    )


def _cases(where: str, values: Sequence[Any]) -> list[Case]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_CASE} {where}", values)
        return [
            Case(r[0], r[1], CaseKind(r[2]), None if r[3] is None else Money(r[3]), r[4], r[5])
            for r in cursor.fetchall()
        ]

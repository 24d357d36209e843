"""The rows of intents, their steps, messages and cases: plain SQL, one statement a function.

Used by this slice's operations and queries alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from tahseel.books.payments.values import (
    CaseKind,
    IntentState,
    MessageKind,
    PaymentIntent,
    Share,
)
from tahseel.kernel import secrets
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money

MESSAGE_CONTEXT = "payments:message"
_COLUMNS = (
    "id, track_id, gateway, amount, state, created_at, expires_at, hold_reference, claimed,"
    " inquiries, posted_at, reference::text, inquired_at, notified_at, next_inquiry_at"
)


def insert_intent(intent: PaymentIntent, *, next_inquiry_at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into payments_intent (id, track_id, gateway, amount, state, hold_reference,"
            " created_at, expires_at, next_inquiry_at) values (%s,%s,%s,%s,%s,%s,%s,%s,%s)",
            [
                intent.id,
                intent.track_id,
                intent.gateway,
                intent.amount.fils,
                str(intent.state),
                intent.hold_reference,
                intent.created_at,
                intent.expires_at,
                next_inquiry_at,
            ],
        )
        cursor.executemany(
            "insert into payments_share (account_id, intent_id, customer_id, amount, claim_ids)"
            " values (%s, %s, %s, %s, %s)",
            [
                (s.account_id, intent.id, s.customer_id, s.amount.fils, list(s.claim_ids))
                for s in intent.shares
            ],
        )


def find_intent(
    *, track_id: str | None = None, intent_id: UUID | None = None, lock: bool = False
) -> PaymentIntent | None:
    """By track id or by id; `lock` holds the row until the transaction ends."""
    column, value = ("track_id", track_id) if track_id is not None else ("id", intent_id)
    ending = " for update" if lock else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {_COLUMNS} from payments_intent where {column} = %s{ending}",  # noqa: S608
            [value],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(
            "select account_id, customer_id, amount, claim_ids from payments_share"
            " where intent_id = %s order by account_id",
            [row[0]],
        )
        shares = tuple(Share(r[0], r[1], Money(r[2]), tuple(r[3])) for r in cursor.fetchall())
    return _intent(row, shares)


def update_intent(intent_id: UUID, **values: Any) -> None:
    """Set columns of one intent; names come from this slice, never from outside."""
    columns = ", ".join(f"{name} = %s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"update payments_intent set {columns} where id = %s",  # noqa: S608
            [*values.values(), intent_id],
        )


def due_intents(*, at: datetime, limit: int) -> list[tuple[UUID, str]]:
    """Id and track id of intents whose next inquiry is due, the longest waiting first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, track_id from payments_intent where next_inquiry_at <= %s"
            " order by next_inquiry_at limit %s",
            [at, limit],
        )
        return list(cursor.fetchall())


def add_step(intent_id: UUID, *, step: str, at: datetime, **facts: str | int | None) -> None:
    """Append to an intent's timeline; the caller holds the intent's row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into payments_step (intent_id, position, step, at, facts)"
            " select %s, coalesce(max(position), 0) + 1, %s, %s, %s::jsonb from payments_step"
            " where intent_id = %s",
            [intent_id, step, at, orjson.dumps(facts).decode(), intent_id],
        )


def keep_message(
    *, kind: MessageKind, track_id: str, intent_id: UUID | None, at: datetime, content: bytes
) -> bool:
    """Keep a message sealed; False when the very same one is kept already."""
    digest = hashlib.sha256(content).digest()
    named = derived_id(UUID(bytes=digest[:16]), kind, track_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into payments_message (id, intent_id, track_id, kind, at, digest, sealed)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            [
                named,
                intent_id,
                track_id,
                str(kind),
                at,
                digest,
                secrets.seal(content, context=MESSAGE_CONTEXT),
            ],
        )
        return int(cursor.rowcount) == 1


def open_case(*, intent_id: UUID, kind: CaseKind, at: datetime, reported: Money | None) -> bool:
    """One case of a kind for an intent; False when it was opened before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into payments_case (id, intent_id, kind, reported_fils, opened_at)"
            " values (%s, %s, %s, %s, %s) on conflict (intent_id, kind) do nothing",
            [
                derived_id(intent_id, "case", kind),
                intent_id,
                str(kind),
                None if reported is None else reported.fils,
                at,
            ],
        )
        return int(cursor.rowcount) == 1


def close_cases(*, intent_id: UUID, at: datetime) -> None:
    """Doubts end when the money is posted after all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update payments_case set closed_at = %s where intent_id = %s and closed_at is null",
            [at, intent_id],
        )


def _intent(row: tuple[Any, ...], shares: tuple[Share, ...]) -> PaymentIntent:
    reference: Mapping[str, str] = orjson.loads(row[11])
    return PaymentIntent(
        id=row[0],
        track_id=row[1],
        gateway=row[2],
        amount=Money(row[3]),
        state=IntentState(row[4]),
        shares=shares,
        created_at=row[5],
        expires_at=row[6],
        hold_reference=row[7],
        claimed=row[8],
        inquiries=row[9],
        posted_at=row[10],
        reference=tuple(sorted(reference.items())),
        inquired_at=row[12],
        notified_at=row[13],
        next_inquiry_at=row[14],
    )

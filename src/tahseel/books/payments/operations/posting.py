"""Posting: money received becomes ledger entries, met claims and payment rows, set by set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims.values import Applied, PaymentPart
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Entry
from tahseel.books.payments import events, facilities
from tahseel.books.payments.values import Paid, Received
from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.idempotency import input_hash
from tahseel.kernel.ids import derived_id, new_id
from tahseel.kernel.money import Money

SOURCE = "payment"
_COLUMNS = (
    "account_id, id, customer_id, intent_id, tender, channel, finality, amount, unapplied,"
    " business_date, received_at, posted_at, reference, input_hash"
)
_TYPES = (
    *("uuid", "uuid", "uuid", "uuid", "text", "text", "text", "int8", "int8"),
    *("date", "timestamptz", "timestamptz", "text", "bytea"),
)


class ReceivedDiffers(Refusal):
    """A payment's id came back with another amount, tender, day or reference."""

    code = "received_differs"
    text_ar = "الدفعة {payment} مسجلة سابقاً ببيانات مختلفة"
    text_en = "Payment {payment} was recorded before with other contents"
    http_status = 409


def post(
    *,
    actor: Actor,
    at: datetime,
    received: Sequence[Received],
    intent_id: UUID | None = None,
    history: bool = False,
) -> list[Paid]:
    """Post money in the order given; returns the payments that were new.

    Part of the caller's transaction. In a `history` each entry is recorded at the instant its
    money was received, and one event tells of the whole batch. What claims do not take becomes
    the account's unapplied credit. Raises ReceivedDiffers, NotFound (tender).
    """
    ledger.lock_accounts({one.account_id for one in received})
    fresh = _fresh(received)
    if not fresh:
        return []
    applied = claims.apply_many(
        actor=actor,
        at=at,
        payments=[
            PaymentPart(
                one.account_id,
                one.id,
                one.amount,
                one.claim_ids,
                one.received_at if history else None,
            )
            for one in fresh
        ],
    )
    paid = [_paid(*pair, at, intent_id, history) for pair in zip(fresh, applied, strict=True)]
    entries = [(entry, one.posted_at) for one in paid for entry in _entries(one)]
    ledger.post_many(
        actor=actor,
        at=at,
        entries=[entry for entry, _ in entries],
        recorded_at=[instant for _, instant in entries],
    )
    _keep_credit(paid, entries)
    _copy(paid, fresh)
    _announce(at, paid, applied, history)
    return paid


def _fresh(received: Sequence[Received]) -> list[Received]:
    """Those not recorded yet, each once. Raises ReceivedDiffers."""
    known = _stored(received)
    fresh: list[Received] = []
    for one in received:
        key, digest = (one.account_id, one.id), _digest(one)
        if key not in known:
            known[key] = digest
            fresh.append(one)
        elif known[key] != digest:
            raise ReceivedDiffers(payment=str(one.id))
    return fresh


def _stored(received: Sequence[Received]) -> dict[tuple[UUID, UUID], bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, id, input_hash from payments_payment"
            " where (account_id, id) in (select * from unnest(%s::uuid[], %s::uuid[]))",
            [[one.account_id for one in received], [one.id for one in received]],
        )
        return {(row[0], row[1]): bytes(row[2]) for row in cursor.fetchall()}


def _digest(one: Received) -> bytes:
    """What makes a payment the same one; when it was received and posted does not."""
    return input_hash(
        {
            "account": str(one.account_id),
            "customer": str(one.customer_id),
            "amount_fils": one.amount.fils,
            "tender": one.tender,
            "business_date": one.business_date.isoformat(),
            "reference": one.reference,
            "claims": [str(claim_id) for claim_id in one.claim_ids],
        }
    )


def _paid(
    one: Received, applied: Applied, at: datetime, intent_id: UUID | None, history: bool
) -> Paid:
    tender = facilities.tender(one.tender)
    return Paid(
        id=one.id,
        account_id=one.account_id,
        customer_id=one.customer_id,
        amount=one.amount,
        unapplied=applied.unapplied,
        tender=tender.code,
        channel=tender.channel,
        finality=tender.finality,
        business_date=one.business_date,
        posted_at=one.received_at if history else at,
        intent_id=intent_id,
        reference=one.reference,
    )


def _entries(one: Paid) -> list[Entry]:
    """One entry for what claims took, one for the rest; ids follow from the payment's."""
    debit = facilities.tender(one.tender).debit
    halves = ((RECEIVABLE, one.amount - one.unapplied), (CREDIT, one.unapplied))
    return [
        Entry(
            id=derived_id(one.id, "entry", credit),
            account_id=one.account_id,
            debit=debit,
            credit=credit,
            amount=amount,
            business_date=one.business_date,
            source=SOURCE,
            source_id=one.id,
        )
        for credit, amount in halves
        if amount
    ]


def _keep_credit(paid: Sequence[Paid], entries: Sequence[tuple[Entry, datetime]]) -> None:
    """What no claim took is his who paid it."""
    owners = {one.id: one.customer_id for one in paid}
    moves = [(entry, instant) for entry, instant in entries if entry.credit == CREDIT]
    by_instant: dict[datetime, list[tuple[Entry, UUID]]] = {}
    for entry, instant in moves:
        by_instant.setdefault(instant, []).append((entry, owners[entry.source_id]))
    for instant, kept in by_instant.items():
        claims.keep_credit(at=instant, moves=kept)


def _copy(paid: Iterable[Paid], received: Iterable[Received]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy payments_payment ({_COLUMNS}) from stdin (format binary)") as copy,
    ):
        copy.set_types(_TYPES)
        for one, came in zip(paid, received, strict=True):
            copy.write_row(
                (
                    one.account_id,
                    one.id,
                    one.customer_id,
                    one.intent_id,
                    one.tender,
                    one.channel,
                    str(one.finality),
                    one.amount.fils,
                    one.unapplied.fils,
                    one.business_date,
                    came.received_at,
                    one.posted_at,
                    one.reference,
                    _digest(came),
                )
            )


def _announce(
    at: datetime, paid: Sequence[Paid], applied: Sequence[Applied], history: bool
) -> None:
    if history:
        facts = {"count": len(paid), "amount_fils": sum(one.amount.fils for one in paid)}
        outbox.announce(name=events.BATCH_RECORDED, subject=str(paid[0].id), at=at, facts=facts)
        return
    keys = [(one.account_id, part.claim_id) for one in applied for part in one.allocations]
    owners = {key: claim.customer_id for key, claim in claims_queries.claims_by_key(keys).items()}
    outbox.announce_many([_event(at, *pair, owners) for pair in zip(paid, applied, strict=True)])


def _event(
    at: datetime, one: Paid, applied: Applied, owners: dict[tuple[UUID, UUID], UUID]
) -> outbox.Announcement:
    customers = {owners[one.account_id, part.claim_id] for part in applied.allocations}
    facts = {
        "payment_id": str(one.id),
        "account_id": str(one.account_id),
        "customer_ids": sorted(str(customer) for customer in {*customers, one.customer_id}),
        "amount_fils": one.amount.fils,
        "unapplied_fils": one.unapplied.fils,
        "tender": one.tender,
        "finality": str(one.finality),
        "intent_id": str(one.intent_id) if one.intent_id else None,
    }
    return outbox.Announcement(
        new_id(at), at, events.PAYMENT_POSTED, str(one.id), one.account_id, facts
    )


def total(paid: Iterable[Paid]) -> Money:
    """The sum of payments."""
    return Money(sum(one.amount.fils for one in paid))

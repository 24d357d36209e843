"""A page comes in: kept as it came, each new version of a record beside it, the cursor moved."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tahseel.kernel import bulk, secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import new_id
from tahseel.registry.feeds import events, rules
from tahseel.registry.feeds.models import Batch, Cursor, FeedRecord
from tahseel.registry.feeds.operations import reading
from tahseel.registry.feeds.values import (
    BATCH_SEAL,
    FACTS_SEAL,
    Answer,
    Received,
    Record,
    Registry,
    Standing,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

_RECORD = {
    "id": "uuid", "batch_id": "uuid", "registry": "text", "number": "text", "version": "int4",
    "kind": "text", "state": "text", "published_on": "date", "facts_cipher": "bytea",
    "sha256": "bytea", "person_index": "bytea", "place": "text", "received_at": "timestamptz",
    "standing": "text", "reason": "text", "detail": "text", "attempts": "int4",
    "decided_by": "text",
}  # fmt: skip


@audited("feeds.receive_page", subject="registry")
def receive_page(
    *, actor: Actor, at: datetime, registry: str, answer: Answer, after: str
) -> Received:
    """Keep a page and the versions in it that are new, and move the cursor; all or nothing.

    `answer` was verified. Received again, it changes nothing. Raises Fault for what is no page.
    """
    require_duty(actor, "feeds.receive_page")
    known = rules.registries()[registry]
    page = rules.read_page(registry=known, body=answer.body, after=after)
    cursor, _ = Cursor.objects.select_for_update().get_or_create(registry=registry)
    fresh = _unknown(registry, page.records)
    digest = hashlib.sha256(answer.body).digest()
    batch = Batch.objects.filter(registry=registry, sha256=digest).first()
    if batch is None and page.records:
        batch = Batch.objects.create(
            id=new_id(at),
            registry=registry,
            after=page.after,
            following=page.following,
            sha256=digest,
            body_cipher=secrets.seal(answer.body, context=BATCH_SEAL),
            records=len(page.records),
            fresh=len(fresh),
            received_at=at,
        )
    if batch is not None and fresh:
        _store(known, batch.id, fresh, at)
    cursor.cursor, cursor.answered_at = page.following, at
    cursor.save(update_fields=["cursor", "answered_at"])
    repeated = len(page.records) - len(fresh)
    note(records=len(page.records), new=len(fresh), sha256=digest.hex(), cursor=page.following)
    return Received(len(fresh), repeated, page.following, page.more)


def _unknown(registry: str, records: tuple[Record, ...]) -> list[Record]:
    """Those whose version with this very content is not here yet, each once."""
    rows = FeedRecord.objects.filter(
        registry=registry, number__in=[record.number for record in records]
    ).values_list("number", "version", "sha256")
    here = {(number, version, bytes(digest)) for number, version, digest in rows}
    fresh: dict[tuple[str, int, bytes], Record] = {}
    for record in records:
        key = (record.number, record.version, record.sha256)
        if key not in here:
            fresh.setdefault(key, record)
    return list(fresh.values())


def _store(registry: Registry, batch_id: UUID, records: list[Record], at: datetime) -> None:
    taken = set(
        FeedRecord.objects.filter(
            registry=registry.code, number__in=[record.number for record in records]
        ).values_list("number", "version")
    )
    rows = []
    for record in records:
        contradicts = (record.number, record.version) in taken
        taken.add((record.number, record.version))
        rows.append(_row(registry, batch_id, record, at, contradicts=contradicts))
    with transaction.atomic():
        bulk.append_rows(table="feeds_record", columns=_RECORD, rows=rows)
    for row in rows:
        named = dict(zip(_RECORD, row, strict=True))
        if named["standing"] == str(Standing.PARKED):
            events.parked(
                record_id=str(named["id"]),
                registry=registry.code,
                kind=named["kind"],
                reason=named["reason"],
                at=at,
            )


def _row(
    registry: Registry, batch_id: UUID, record: Record, at: datetime, *, contradicts: bool
) -> tuple[Any, ...]:
    found = reading.found_by(record)
    reason = found.wrong or ("version_contradicts" if contradicts else "")
    standing = Standing.PARKED if reason else Standing.RECEIVED
    return (
        new_id(at), batch_id, registry.code, record.number, record.version, record.kind,
        record.state, record.published_on,
        secrets.seal(record.canonical, context=FACTS_SEAL), record.sha256,
        found.person_index, found.place, at, str(standing), reason, "", 0, "",
    )  # fmt: skip

"""What a record tells is done by the slice that owns it, or the record is parked with the reason.

Act and standing are one commit: a process that is killed leaves both or neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tahseel.kernel import bulk, secrets
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.registry.customers import operations as customer_operations
from tahseel.registry.customers import queries as customers
from tahseel.registry.feeds import events, rules
from tahseel.registry.feeds.models import FeedRecord
from tahseel.registry.feeds.operations import reading
from tahseel.registry.feeds.telling import act_on, index_of, tell
from tahseel.registry.feeds.values import FACTS_SEAL, WITHDRAWAL, Kind, Outcome, Standing, Told
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

DETAIL_MAX = 300


class RecordUnknown(NotFound):
    """No such record came."""

    code = "feed_record_unknown"
    text_ar = "لا يوجد سجل وارد بهذا المعرّف"
    text_en = "No record with this id has come"


class NothingToTakeBack(Refusal):
    """The record waits for no such decision, or its death does not stand here."""

    code = "nothing_to_take_back"
    text_ar = "لا توجد وفاة قائمة أخبر بها هذا السجل ثم سُحبت"
    text_en = "No death stands here that this record told and that was withdrawn"
    http_status = 409


class ReasonMissing(Refusal):
    """Who dismisses a record says why."""

    code = "feed_reason_missing"
    text_ar = "يجب ذكر سبب استبعاد السجل"
    text_en = "Say why the record is dismissed"


@audited("feeds.apply_record", subject="record_id")
def apply_record(*, actor: Actor, at: datetime, record_id: UUID) -> Standing:
    """Do what a record tells, once; what cannot be done is parked with the refusal's code.

    One that could not be read is read anew by today's agreement. A record that was decided before
    is left as it is. Raises RecordUnknown.
    """
    require_duty(actor, "feeds.apply_record")
    row = _locked(record_id)
    if Standing(row.standing) not in rules.RETRIED:
        return Standing(row.standing)
    try:
        outcome = (
            _superseded(row) or _unreadable(row) or act_on(actor=actor, at=at, told=_told(row))
        )
    except Refusal as refusal:
        outcome = Outcome(Standing.PARKED, refusal.code, refusal.in_language("en"))
    _decide(row, outcome, actor, at)
    return outcome.standing


@audited("feeds.take_back", subject="record_id")
def take_back(*, actor: Actor, at: datetime, record_id: UUID, reason: str) -> UUID:
    """A death that its registry took back is taken back here; returns whose it was.

    Somebody has seen the papers and says so in the reason. Raises NotAllowed, RecordUnknown,
    ReasonMissing, NothingToTakeBack.
    """
    require_duty(actor, "feeds.take_back")
    row = _locked(record_id)
    if not reason.strip():
        raise ReasonMissing()
    customer_id = _wrongly_dead(row)
    customer_operations.revoke_death(
        actor=actor, at=at, customer_id=customer_id, reason=reason.strip(),
        evidence=f"{row.number}, {row.version}",
    )  # fmt: skip
    _decide(row, Outcome(Standing.APPLIED, "taken_back", str(customer_id)), actor, at)
    note(customer=str(customer_id), reason=reason.strip())
    return customer_id


def _wrongly_dead(row: FeedRecord) -> UUID:
    """Whose death the record told before it was withdrawn, while just that one stands here."""
    waits = (row.standing, row.kind, row.reason) == (
        str(Standing.PARKED), str(Kind.DEATH), WITHDRAWAL,
    )  # fmt: skip
    before = _told(row).before if waits else None
    if before is None:
        raise NothingToTakeBack()
    person = index_of(str(before["civil_id"]))
    customer_id = customers.ids_by_index(indexes=[person]).get(person)
    if customer_id is None or person != bytes(row.person_index or b""):
        raise NothingToTakeBack()
    died_on = customers.deaths(customer_ids=[customer_id]).get(customer_id)
    if died_on is None or died_on.isoformat() != before["died_on"]:
        raise NothingToTakeBack()
    return customer_id


@audited("feeds.set_aside", subject="record_ids")
def set_aside(*, actor: Actor, at: datetime, record_ids: Sequence[UUID]) -> int:
    """Records of people and places that we do not know: kept, and looked at again each night."""
    require_duty(actor, "feeds.set_aside")
    waiting = FeedRecord.objects.filter(
        pk__in=bulk.among(record_ids), standing=str(Standing.RECEIVED)
    )
    changed = waiting.update(standing=str(Standing.UNCONCERNED), decided_at=at, decided_by=actor.id)
    note(count=changed)
    return changed


@audited("feeds.park_failed", subject="record_id")
def park_failed(*, actor: Actor, at: datetime, record_id: UUID, error: str) -> Standing:
    """Park what could not be applied for a reason that is ours to mend, not the record's.

    A record that was decided before is left as it is. Raises RecordUnknown.
    """
    require_duty(actor, "feeds.park_failed")
    row = _locked(record_id)
    if Standing(row.standing) in rules.RETRIED:
        _decide(row, Outcome(Standing.PARKED, "act_failed", error), actor, at)
    return Standing(row.standing)


@audited("feeds.dismiss", subject="record_id")
def dismiss(*, actor: Actor, at: datetime, record_id: UUID, reason: str) -> None:
    """Decide that a parked record is not to be applied, and say why.

    Raises RecordUnknown, ReasonMissing, WrongState.
    """
    require_duty(actor, "feeds.dismiss")
    row = _locked(record_id)
    if not reason.strip():
        raise ReasonMissing()
    rules.STANDING.require(Standing(row.standing), Standing.DISMISSED)
    _decide(row, Outcome(Standing.DISMISSED, row.reason, reason.strip()), actor, at)


def _locked(record_id: UUID) -> FeedRecord:
    row = FeedRecord.objects.select_for_update().filter(pk=record_id).first()
    if row is None:
        raise RecordUnknown()
    return row


def _superseded(row: FeedRecord) -> Outcome | None:
    later = FeedRecord.objects.filter(
        registry=row.registry, number=row.number, version__gt=row.version
    )
    return Outcome(Standing.SUPERSEDED) if later.exists() else None


def _unreadable(row: FeedRecord) -> Outcome | None:
    """What is wrong with the form of a record that was parked for it, or None: now it is right."""
    if row.reason not in rules.UNREADABLE:
        return None
    registry = rules.registries().get(row.registry)
    again = FeedRecord.objects.filter(
        registry=row.registry, number=row.number, version=row.version
    ).exclude(pk=row.pk)
    if registry is None or again.exists():
        return Outcome(Standing.PARKED, row.reason, row.detail)
    kept = secrets.unseal(bytes(row.facts_cipher), context=FACTS_SEAL)
    record = rules.read_kept(kept, registry)
    if (record.number, record.version) != (row.number, row.version):
        return Outcome(Standing.PARKED, row.reason, row.detail)
    found = reading.found_by(record)
    if found.wrong:
        return Outcome(Standing.PARKED, found.wrong)
    row.person_index, row.place = found.person_index, found.place
    row.save(update_fields=["person_index", "place"])
    return None


def _told(row: FeedRecord) -> Told:
    earlier = FeedRecord.objects.filter(
        registry=row.registry,
        number=row.number,
        version__lt=row.version,
        standing=str(Standing.APPLIED),
    )
    before = earlier.order_by("-version").first()
    return tell(row, applied_before=before)


def _decide(row: FeedRecord, outcome: Outcome, actor: Actor, at: datetime) -> None:
    known = row.standing == outcome.standing and row.reason == outcome.reason
    if row.standing != outcome.standing:
        rules.STANDING.require(Standing(row.standing), outcome.standing)
    row.standing, row.reason = str(outcome.standing), outcome.reason
    row.detail = outcome.detail[:DETAIL_MAX]
    row.attempts += 1
    row.decided_at, row.decided_by = at, actor.id
    row.save(update_fields=["standing", "reason", "detail", "attempts", "decided_at", "decided_by"])
    note(kind=row.kind, number=row.number, version=row.version, standing=row.standing)
    if outcome.standing is Standing.PARKED and not known:
        events.parked(
            record_id=str(row.id),
            registry=row.registry,
            kind=row.kind,
            reason=outcome.reason,
            at=at,
        )

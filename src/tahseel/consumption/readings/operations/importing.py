"""Taking in what senders say: files, links of usage points, replays, and what meters told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.readings import (
    blocks,
    bulk_intake,
    events,
    formats,
    incident_rows,
    intake,
    rules,
    storing,
    summary,
)
from tahseel.consumption.readings.formats.plain_wide import PlainWide
from tahseel.consumption.readings.formats.refusals import FileRefused, Unreadable
from tahseel.consumption.readings.intake import Intake
from tahseel.consumption.readings.values import FileOutcome, ImportReport, Incident
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id, new_id
from tahseel.registry.meters import queries as meters
from tahseel.trust.audit.operations import audited, note

FILES_MAX = 10_000
REPLAYS_MAX = 10_000


class MeterUnknown(NotFound):
    """No such meter."""

    code = "meter_unknown"
    text_ar = "العداد غير مسجل"
    text_en = "There is no such meter"


class TooManyFiles(Refusal):
    """More files than one import takes."""

    code = "too_many_files"
    text_ar = "عدد الملفات يتجاوز الحد المسموح وهو {files_max}"
    text_en = "There are more files than the limit of {files_max}"


def import_files(
    *,
    actor: Actor,
    at: datetime,
    paths: Sequence[Path | str],
    weeks: Mapping[str, int] | None = None,
) -> ImportReport:
    """Take each file by itself: accepted, refused, or known from before and left alone.

    weeks: by how many whole weeks to move a file, by its path, as `rules.weeks_together` says;
    totals stay. Raises TooManyFiles.
    """
    shifts = weeks or {}
    if len(paths) > FILES_MAX:
        raise TooManyFiles(files_max=FILES_MAX)
    outcomes = []
    for path in paths:
        try:
            taken = import_file(actor=actor, at=at, path=Path(path), weeks=shifts.get(str(path), 0))
        except Unreadable as refusal:
            told = summary.describe_refusal(str(path), refusal)
            taken = FileOutcome(str(path), None, "refused", told, 0, 0)
        outcomes.append(taken)
    return ImportReport(tuple(outcomes))


@audited("readings.import_file", subject="path")
def import_file(*, actor: Actor, at: datetime, path: Path, weeks: int = 0) -> FileOutcome:
    """Keep the raw file, read it, store what fits and park the rest, all or nothing.

    A file whose structure is broken is recorded as refused; nothing of it becomes a read. The same
    content a second time changes nothing. Raises Unreadable.
    """
    sha256 = formats.digest_of(path)
    note(sha256=sha256)
    known = _known(sha256, str(path))
    if known is not None:
        return known
    storing.keep_raw(path, sha256)
    file_id = new_id(at)
    large = bulk_intake.plain_of(path)
    if large is not None:
        outcome = _import_large(large, file_id, sha256, str(path), weeks, actor=actor, at=at)
        if outcome is not None:
            return outcome
    try:
        parsed = formats.parse(path)
    except FileRefused as refusal:
        return _refuse(file_id, sha256, str(path), refusal, actor=actor, at=at)
    taken = intake.sort(parsed, shift_s=weeks * rules.WEEK_S)
    told = {
        **summary.describe(parsed),
        "warnings": summary.describe_warnings(parsed),
        "events": len(parsed.events),
    }
    storing.file_row(
        id=file_id,
        sha256=sha256,
        name=path.name,
        file_format=parsed.format,
        refusal=None,
        summary=told,
        stored=taken.stored,
        parked_reads=taken.parked_reads,
        shift_weeks=weeks,
        actor=actor,
        at=at,
    )
    _store(taken, file_id, sha256, actor=actor, at=at)
    facts = {"name": path.name, "stored": taken.stored, "parked": taken.parked_reads}
    events.file_taken(file_id=file_id, state="accepted", facts=facts, at=at)
    return FileOutcome(str(path), file_id, "accepted", told, taken.stored, taken.parked_reads)


def _import_large(
    large: PlainWide, file_id: UUID, sha256: str, path: str, weeks: int, *, actor: Actor,
    at: datetime,
) -> FileOutcome | None:  # fmt: skip
    """The file by its plain rows, many at a time; None where it is not of that kind after all."""
    lake = storing.locked_lake()
    mark = blocks.Mark(lake.next_version(), at, sha256)
    taken = bulk_intake.take(large, lake, mark, shift_s=weeks * rules.WEEK_S)
    if taken is None:
        return None
    parked = taken.careful.parked_reads
    told = {**taken.summary, "file": path, "warnings": {}}
    storing.file_row(
        id=file_id, sha256=sha256, name=Path(path).name, file_format=told["format"], refusal=None,
        summary=told, stored=taken.stored, parked_reads=parked, shift_weeks=weeks, actor=actor,
        at=at,
    )  # fmt: skip
    _store_rows(taken.careful, file_id, sha256, actor=actor, at=at)
    facts = {"name": Path(path).name, "stored": taken.stored, "parked": parked}
    events.file_taken(file_id=file_id, state="accepted", facts=facts, at=at)
    if not lake.commit(taken.parts, transaction=f"{sha256}:{taken.content}", at=at):
        lake.forget(taken.parts)
    return FileOutcome(path, file_id, "accepted", told, taken.stored, parked)


def _known(sha256: str, path: str) -> FileOutcome | None:
    """What became of this content before. Two imports of one content wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])
        cursor.execute(
            "select id, state, summary::text, stored, parked from readings_file where sha256 = %s",
            [sha256],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    told: dict[str, Any] = {**storing.loads(row[2]), "file": path}
    return FileOutcome(path, row[0], "known", told, row[3], row[4])


def _refuse(
    file_id: UUID, sha256: str, path: str, refusal: FileRefused, *, actor: Actor, at: datetime
) -> FileOutcome:
    told = summary.describe_refusal(path, refusal)
    storing.file_row(
        id=file_id,
        sha256=sha256,
        name=Path(path).name,
        file_format="",
        refusal=told["refusal"],
        summary=told,
        stored=0,
        parked_reads=0,
        shift_weeks=0,
        actor=actor,
        at=at,
    )
    facts = {"name": Path(path).name, "code": refusal.code, "line": refusal.line}
    events.file_taken(file_id=file_id, state="refused", facts=facts, at=at)
    return FileOutcome(path, file_id, "refused", told, 0, 0)


def _store(taken: Intake, file_id: UUID, sha256: str, *, actor: Actor, at: datetime) -> None:
    """Rows first, the lake last: if its commit stands and ours does not, the retry finds it."""
    _store_rows(taken, file_id, sha256, actor=actor, at=at)
    lake = storing.locked_lake()
    mark = blocks.Mark(lake.next_version(), at, sha256)
    lake.append(blocks.table_of(taken.series, mark), transaction=_transaction(taken, sha256), at=at)


def _store_rows(taken: Intake, file_id: UUID, sha256: str, *, actor: Actor, at: datetime) -> None:
    """What of an intake lies in the database: parked records and register reads."""
    storing.parked(
        (
            derived_id(file_id, p.channel, p.code, str(at.timestamp())),
            file_id,
            p.line,
            p.channel,
            p.code,
            p.reads,
            storing.json_of(p.record),
            "open",
            at,
        )
        for p in taken.parked
    )
    storing.register_reads(taken.dial_reads, source=sha256, actor=actor, at=at)
    if taken.incidents:
        told = incident_rows.store(taken.incidents, source=sha256, actor=actor, at=at)
        note(meter_events=told)


def _transaction(taken: Intake, sha256: str) -> str:
    """Names one content for one set of meters and dates: that, and only that, is taken in once."""
    return f"{sha256}:{intake.named(intake.names(taken))}"


@audited("readings.record_incidents", subject="source")
def record_incidents(*, actor: Actor, at: datetime, events: Iterable[Incident], source: str) -> int:
    """Keep what happened to meters of ours; returns how many are new. Told again it is one event.

    source: who told it, as a hash of a file or the id of a visit.
    """
    stored = incident_rows.store(events, source=source, actor=actor, at=at)
    note(stored=stored)
    return stored


@audited("readings.link_usage_point", subject="usage_point")
def link_usage_point(*, actor: Actor, at: datetime, usage_point: str, meter_id: UUID) -> None:
    """Say which of our meters a sender's usage point means. Raises MeterUnknown."""
    if meter_id not in meters.meters(meter_ids=[meter_id]):
        raise MeterUnknown()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into readings_usage_point (usage_point, meter_id, linked_at, actor)"
            " values (%s, %s, %s, %s) on conflict (usage_point) do update"
            " set meter_id = excluded.meter_id, linked_at = excluded.linked_at,"
            " actor = excluded.actor",
            [usage_point, meter_id, at, actor.id],
        )
    note(meter_id=str(meter_id))


@audited("readings.replay_parked", subject="file_id")
def replay_parked(*, actor: Actor, at: datetime, file_id: UUID | None = None) -> int:
    """Try channels parked for an unknown meter again, from the raw files; returns reads stored.

    file_id: only this file; every file with such channels when absent. What is still unknown
    stays parked.
    """
    stored = 0
    for sha256, weeks, found, channels in _replayable(file_id):
        parsed = formats.parse(storing.raw(sha256), only=frozenset(channels))
        taken = intake.sort(parsed, shift_s=weeks * rules.WEEK_S, only=set(channels))
        still = {p.channel for p in taken.parked if p.code == "unknown_meter"}
        taken.parked = [p for p in taken.parked if p.code != "unknown_meter"]
        _store(taken, found, sha256, actor=actor, at=at)
        _mark_replayed(found, [c for c in channels if c not in still], at)
        stored += taken.stored
    note(stored=stored)
    return stored


def _replayable(file_id: UUID | None) -> list[tuple[str, int, UUID, list[str]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select f.sha256, f.shift_weeks, f.id, array_agg(p.channel order by p.channel)"
            " from readings_parked p join readings_file f on f.id = p.file_id"
            " where p.state = 'open' and p.code = 'unknown_meter'"
            " and (%s::uuid is null or f.id = %s) group by f.sha256, f.shift_weeks, f.id"
            " order by f.id limit %s",
            [file_id, file_id, REPLAYS_MAX],
        )
        return list(cursor.fetchall())


def _mark_replayed(file_id: UUID, channels: list[str], at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update readings_parked set state = 'replayed', replayed_at = %s"
            " where file_id = %s and channel = any(%s) and code = 'unknown_meter'"
            " and state = 'open'",
            [at, file_id, channels],
        )

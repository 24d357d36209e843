"""Reading the feeds. Nothing here names a person, so no purpose is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q

from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.period import local_day
from tahseel.registry.customers import queries as customers
from tahseel.registry.feeds import rules
from tahseel.registry.feeds.models import Cursor, FeedRecord, Reconciliation
from tahseel.registry.feeds.values import (
    Control,
    FeedStatus,
    Reconciled,
    RecordView,
    Standing,
)
from tahseel.registry.premises import queries as premises

FIRST = "0"
PART = 5_000
RECONCILE_DAYS_MAX = 31
SHOWN_MAX = 500
_READ = (
    "id", "registry", "published_on", "number", "version", "person_index", "place", "standing",
)  # fmt: skip
_Key = tuple[date, str, int, UUID]


def cursor(*, registry: str) -> str:
    """Where the next page begins."""
    row = Cursor.objects.filter(registry=registry).first()
    return (row.cursor or FIRST) if row else FIRST


def status(*, at: datetime) -> list[FeedStatus]:
    """How every feed stands, in the country's order."""
    return [_status(code, at) for code in rules.registries()]


def records(
    *, standing: Standing, registry: str | None = None, limit: int = SHOWN_MAX
) -> list[RecordView]:
    """The oldest versions of a standing."""
    rows = FeedRecord.objects.filter(standing=str(standing))
    if registry is not None:
        rows = rows.filter(registry=registry)
    return [_view(row) for row in rows.order_by("published_on", "number", "version")[:limit]]


def record(*, record_id: UUID) -> RecordView | None:
    """One version."""
    row = FeedRecord.objects.filter(pk=record_id).first()
    return _view(row) if row else None


def person_of(*, record_id: UUID) -> UUID | None:
    """The customer of whom a version tells, where we know him."""
    indexes = FeedRecord.objects.filter(pk=record_id).values_list("person_index", flat=True)
    wanted = [bytes(index) for index in indexes if index]
    return next(iter(customers.ids_by_index(indexes=wanted).values()), None)


def waiting(
    *, standings: Collection[Standing], unreadable: bool = False
) -> tuple[list[UUID], list[UUID]]:
    """(records to act on, in their order; received ones that concern nobody known here).

    To act on: what concerns somebody or some place known here, what changes a record that was
    applied, and what is parked; of what could not be read only what a later version has followed,
    or all of it where `unreadable`. However many strangers' records are
    kept, the others are all found: each standing is read by pages, to its end.
    """
    acting: list[_Key] = []
    others: list[UUID] = []
    for part in (part for standing in standings for part in _pages(standing, unreadable)):
        concerned = _concerned(part)
        acting += [_key(row) for row in part if row.pk in concerned]
        received = [row for row in part if row.standing == str(Standing.RECEIVED)]
        others += [row.pk for row in received if row.pk not in concerned]
    return [key[-1] for key in sorted(acting)], others


def _pages(standing: Standing, unreadable: bool) -> Iterator[list[FeedRecord]]:
    """The records of a standing that a look may change, PART at a time, by their order."""
    rows = FeedRecord.objects.filter(standing=str(standing))
    if standing is Standing.PARKED and not unreadable:
        later = FeedRecord.objects.filter(
            registry=OuterRef("registry"),
            number=OuterRef("number"),
            version__gt=OuterRef("version"),
        )
        rows = rows.filter(~Q(reason__in=rules.UNREADABLE) | Exists(later))
    rows = rows.order_by("published_on", "number", "version", "id").only(*_READ)
    part = list(rows[:PART])
    while part:
        yield part
        day, number, version, last = _key(part[-1])
        same_number = Q(number=number) & (Q(version__gt=version) | Q(version=version, id__gt=last))
        same_day = Q(published_on=day) & (Q(number__gt=number) | same_number)
        beyond = Q(published_on__gte=day) & (Q(published_on__gt=day) | same_day)
        part = list(rows.filter(beyond)[:PART])


def _concerned(part: Collection[FeedRecord]) -> set[UUID]:
    """Those that tell of a person or place known here, change what was applied, or are parked."""
    indexes = {bytes(row.person_index) for row in part if row.person_index}
    people = customers.ids_by_index(indexes=indexes).keys()
    numbers = {row.place for row in part if row.place}
    places = premises.units_by_automatic_number(numbers=numbers).keys()
    again = [row.number for row in part if row.version > 1]
    applied = set(
        FeedRecord.objects.filter(number__in=again, standing=str(Standing.APPLIED)).values_list(
            "registry", "number"
        )
    )
    return {
        row.pk
        for row in part
        if row.standing == str(Standing.PARKED)
        or (row.registry, row.number) in applied
        or (row.place in places if row.place else bytes(row.person_index or b"") in people)
    }


def _key(row: FeedRecord) -> _Key:
    return row.published_on, row.number, row.version, row.pk


def control(*, registry: str, day: date) -> Control:
    """Our figures of what a registry published on a day."""
    rows = (
        FeedRecord.objects.filter(registry=registry, published_on=day)
        .order_by("received_at", "id")
        .values_list("number", "version", "kind", "sha256")
    )
    return rules.control(
        (number, version, kind, bytes(digest)) for number, version, kind, digest in rows
    )


def last_reconciled(*, registry: str, day: date) -> Reconciled | None:
    """The latest comparison of a day."""
    rows = Reconciliation.objects.filter(registry=registry, day=day)
    row = rows.order_by("-at", "-id").first()
    return _reconciled(row) if row else None


def days_to_reconcile(*, registry: str, today: date) -> list[date]:
    """Days before today, within a month, that were never found equal; the oldest first."""
    start = today - timedelta(days=RECONCILE_DAYS_MAX)
    settled = {done.day for done in _latest(registry, start) if not done.differences}
    first = FeedRecord.objects.filter(registry=registry, published_on__gte=start)
    oldest = first.order_by("published_on").values_list("published_on", flat=True).first()
    if oldest is None:
        return []
    days = (oldest + timedelta(days=n) for n in range((today - oldest).days))
    return [day for day in days if day not in settled]


def newest_on(*, registry: str) -> date | None:
    """The latest day on which anything that came was published."""
    newest: date | None = FeedRecord.objects.filter(registry=registry).aggregate(
        newest=Max("published_on")
    )["newest"]
    return newest


def _status(code: str, at: datetime) -> FeedStatus:
    registry, today = rules.registries()[code], local_day(at)
    row = Cursor.objects.filter(registry=code).first()
    counted = FeedRecord.objects.filter(registry=code).values_list("standing")
    counts = {Standing(standing): n for standing, n in counted.annotate(n=Count("id"))}
    latest = _latest(code, today - timedelta(days=RECONCILE_DAYS_MAX))
    newest = newest_on(registry=code)
    return FeedStatus(
        registry=registry,
        cursor=(row.cursor or FIRST) if row else FIRST,
        answered_at=row.answered_at if row else None,
        newest_on=newest,
        counts=counts,
        last_reconciled=latest[-1] if latest else None,
        open_differences=tuple(done for done in latest if done.differences),
        silent=rules.is_silent(
            registry=registry, newest_on=newest, today=today, calendar=working_calendar()
        ),
    )


def _latest(registry: str, since: date) -> list[Reconciled]:
    """The latest comparison of each day since one, by day."""
    rows = Reconciliation.objects.filter(registry=registry, day__gte=since)
    latest = {row.day: row for row in rows.order_by("day", "at", "id")}
    return [_reconciled(row) for row in latest.values()]


def _reconciled(row: Reconciliation) -> Reconciled:
    return Reconciled(
        row.registry, row.day, _control(row.ours), _control(row.theirs),
        tuple(row.differences), row.at,
    )  # fmt: skip


def _control(stored: dict[str, Any]) -> Control:
    return Control(stored["count"], stored["digest"], stored["kinds"])


def _view(row: FeedRecord) -> RecordView:
    return RecordView(
        id=row.id,
        registry=row.registry,
        number=row.number,
        version=row.version,
        kind=row.kind,
        state=row.state,
        published_on=row.published_on,
        standing=Standing(row.standing),
        reason=row.reason,
        detail=row.detail,
        attempts=row.attempts,
        received_at=row.received_at,
        decided_at=row.decided_at,
    )

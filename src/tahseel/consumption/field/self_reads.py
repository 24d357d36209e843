"""Reading what customers reported; entered through `queries`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.consumption.field.values import Dial, Seen, SelfRead, SelfReadState, Span
from tahseel.registry.meters.values import DialUnit

ROWS_MAX = 200
_READS = """
select r.id, r.account_id, r.meter_id, r.at, r.photo, r.state, r.why, r.decided_at, r.decided_by,
  r.reason, d.register, d.unit, d.digits, d.decimals, d.last_value, d.last_at, d.low, d.high,
  d.value
from field_self_read r join field_self_read_dial d on d.read_id = r.id
"""


def self_read(*, read_id: UUID) -> SelfRead | None:
    """One read that a customer reported, or None."""
    found = _reads("r.id = %s order by r.id, d.register", [read_id])
    return found[0] if found else None


def self_reads_waiting(*, limit: int = ROWS_MAX) -> list[SelfRead]:
    """What waits for a clerk, the longest first."""
    some = (
        "r.id in (select id from field_self_read where state = 'waiting'"
        " order by recorded_at, id limit %s) order by r.recorded_at, r.id, d.register"
    )
    return _reads(some, [min(limit, ROWS_MAX)])


def self_reads_since(*, meter_id: UUID, day: date) -> list[SelfRead]:
    """What was reported of a meter in the window that began on a day, refused ones aside."""
    where = "r.meter_id = %s and r.window_start = %s and r.state <> 'refused' order by r.id"
    return _reads(where, [meter_id, day])


def self_reads_of(*, account_id: UUID, actor_id: str) -> list[SelfRead]:
    """What one person reported for an account, newest first."""
    some = (
        "r.id in (select id from field_self_read where account_id = %s and actor = %s"
        " order by recorded_at desc, id limit %s) order by r.recorded_at desc, r.id, d.register"
    )
    return _reads(some, [account_id, actor_id, ROWS_MAX])


def _reads(condition: str, values: Sequence[Any]) -> list[SelfRead]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_READS} where {condition}", values)
        rows = list(cursor.fetchall())
    return [_read(list(of_read)) for _, of_read in groupby(rows, key=lambda row: row[0])]


def _read(rows: list[tuple[Any, ...]]) -> SelfRead:
    read_id, account, meter, at, photo, state, why, decided_at, decided_by, reason = rows[0][:10]
    return SelfRead(
        read_id, account, meter, at, photo, SelfReadState(state), why, decided_at, decided_by,
        reason, tuple((dial_of(row[10:18]), row[18]) for row in rows),
    )  # fmt: skip


def dial_of(cells: tuple[Any, ...]) -> Dial:
    """A dial from its columns: register, unit, digits, decimals, last value and instant, span."""
    register, unit, digits, decimals, last, last_at, low, high = cells
    return Dial(
        register,
        DialUnit(unit),
        digits,
        decimals,
        None if last is None else Seen(last_at, last),
        None if low is None else Span(low, high),
    )

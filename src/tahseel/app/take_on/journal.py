"""Runs on record: how far each has come, under one lock a run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.app.take_on.values import MACHINE, MappingFile, Run, RunState
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Fault, NotFound

LOCK_SPACE = 7_481
RUNS_SHOWN_MAX = 200
_COLUMNS = (
    "id, system, cutover, state, started_at, started_by, files::text, loaded_at, report::text,"
    " approval_id, first_number"
)


class RunUnknown(NotFound):
    """No such take-on."""

    code = "take_on_unknown"
    text_ar = "لا توجد عملية ترحيل بهذا الرقم"
    text_en = "There is no such take-on"


@contextmanager
def alone(run_id: UUID) -> Iterator[None]:
    """One process at a time works on a run; the lock falls with its connection."""
    key = [LOCK_SPACE, run_id.int & 0x7FFFFFFF]
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", key)
        if cursor.fetchone() != (True,):
            raise Fault("another process is working on this take-on", retry=True)
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", key)


def begin(
    run_id: UUID, mapping: MappingFile, files: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Run:
    """The run, new or as it was left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into app_take_on_run (id, system, mapping_digest, cutover, state, started_at,"
            " started_by, files) values (%s, %s, %s, %s, %s, %s, %s, %s::jsonb)"
            " on conflict do nothing",
            [
                run_id, mapping.system, mapping.digest, mapping.cutover, str(MACHINE.initial), at,
                actor.id, json.dumps(dict(files)),
            ],
        )  # fmt: skip
    return run(run_id)


def run(run_id: UUID) -> Run:
    """One take-on. Raises RunUnknown."""
    found = _runs("where id = %s", [run_id])
    if not found:
        raise RunUnknown()
    return found[0]


def runs() -> list[Run]:
    """The newest take-ons first."""
    return _runs("order by started_at desc limit %s", [RUNS_SHOWN_MAX])


def _runs(tail: str, values: Sequence[UUID | int]) -> list[Run]:
    with connection.cursor() as cursor:
        cursor.execute(f"select {_COLUMNS} from app_take_on_run {tail}", values)  # noqa: S608
        return [
            Run(
                id=row[0], system=row[1], cutover=row[2], state=RunState(row[3]),
                started_at=row[4], started_by=row[5], files=json.loads(row[6]), loaded_at=row[7],
                report=json.loads(row[8]), approval_id=row[9], first_number=row[10],
            )
            for row in cursor.fetchall()
        ]  # fmt: skip


def move(run_id: UUID, state: RunState) -> None:
    """Move a run on, as far as its states allow. Staying where it is changes nothing."""
    now = run(run_id).state
    if now is state:
        return
    MACHINE.require(now, state)
    with connection.cursor() as cursor:
        cursor.execute(
            "update app_take_on_run set state = %s where id = %s and state = %s",
            [str(state), run_id, str(now)],
        )


def loaded(run_id: UUID, report: Mapping[str, Any], *, at: datetime) -> None:
    """Close the loading with its report, in the loading's own transaction."""
    MACHINE.require(run(run_id).state, RunState.LOADED)
    with connection.cursor() as cursor:
        cursor.execute(
            "update app_take_on_run set state = 'loaded', loaded_at = %s, report = %s::jsonb"
            " where id = %s",
            [at, json.dumps(dict(report)), run_id],
        )


def signed(run_id: UUID, approval_id: UUID) -> None:
    """Close the run with the approval of a second person."""
    MACHINE.require(run(run_id).state, RunState.SIGNED)
    with connection.cursor() as cursor:
        cursor.execute(
            "update app_take_on_run set state = 'signed', approval_id = %s where id = %s",
            [approval_id, run_id],
        )


def reserve_numbers(run_id: UUID, count: int) -> int:
    """The first of `count` account numbers in a row, kept with the run: a retry uses them again."""
    known = run(run_id).first_number
    while known is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select min(n), max(n) from (select nextval('supply_account_number') as n"
                " from generate_series(1, %s)) drawn",
                [max(count, 1)],
            )
            first, last = cursor.fetchone() or (0, 0)
            if last - first + 1 == max(count, 1):  # else somebody else drew one in between
                known = int(first)
                cursor.execute(
                    "update app_take_on_run set first_number = %s where id = %s", [known, run_id]
                )
    return known

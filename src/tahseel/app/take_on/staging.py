"""Lines on their way: read, found sound or not, and kept in committed chunks with a journal.

What identifies a person is sealed; the rest is what checks and loading ask for. A dry run has
tables of the same names that only its own session sees, and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import IO, Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from tahseel.app.take_on import columns
from tahseel.app.take_on.columns import Block, Told
from tahseel.app.take_on.values import Entity, Fault, FileMap, MappingFile, Row, Value
from tahseel.kernel import bulk, secrets
from tahseel.registry.customers.rules import plain_number
from tahseel.registry.customers.values import CIVIL_ID_INDEX, DOCUMENT_INDEX

CHUNK_PARTS = 10
SAMPLE = 10  # statistics target: how large and how different lines are is all that plans ask
SEAL = "take-on:person"
SEALED = ("name_ar", "name_en", "civil_id", "mobile", "document_number")
TABLES = ("app_take_on_row", "app_take_on_fault", "app_take_on_chunk")
BETWEEN = "\x1f"
ADDRESS, HOME = ("area", "block", "street", "parcel", "building"), ("kind", "floor", "number")
PAPER = ("document_kind", "document_issuer", "document_number")
_ROW = {
    "run_id": "uuid", "entity": "text", "line": "int4", "bad": "bool", "key": "text",
    "ref": "text", "person": "text", "number": "text", "mark": "bytea", "from_day": "date",
    "until_day": "date", "fils": "int8", "body": "text", "sealed": "bytea",
}  # fmt: skip
_FAULT = {
    "run_id": "uuid", "whole": "bool", "entity": "text", "file": "text", "line": "int4",
    "field": "text", "code": "text", "facts": "jsonb",
}  # fmt: skip
_JOURNAL = """
insert into app_take_on_chunk (run_id, entity, lines, finished) values (%s, %s, %s, %s)
on conflict (run_id, entity) do update
  set lines = app_take_on_chunk.lines + excluded.lines, finished = excluded.finished
"""
Progress = Callable[[str, int], object]
Opened = Callable[[FileMap], IO[bytes]]

# our columns: key, ref, person, number, from_day, until_day, fils
_WHERE: Mapping[Entity, tuple[str, str, str, str, str, str, str]] = {
    Entity.PERSONS: ("key", "parent", "", "registration_number", "", "died_on", ""),
    Entity.UNITS: ("key", "", "", "paci_number", "from_day", "", ""),
    Entity.METERS: ("serial", "unit", "", "seal", "installed_on", "", ""),
    Entity.ACCOUNTS: ("key", "unit", "", "number", "opened_on", "closed_on", ""),
    Entity.OCCUPANCIES: ("account", "account", "person", "", "from_day", "until_day", ""),
    Entity.PARTIES: ("account", "account", "person", "role", "from_day", "until_day", ""),
    Entity.DEPOSITS: ("key", "account", "", "", "paid_on", "", "amount"),
    Entity.CREDITS: ("key", "account", "", "", "since", "", "amount"),
    Entity.OPEN_ITEMS: ("key", "account", "person", "", "opened_on", "due_date", "open"),
    Entity.DISPUTES: ("item", "account", "", "", "since", "", "amount"),
    Entity.PLANS: ("key", "account", "person", "", "agreed_on", "", "amount"),
    Entity.INSTALMENTS: ("plan", "plan", "", "", "due_on", "", "amount"),
    Entity.HOLDS: ("key", "notice", "person", "gate", "since", "", ""),
}
# What of a line is asked for beside its columns; all of it, for the entities that are not here.
_KEPT: Mapping[Entity, frozenset[str]] = {
    Entity.ACCOUNTS: frozenset(),
    Entity.OCCUPANCIES: frozenset({"capacity", "vacancy", "agreement"}),
    Entity.PARTIES: frozenset({"agreement", "takes_back"}),
    Entity.DEPOSITS: frozenset(),
    Entity.CREDITS: frozenset(),
    Entity.OPEN_ITEMS: frozenset({"kind"}),
}


@contextmanager
def dry() -> Iterator[None]:
    """Inside, lines and faults go to tables of this session; afterwards they are gone."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"create temp table {table} (like public.{table} including defaults"
                " including indexes)"
            )
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("drop table " + ", ".join(f"pg_temp.{t}" for t in TABLES))


def analyse() -> None:
    """Let the planner know of the staged lines, wherever they are."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('pg_temp.app_take_on_row') is not null")
        dry_run = cursor.fetchone() == (True,)
        cursor.execute("analyze app_take_on_row" if dry_run else "select app_take_on_analyse()")


def analyse_found(table: str) -> None:
    """The same of a temporary table made of them, inside the transaction that made it."""
    with connection.cursor() as cursor:
        cursor.execute(f"set local default_statistics_target = {SAMPLE}")
        cursor.execute(f"analyze {table}")
        cursor.execute("set local default_statistics_target to default")


def stage(*, run_id: UUID, mapping: MappingFile, opened: Opened, progress: Progress) -> None:
    """Read every file that is not finished, from where the journal left it."""
    for file in mapping.files.values():
        stage_file(
            run_id=run_id, file=file, cutover=mapping.cutover, opened=opened, progress=progress
        )


def stage_file(
    *, run_id: UUID, file: FileMap, cutover: date, opened: Opened, progress: Progress
) -> None:
    """Read a file that is not finished, from where the journal left it."""
    done, finished = journalled(run_id, file.entity)
    if finished:
        return
    with opened(file) as source:
        parts = columns.read(source, file, cutover=cutover, skip=done)
        while chunk := list(islice(parts, CHUNK_PARTS)):
            progress(str(file.entity), _store(run_id, file, chunk))
    with connection.cursor() as cursor:
        cursor.execute(_JOURNAL, [run_id, str(file.entity), 0, True])


def journalled(run_id: UUID, entity: Entity) -> tuple[int, bool]:
    """How many lines of a file are staged, and whether that is all of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select lines, finished from app_take_on_chunk where run_id = %s and entity = %s",
            [run_id, str(entity)],
        )
        return cursor.fetchone() or (0, False)


def _store(run_id: UUID, file: FileMap, chunk: Sequence[Block | list[Told]]) -> int:
    """One chunk, its faults and its place in the journal, all three or none; how many lines."""
    entity = file.entity
    told = [one for part in chunk if not isinstance(part, Block) for one in part]
    rows = (
        staged(run_id, entity, line, row, bad=bool(faults))
        for line, row, faults in told
        if row is not None
    )
    found = [fault for _, _, faults in told for fault in faults]
    count = len(told)
    with transaction.atomic():
        for part in chunk:
            if isinstance(part, Block):
                count += _store_block(run_id, entity, part)
        if told:
            bulk.copy_rows(table="app_take_on_row", columns=_ROW, rows=rows)
        add_faults(run_id, found, whole=False)
        with connection.cursor() as cursor:
            cursor.execute(_JOURNAL, [run_id, str(entity), count, False])
    return count


def _store_block(run_id: UUID, entity: Entity, block: Block) -> int:
    """What `staged` makes of each of the lines, made column by column."""
    key, ref, person, number, from_day, until_day, fils = _WHERE[entity]
    none: Sequence[Value] = [None] * len(block.lines)
    told = block.columns
    places = _places(entity, told)
    marks, boxes = _sealed(told) if entity is Entity.PERSONS else (none, none)
    amounts = told.get(fils, none)
    made: dict[str, Sequence[Any]] = {
        "run_id": [str(run_id)] * len(none),
        "entity": [str(entity)] * len(none),
        "line": list(map(str, block.lines)),
        "bad": ["f"] * len(none),
        "key": _texts(told.get(key, none)),
        "ref": places.get("ref") or _texts(told.get(ref, none)),
        "person": places.get("person") or _texts(told.get(person, none)),
        "number": told.get(number, none),
        "mark": marks,
        "from_day": told.get(from_day, none),
        "until_day": told.get(until_day, none),
        "fils": [None if fils is None else str(fils) for fils in amounts],
        "body": _bodies(entity, told),
        "sealed": boxes,
    }
    return bulk.copy_texts(table="app_take_on_row", columns=made)


def _texts(values: Sequence[Value]) -> list[str]:
    return [str(value or "") for value in values]


def _bodies(entity: Entity, told: Mapping[str, Sequence[Value]]) -> list[str]:
    """The body of each line; few lines of a file have one that no other has."""
    names = _in_body(entity, told)
    known: dict[tuple[Value, ...], str] = {}
    bodies = []
    for values in zip(*(told[name] for name in names), strict=True):
        body = known.get(values)
        if body is None:
            body = known[values] = orjson.dumps(dict(zip(names, values, strict=True))).decode()
        bodies.append(body)
    return bodies or ["{}"] * len(next(iter(told.values())))


def _in_body(entity: Entity, told: Iterable[str]) -> list[str]:
    """The fields that are kept as they are: those that no column holds, where that is enough."""
    kept = _KEPT.get(entity)
    return [name for name in told if name not in SEALED and (kept is None or name in kept)]


def _sealed(told: Mapping[str, Sequence[Value]]) -> tuple[list[str | None], list[str]]:
    """Marks of civil ids, and what identifies each person, sealed; both as COPY reads bytes."""
    marks = [None if digits is None else f"\\x{_mark(digits).hex()}" for digits in told["civil_id"]]
    boxes = [
        f"\\x{_box(dict(zip(SEALED, values, strict=True))).hex()}"
        for values in zip(*(told[name] for name in SEALED), strict=True)
    ]
    return marks, boxes


def _mark(digits: Value) -> bytes:
    return secrets.blind_index(str(digits), purpose=CIVIL_ID_INDEX)


def _box(secret: Row) -> bytes:
    return secrets.seal(orjson.dumps(secret), context=SEAL)


def staged(run_id: UUID, entity: Entity, line: int, row: Row, *, bad: bool) -> tuple[object, ...]:
    """A row for the table. Of a bad line only what others refer to is kept."""
    key, ref, person, number, from_day, until_day, fils = _WHERE[entity]
    sealed = mark = None
    if entity is Entity.PERSONS and not bad:
        mark = _mark(row["civil_id"]) if row.get("civil_id") else None
        sealed = _box({name: row.get(name) for name in SEALED})
    body = {name: row[name] for name in _in_body(entity, row)}
    place, spot = _place(entity, row)
    return (
        run_id, str(entity), line, bad, str(row.get(key) or ""),
        place or str(row.get(ref) or ""), spot or str(row.get(person) or ""),
        row.get(number), mark, _iso(row.get(from_day)), _iso(row.get(until_day)), row.get(fils),
        orjson.dumps(body).decode(), sealed,
    )  # fmt: skip


def _place(entity: Entity, row: Row) -> tuple[str, str]:
    """What tells two units, two service points or two papers apart."""
    if entity is Entity.PERSONS and row.get("document_number"):
        number = plain_number(str(row["document_number"]))
        mark = secrets.blind_index(number, purpose=DOCUMENT_INDEX).hex()
        return "", f"{row.get('document_kind')}/{row.get('document_issuer')}/{mark}"
    if entity is Entity.UNITS:
        return _joined(row, ADDRESS), _joined(row, HOME)
    if entity is Entity.METERS:
        return "", f"{row.get('service')}/{row.get('point') or 1}"
    return "", ""


def _places(entity: Entity, told: Mapping[str, Sequence[Value]]) -> dict[str, list[str]]:
    """`_place` of every line, where an entity has its own; by the column's name."""
    if entity is Entity.UNITS:
        return {"ref": _joints(told, ADDRESS), "person": _joints(told, HOME)}
    if entity is Entity.METERS:
        spots = zip(told["service"], told["point"], strict=True)
        return {"person": [f"{service}/{point or 1}" for service, point in spots]}
    if entity is Entity.PERSONS:
        rows = zip(*(told[name] for name in PAPER), strict=True)
        return {"person": [_place(entity, dict(zip(PAPER, row, strict=True)))[1] for row in rows]}
    return {}


def _joints(told: Mapping[str, Sequence[Value]], names: tuple[str, ...]) -> list[str]:
    return list(map(BETWEEN.join, zip(*(_texts(told[name]) for name in names), strict=True)))


def _joined(row: Row, names: tuple[str, ...]) -> str:
    return BETWEEN.join(str(row.get(name) or "") for name in names)


def _iso(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def add_faults(run_id: UUID, faults: list[Fault], *, whole: bool) -> None:
    """Keep faults; `whole` for those that only all lines together show."""
    rows = (
        (run_id, whole, f.entity, f.file, f.line, f.field, f.code, Jsonb(dict(f.facts)))
        for f in faults
    )
    bulk.copy_rows(table="app_take_on_fault", columns=_FAULT, rows=rows)


def faults(run_id: UUID) -> Iterator[Fault]:
    """Every fault by file and line, streamed."""
    with transaction.atomic():
        raw = connection.connection
        with raw.cursor(name="take_on_faults") as cursor:
            cursor.itersize = 2_000
            cursor.execute(
                "select entity, file, line, field, code, facts from app_take_on_fault"
                " where run_id = %s order by file, line, field, code",
                [run_id],
            )
            for row in cursor:
                yield Fault(row[0], row[1], row[2], row[3], row[4], _facts(row[5]))


def _facts(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = value if isinstance(value, dict) else orjson.loads(value)
    return found


def count_faults(run_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from app_take_on_fault where run_id = %s", [run_id])
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def forget(run_id: UUID, *, with_faults: bool) -> None:
    """Throw a run's staged lines away, once they are taken on or their faults are told."""
    tables = TABLES if with_faults else ("app_take_on_row", "app_take_on_chunk")
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"delete from {table} where run_id = %s", [run_id])  # noqa: S608

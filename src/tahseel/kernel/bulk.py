"""Many rows at once: COPY in binary form into the running transaction."""

from __future__ import annotations

import gc
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL
from django.db.utils import IntegrityError as DjangoIntegrityError
from psycopg import IntegrityError

from tahseel.kernel import sql

FEW_ROWS = 64
Value = int | str | bytes | date | UUID | None
_settles: ContextVar[bool] = ContextVar("settles", default=True)
_DIGEST = """
select encode(sha256(coalesce(string_agg(said, ''::bytea order by id), ''::bytea)), 'hex')
from (select id, sha256(convert_to(lines::text, 'UTF8')) as said from ({lines}) as lines) as rows
"""
BROKEN_RULES = (IntegrityError, DjangoIntegrityError)


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows that a statement makes inside the database: nothing of them passes through us.

    Whoever takes them says which columns the statement has to give, by name.
    """

    statement: str
    values: Mapping[str, Value] = field(default_factory=dict)


def insert_lines(*, table: str, columns: Iterable[str], lines: Lines, **fixed: Value) -> int:
    """Append what a statement makes to a table; returns how many rows. fixed: column -> value."""
    given = [name for name in columns if name not in fixed]
    taken = ", ".join([*given, *fixed])
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} ({taken})"  # noqa: S608 - our words
            f" select {', '.join([*given, *(f'%(fixed_{name})s' for name in fixed)])}"
            f" from ({lines.statement}) as lines",
            {**lines.values, **{f"fixed_{name}": value for name, value in fixed.items()}},
        )
        return int(cursor.rowcount)


def digest(lines: Lines) -> str:
    """SHA-256, in hexadecimal, over the rows that a statement makes, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST.format(lines=lines.statement), dict(lines.values))
        row = cursor.fetchone()
    assert row is not None
    return str(row[0])


def copy_rows(*, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> int:
    """Append rows to a table; returns how many.

    columns: name -> PostgreSQL type ("uuid", "int4", "text" ...) in the order of each row's values.
    """
    statement = f"copy {table} ({', '.join(columns)}) from stdin (format binary)"
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(columns.values()))
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPES = (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"))
_NULL = r"\N"


def copy_texts(*, table: str, columns: Mapping[str, Sequence[str | None]]) -> int:
    """Append columns of values, each as the text that PostgreSQL reads; returns how many rows.

    For many rows of few types this is a fraction of `copy_rows`: no value is looked at by itself.
    """
    rows = zip(*map(_as_copied, columns.values()), strict=True)
    lines = list(map("\t".join, rows))
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy,
    ):
        copy.write("".join([f"{line}\n" for line in lines]))
    return len(lines)


def _as_copied(values: Sequence[str | None]) -> Sequence[str]:
    """The values as COPY's text form has them, which are mostly the values themselves."""
    texts = [_NULL if text is None else text for text in values] if None in values else values
    if not _SPECIAL.search("".join([text for text in values if text])):
        return texts  # type: ignore[return-value]
    return [_NULL if text is None else _escaped(text) for text in values]


def _escaped(text: str) -> str:
    for special, written in _ESCAPES:
        text = text.replace(special, written)
    return text


def append_rows(*, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> int:
    """`copy_rows` for a list that is mostly short: few rows go in one statement planned before.

    So do many where there is no COPY, in a pipeline.
    """
    if len(rows) > FEW_ROWS and not sql.in_pipeline():
        return copy_rows(table=table, columns=columns, rows=rows)
    if rows:
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        names = ", ".join(columns)
        sql.prepared(
            f"insert into {table} ({names}) select * from unnest({arrays})",  # noqa: S608 - our words
            [list(values) for values in zip(*rows, strict=True)],
        )
    return len(rows)


def among(ids: Collection[UUID]) -> RawSQL:
    """A long list of ids as one array parameter, for `field__in=`."""
    return RawSQL("select unnest(%s::uuid[])", [list(ids)])


def uuid_array(ids: Iterable[UUID]) -> str:
    """Ids as the text of a `uuid[]` parameter, a tenth of the driver's work for thousands."""
    return "{" + ",".join([f"{one.int:032x}" for one in ids]) + "}"


@contextmanager
def uncollected() -> Iterator[None]:
    """Inside, nobody looks for cycles: rows make none, and to walk over all of them again and again
    is up to half of the work.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@contextmanager
def settling_later() -> Iterator[None]:
    """Inside, `settle_constraints` checks nothing: whoever called checks once at the end."""
    token = _settles.set(False)
    try:
        yield
    finally:
        _settles.reset(token)


def settle_constraints() -> None:
    """Have deferred constraints checked now, while a refusal can still be told."""
    if not _settles.get():
        return
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def rule_broken(error: BaseException) -> str:
    """The name of the constraint that an integrity error speaks of, or "unknown"."""
    cause = error if isinstance(error, IntegrityError) else error.__cause__
    diagnosis = getattr(cause, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or "unknown"

"""Append-only tables, and statements that the server plans once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, migrations
from psycopg import Cursor
from psycopg.pq import PipelineStatus

REFUSE_CHANGE = """
create function kernel_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op
    using errcode = 'insufficient_privilege';
end $$;
"""


def append_only(table: str) -> migrations.RunSQL:
    """Take UPDATE, DELETE and TRUNCATE away from the application's role, then build a second wall.

    The privilege is the first wall; the triggers also stop the owner's own slip.
    """
    forward = f"""
    revoke update, delete, truncate on {table} from tahseel_app;
    create trigger {table}_no_change before update or delete on {table}
      for each row execute function kernel_refuse_change();
    create trigger {table}_no_truncate before truncate on {table}
      for each statement execute function kernel_refuse_change();
    """
    backward = f"""
    drop trigger {table}_no_truncate on {table};
    drop trigger {table}_no_change on {table};
    grant update, delete on {table} to tahseel_app;
    """
    return migrations.RunSQL(forward, backward)


def prepared(
    statement: str, values: Sequence[object] | Mapping[str, object] = ()
) -> Cursor[tuple[Any, ...]]:
    """Run a statement that is parsed and planned once a connection; for the paths that are hurried.

    Values travel beside the statement, so a list wants its type: `any(%s::uuid[])`. Part of the
    running transaction; raises Django's database errors.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return Cursor(connection.connection).execute(statement.encode(), values, prepare=True)


@contextmanager
def pipelined() -> Iterator[None]:
    """Send `prepared` statements one after another without waiting for the answer of each.

    The first that fails raises, at the latest at the end. There is no COPY inside.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def in_pipeline() -> bool:
    """True inside `pipelined`."""
    raw = connection.connection
    return raw is not None and raw.pgconn.pipeline_status != PipelineStatus.OFF

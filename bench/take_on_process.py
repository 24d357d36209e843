"""What a take-on left behind: held against the control totals, then copied once more.

Runs over the database of the take-on, in a process of its own. Prints one JSON object.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg

from tahseel.app import runtime

# Holds are decided anew, by a policy that no old system had: their lines are not counted here.
COUNTED: Mapping[str, str] = {
    "persons": "select count(*), 0 from customers_customer",
    "units": "select count(*), 0 from premises_unit",
    "meters": "select count(*), 0 from meters_meter",
    "accounts": "select count(*), 0 from supply_account",
    "occupancies": "select count(*), 0 from supply_liability",
    "open_items": "select count(*), sum(open) from claims_claim",
    "deposits": "select count(*), sum(amount) from ledger_entry where source = 'take-on:deposit'",
    "credits": "select count(*), sum(amount) from ledger_entry where source = 'take-on:credit'",
    "disputes": "select count(*), sum(disputed) from claims_claim where disputed > 0",
    "plans": "select count(*), sum(fils) from collections_plan",
    "instalments": "select count(*), sum(fils) from collections_instalment",
}
STAGING = ("app_take_on_row", "app_take_on_fault", "app_take_on_chunk")
BLOCK = 1 << 20


def main(mapping: Path) -> dict[str, Any]:
    """Rows copied, the seconds of it, and how many control totals were compared."""
    connection = import_module("django.db").connection  # once Django is up
    totals_file = import_module("tahseel.app.take_on.mapping").load(mapping).totals
    with connection.cursor() as cursor:
        totals = compare(cursor, totals_file)
        rows = filled(cursor)
    owner = json.loads(os.environ[runtime.OWNER_CONNECTION])
    with psycopg.connect(**owner) as link:
        seconds = copy_again(link.cursor(), tables=list(rows), commit=link.commit)
    return {"copy_s": seconds, "rows": sum(rows.values()), "totals": totals}


def compare(cursor: Any, path: Path) -> int:
    """How many totals of whole files equal the tables; AssertionError for one that differs."""
    compared = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row["by"] or row["entity"] not in COUNTED:
                continue
            cursor.execute(COUNTED[row["entity"]])
            count, fils = cursor.fetchone()
            expected = int(row["amount"].replace(".", "")) if row["amount"] else 0
            found = (count, int(fils or 0) if row["amount"] else 0)
            if found != (int(row["count"]), expected):
                raise AssertionError(f"{row}: the tables have {found}")
            compared += 1
    if compared < len(COUNTED):
        raise AssertionError(f"only {compared} control totals were there to compare")
    return compared


def copy_again(cursor: Any, *, tables: Sequence[str], commit: Callable[[], None]) -> float:
    """Seconds to copy every row into a bare table, durably: COPY and the commit alone."""
    seconds = 0.0
    cursor.execute("create schema bare")
    for table in tables:
        cursor.execute(f"create table bare.{table} (like public.{table})")
    commit()
    for table in tables:
        blocks = _taken_out(cursor, table)
        start = time.perf_counter()
        with cursor.copy(f"copy bare.{table} from stdin (format binary)") as copy:
            for block in blocks:
                copy.write(block)
        seconds += time.perf_counter() - start
    start = time.perf_counter()
    commit()
    seconds += time.perf_counter() - start
    cursor.execute("drop schema bare cascade")
    commit()
    return seconds


def filled(cursor: Any) -> dict[str, int]:
    """How many rows every table has that has some; staged lines are on their way only."""
    cursor.execute(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        " and has_table_privilege(oid, 'select') order by relname"
    )
    rows = {}
    for table in [name for (name,) in cursor.fetchall() if name not in STAGING]:
        cursor.execute(f"select count(*) from {table}")
        rows[table] = int(cursor.fetchone()[0])
    return {table: count for table, count in rows.items() if count}


def _taken_out(cursor: Any, table: str) -> list[bytes]:
    """A table in the binary form of COPY; reading it is no part of the floor."""
    blocks: list[bytes] = []
    held = bytearray()
    columns = _columns(cursor, table)
    with cursor.copy(f"copy (select {columns} from {table}) to stdout (format binary)") as copy:
        for data in copy:
            held += data
            if len(held) >= BLOCK:
                blocks.append(bytes(held))
                held.clear()
    return [*blocks, bytes(held)]


def _columns(cursor: Any, table: str) -> str:
    cursor.execute(
        "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        [table],
    )
    return str(cursor.fetchone()[0])


if __name__ == "__main__":
    with runtime.running():
        print(json.dumps(main(Path(sys.argv[1]))))

"""kill -9 at any moment: there is nothing or everything, and going on gives the same rows."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from simulators.old_system.export import export
from tests.integration.app.take_on.test_bare import CATALOG

ROOT = Path(__file__).resolve().parents[4]
ACCOUNTS = 1_500
KILLS, EARLY = 6, 2
WAIT_S = 120
# What differs from one attempt to the next by itself: instants, sealing, ids of the moment.
OF_THE_MOMENT = ("audit_", "kernel_", "clearance_", "app_take_on_run", "app_take_on_row")
PROGRESS = ("app_take_on_run", "app_take_on_row", "app_take_on_chunk", "app_take_on_fault")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("export"), accounts=ACCOUNTS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Keys and raw files of every process of this test."""
    return tmp_path / "var"


def process(database: Any, home: Path, mapping: Path, *words: str) -> subprocess.Popen[str]:
    """`takeon run` of a mapping, or another of its commands."""
    environment = {
        **os.environ,
        "TAHSEEL_VAR": str(home),
        "TAHSEEL_ROOT": str(ROOT),
        "TAHSEEL_CONNECTION": json.dumps(database.app),
        "TAHSEEL_OWNER_CONNECTION": json.dumps(database.owner),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    words = words or ("run", str(mapping), "--json")
    command = [sys.executable, "-m", "tahseel.app.cli", "takeon", *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def states(link: psycopg.Connection[Any]) -> list[str]:
    return [row[0] for row in link.execute("select state from app_take_on_run")]


def business(link: psycopg.Connection[Any]) -> Iterator[str]:
    rows = link.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
    for (table,) in rows.fetchall():
        if not table.startswith(("django_", "auth_", "axes_", *PROGRESS)):
            yield table


def taken(link: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of every table that a take-on fills, the log included; empty tables are left out."""
    found = {}
    for table in business(link):
        row = link.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table)))
        found[table] = row.fetchone()[0]
    return {table: count for table, count in found.items() if count}


def fingerprint(link: psycopg.Connection[Any]) -> dict[str, str]:
    """A hash over the rows of every table, without what is of the moment."""
    found = {}
    for table in business(link):
        if table.startswith(OF_THE_MOMENT):
            continue
        rows = link.execute(
            "select column_name from information_schema.columns where table_name = %s"
            " and data_type <> 'timestamp with time zone' and column_name not like '%%cipher'"
            " and is_identity = 'NO'"  # a number drawn is drawn, whatever became of its row
            " order by ordinal_position",
            [table],
        ).fetchall()
        columns = sql.SQL(", ").join(sql.Identifier(row[0]) for row in rows)
        row = link.execute(
            sql.SQL(
                "select count(*), md5(string_agg(t::text, '|' order by t::text))"
                " from (select {} from {}) t"
            ).format(columns, sql.Identifier(table))
        ).fetchone()
        found[table] = f"{row[0]} {row[1]}"
    held = "select count(*), sum(amount_fils), count(distinct gate) from clearance_hold"
    found["holds"] = str(link.execute(held).fetchone())
    return found


def kill_at(database: Any, home: Path, town: Path, moment: str, delay: float) -> None:
    """Start a take-on and kill it `delay` seconds after it has come to a moment."""
    running = process(database, home, town)
    with database.as_admin() as link:
        deadline = time.monotonic() + WAIT_S
        while moment not in states(link) and running.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(delay)
        running.kill()
        running.communicate()
        until_alone(link)


def until_alone(link: psycopg.Connection[Any]) -> None:
    """Wait until the server has noticed that the process is gone."""
    for _ in range(2_000):
        row = link.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and application_name = 'tahseel'"
        ).fetchone()
        if row == (0,):
            return
        time.sleep(0.01)
    raise AssertionError("a killed process is still connected")


@pytest.fixture
def whole(database: Any, template: str) -> Iterator[Any]:
    """A second database, for the attempt that nobody disturbs."""
    from tahseel.app.database import create_database

    name = f"{database.name}_whole"
    roles = (database.app, database.owner, database.admin)
    beside = {**database.admin, "dbname": "postgres"}
    with psycopg.connect(**beside, autocommit=True) as admin:
        create_database(admin, name, template=template)
        try:
            yield type(database)(name, *({**role, "dbname": name} for role in roles))
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_killed_at_any_moment_nothing_is_half_taken_on_and_going_on_gives_the_same_rows(
    database: Any, whole: Any, home: Path, town: Path
) -> None:
    chance = random.Random(20)
    process(whole, home, town).communicate(timeout=WAIT_S)
    with whole.as_admin() as link:
        wanted = fingerprint(link)
    unfinished = 0
    with database.as_admin() as link:
        empty, rules = taken(link), sorted(link.execute(CATALOG).fetchall())
        for number in range(KILLS):
            early = number < EARLY
            kill_at(
                database, home, town,
                "staging" if early else "checked", chance.uniform(0, 0.3 if early else 0.9),
            )  # fmt: skip
            if states(link) == ["loaded"]:
                assert fingerprint(link) == wanted
            else:
                unfinished += 1
                assert taken(link) == empty
            assert sorted(link.execute(CATALOG).fetchall()) == rules

        last = process(database, home, town)
        told, _ = last.communicate(timeout=WAIT_S)

        assert last.returncode == 0
        assert json.loads(told)["state"] == "loaded"
        assert fingerprint(link) == wanted
        assert sorted(link.execute(CATALOG).fetchall()) == rules
        assert unfinished >= KILLS // 2

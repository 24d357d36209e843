"""Two processes read along: each file is read once, whoever comes, dies or is late."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.integration.app.take_on import test_killing
from tests.integration.app.take_on.test_killing import (
    WAIT_S,
    fingerprint,
    home,
    kill_at,
    process,
    states,
    town,
    whole,
)

__all__ = ["home", "town", "whole"]
STAGED = "select entity, count(*), count(distinct line) from app_take_on_row group by entity"
OPEN = "select count(*) from app_take_on_chunk where not finished"


def run_of(link: psycopg.Connection[Any]) -> str:
    ((run_id,),) = link.execute("select id from app_take_on_run").fetchall()
    return str(run_id)


def staged(link: psycopg.Connection[Any]) -> dict[str, int]:
    """Staged lines by entity; a line that is there twice is an error of the test's subject."""
    rows = link.execute(STAGED).fetchall()
    assert [entity for entity, count, once in rows if count != once] == []
    return {entity: count for entity, count, _ in rows}


@pytest.fixture
def begun(database: Any, home: Path, town: Path) -> Iterator[psycopg.Connection[Any]]:
    """A take-on whose only process was killed while it was reading."""
    kill_at(database, home, town, "staging", 0.0)
    with database.as_admin() as link:
        assert states(link) == ["staging"]
        yield link


def test_what_a_helper_has_read_is_not_read_again(
    database: Any, whole: Any, home: Path, town: Path, begun: psycopg.Connection[Any]
) -> None:
    helper = process(database, home, town, "read-along", run_of(begun), str(town))
    helper.communicate(timeout=WAIT_S)
    read = staged(begun)

    last = process(database, home, town)
    told, _ = last.communicate(timeout=WAIT_S)
    process(whole, home, town).communicate(timeout=WAIT_S)

    assert helper.returncode == 0
    assert read["accounts"] == test_killing.ACCOUNTS
    totals = {row["entity"]: row["count"] for row in json.loads(told)["totals"] if not row["by"]}
    assert totals
    assert totals.items() <= read.items()
    with whole.as_admin() as link:
        assert fingerprint(begun) == fingerprint(link)


def test_helpers_that_are_killed_or_come_twice_leave_each_line_once(
    database: Any, home: Path, town: Path, begun: psycopg.Connection[Any]
) -> None:
    words = ("read-along", run_of(begun), str(town))
    first = process(database, home, town, *words)
    deadline = time.monotonic() + WAIT_S
    while not staged(begun):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    first.kill()
    first.communicate()
    several = [process(database, home, town, *words) for _ in range(2)]
    several.append(process(database, home, town))
    for one in several:
        one.communicate(timeout=WAIT_S)

    assert [one.returncode for one in several] == [0, 0, 0]
    assert states(begun) == ["loaded"]


def test_a_helper_that_comes_late_reads_nothing(database: Any, home: Path, town: Path) -> None:
    process(database, home, town).communicate(timeout=WAIT_S)
    with database.as_admin() as link:
        assert (states(link), staged(link)) == (["loaded"], {})

        late = process(database, home, town, "read-along", run_of(link), str(town))
        late.communicate(timeout=WAIT_S)

        assert late.returncode == 0
        assert staged(link) == {}
        assert link.execute("select count(*) from app_take_on_chunk").fetchone() == (0,)


def test_whoever_waits_for_a_file_tells_how_far_it_is_and_reads_what_is_left(
    database: Any, home: Path, town: Path, begun: psycopg.Connection[Any]
) -> None:
    from tahseel.app.take_on import sharing
    from tahseel.app.take_on.values import Entity

    key = sharing.lock_key(uuid_of(begun), Entity.METERS)
    begun.execute("select pg_advisory_lock(%s, %s)", key)
    waiting = process(database, home, town)
    deadline = time.monotonic() + WAIT_S
    while "holds" not in staged(begun) or begun.execute(OPEN).fetchone() != (0,):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    before = staged(begun)
    begun.execute("select pg_advisory_unlock(%s, %s)", key)
    waiting.communicate(timeout=WAIT_S)

    assert "meters" not in before
    assert waiting.returncode == 0
    assert states(begun) == ["loaded"]


def uuid_of(link: psycopg.Connection[Any]) -> Any:
    return link.execute("select id from app_take_on_run").fetchall()[0][0]


@pytest.mark.parametrize(("least", "helped"), [(0, True), (10**12, False)])
def test_a_helper_is_called_only_where_there_is_much_to_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, town: Path, least: int, helped: bool
) -> None:
    from tahseel.app.take_on import mapping, sharing
    from tahseel.app.take_on.values import ROOT

    called: list[tuple[str, ...]] = []

    def command(*words: str) -> list[str]:
        called.append(words)
        return [sys.executable, "-c", "import time; time.sleep(600)"]

    monkeypatch.setattr(sharing, "HELPED_FROM_BYTES", least)
    monkeypatch.setattr(sharing.processes, "own_command", command)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    start = time.monotonic()
    with sharing.helped(run_id=ROOT, mapping_path=town, made=mapping.load(town)):
        pass

    wanted = [("takeon", "read-along", str(ROOT), str(town))]
    assert called == (wanted if helped else [])
    assert time.monotonic() - start < WAIT_S  # what is still running is ended, not waited for

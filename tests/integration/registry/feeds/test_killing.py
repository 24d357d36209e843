"""kill -9 in the middle of the night: every record is done once all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.integration.registry.feeds.conftest import TODAY, Feeds
from tests.integration.registry.feeds.test_feeds import standings

from tahseel.kernel.period import local_day

ROOT = Path(__file__).resolve().parents[4]
PEOPLE = 40
KILLED_AT = (1, 9, 22)
WAIT_S = 60
FAULT = 2  # how a command ends when something outside failed and it may be tried again


def night(database: Any, feeds: Feeds, *words: str) -> subprocess.Popen[str]:
    """`./tahseel feeds run` as a process of its own, on the day of the test."""
    shift = (TODAY - local_day(datetime.now(UTC))).days
    environment = {
        **os.environ,
        "TAHSEEL_CONNECTION": json.dumps(database.app),
        "TAHSEEL_OWNER_CONNECTION": json.dumps(database.owner),
        "TAHSEEL_REGISTRIES_URL": feeds.base_url,
        "TAHSEEL_CLOCK_SHIFT_DAYS": str(shift),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }
    command = [sys.executable, "-m", "tahseel.app.cli", "feeds", *words, "--json"]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def kill_after(start: Callable[[], subprocess.Popen[str]], link: Any, applied: int) -> None:
    """Kill a night once so many records are applied.

    One that a fault ended (a slow registry, the lock of the night killed before) begins anew; one
    that found its work done will never do it again, so there is nothing to wait for.
    """
    deadline = time.monotonic() + WAIT_S
    process = start()
    while (done := count_applied(link)) < applied:
        if process.poll() is not None:
            told, _ = process.communicate()
            assert process.returncode == FAULT, f"{done} of {applied} when the night said: {told}"
            process = start()
        assert time.monotonic() < deadline, f"{done} of {applied} after {WAIT_S} s"
        time.sleep(0.002)
    process.kill()
    process.communicate()


def count_applied(link: Any) -> int:
    row = link.execute("select count(*) from feeds_record where standing = 'applied'").fetchone()
    return int(row[0])


def test_killed_in_the_middle_of_the_night_each_record_is_applied_once(
    database: Any, feeds: Feeds, leaves: Callable[[], list[dict[str, Any]]]
) -> None:
    people = [feeds.person() for _ in range(PEOPLE)]
    for _, digits in people:
        feeds.death(digits)
    with database.as_admin() as link:
        for applied in KILLED_AT:
            kill_after(lambda: night(database, feeds, "run"), link, applied)
            row = link.execute("select count(*) from customers_customer where died_on is not null")
            dead = row.fetchone()[0]
            assert dead == Counter(s for s, _ in standings().values())["applied"]
            assert applied <= dead < PEOPLE

    last = night(database, feeds, "run")
    told, _ = last.communicate(timeout=WAIT_S)

    assert last.returncode == 0
    assert json.loads(told)["differing"] == []
    assert Counter(standings().values()) == {("applied", ""): PEOPLE}
    deaths = [leaf["subject"] for leaf in leaves() if leaf["action"] == "customers.record_death"]
    assert sorted(deaths) == sorted(str(customer) for customer, _ in people)


def test_the_commands_tell_how_the_feeds_stand_and_what_is_parked(
    database: Any, feeds: Feeds
) -> None:
    feeds.death("288020122597")
    night(database, feeds, "run").communicate(timeout=WAIT_S)

    status = night(database, feeds, "status")
    told, _ = status.communicate(timeout=WAIT_S)
    parked, _ = night(database, feeds, "parked").communicate(timeout=WAIT_S)
    replayed, _ = night(database, feeds, "replay").communicate(timeout=WAIT_S)

    by_code = {row["registry"]: row for row in map(json.loads, told.splitlines())}
    assert list(by_code) == ["civil", "interior", "justice"]
    assert by_code["civil"]["records"] == {"parked": 1}
    assert (by_code["civil"]["silent"], by_code["justice"]["silent"]) == (False, True)
    assert status.returncode == 1
    assert [json.loads(row)["reason"] for row in parked.splitlines()] == ["civil_id_invalid"]
    assert json.loads(replayed) == {"applied": 0, "parked": 1, "unconcerned": 0}
    assert "288020122597" not in told + parked + replayed

"""The process of the promise `bill-run-kill`, with a server of its own under TAHSEEL_VAR.

It builds the town once; each course of kills has a copy of its database. Words: how many accounts,
how many kills, and the seed of their moments. Prints what was found as one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import psycopg
from psycopg import sql

from promises.bill_run_process import STARTED
from tahseel.app import database as databases
from tahseel.app import runtime

PROCESS = "promises.bill_run_process"
START_S_MAX = 120.0
RUN_S_MAX = 3_600.0
# What is compared: each table without the columns that say when, and by which run, a row came.
TABLES: Mapping[str, tuple[str, str]] = {
    "billing_bill": ("recorded_at,run_id", "account_id, month, sequence"),
    "billing_line": ("", "account_id, bill_id, line_no"),
    "ledger_entry": ("recorded_at", "account_id, version"),
    "ledger_balance": ("", "account_id"),
    "claims_claim": ("", "account_id, id"),
    "billing_held": ("id,held_at,run_id", "account_id, month, digest"),
    "billing_parked": ("parked_at,resolved_at,run_id", "account_id, month"),
}
TWICE = """
select count(*) from (
  select from billing_bill where corrects is null group by account_id, month having count(*) > 1
) twice
"""


@dataclass
class Found:
    """What the kills came to. midway: how many found a month that was billed in part."""

    kills: int = 0
    midway: int = 0
    courses: int = 0
    differing: int = 0
    doubled: int = 0
    unproven: int = 0


@dataclass(frozen=True)
class Calm:
    """What the undisturbed run left: its tables, bills before and of it, seconds from its begin."""

    digests: Mapping[str, str]
    before: int
    bills: int
    seconds: float


class Course:
    """One copy of the town's database, and the processes that bill it."""

    def __init__(self, found: databases.Database, name: str) -> None:
        self.found, self.name = found, name
        admin = found.admin
        assert admin is not None
        self.admin = {**admin, "dbname": "postgres"}
        with psycopg.connect(**self.admin, autocommit=True) as link:
            databases.create_database(link, name, template=str(admin["dbname"]))

    def end(self) -> None:
        with psycopg.connect(**self.admin, autocommit=True) as link:
            link.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(self.name)))

    def start(self) -> subprocess.Popen[str]:
        """A process that has begun its run."""
        own = {
            runtime.CONNECTION: json.dumps({**self.found.app, "dbname": self.name}),
            runtime.OWNER_CONNECTION: json.dumps({**self.found.owner, "dbname": self.name}),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", PROCESS], env=os.environ | own, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], START_S_MAX)
        if not ready or process.stdout.readline().strip() != STARTED:
            process.kill()
            raise RuntimeError("the run did not begin")
        return process

    def ask(self, statement: str) -> Any:
        with psycopg.connect(**{**self.admin, "dbname": self.name}) as link:
            row = link.execute(statement.encode()).fetchone()
        assert row is not None
        return row[0]

    def bills(self) -> int:
        """How many of the month are written; the months before are billed whole."""
        return int(self.ask("select count(*) from billing_bill"))

    def digests(self) -> dict[str, str]:
        """One digest a table, over every row in order."""
        return {
            table: str(
                self.ask(
                    "select md5(coalesce(string_agg((to_jsonb(t) - "
                    f"string_to_array('{without}', ','))::text, E'\\n' order by {order}), ''))"
                    f" from {table} t"
                )
            )
            for table, (without, order) in TABLES.items()
        }


def finish(process: subprocess.Popen[str]) -> bool:
    """Wait for a run that nobody kills; whether its proof holds."""
    out, _ = process.communicate(timeout=RUN_S_MAX)
    if process.returncode:
        raise RuntimeError(f"the run failed with {process.returncode}")
    return out.strip() == "True"


def main(accounts: int, kills: int, seed: int) -> None:
    """Build, bill undisturbed, then kill."""
    chance = random.Random(seed)
    with runtime.running() as found:
        town = import_module("promises.bill_run_town")
        country = import_module("tahseel.countries.kuwait.country")
        town.build(accounts, country.content("areas"))
        import_module("django.db").connections.close_all()
        calm = Course(found, "calm")
        before = calm.bills()
        undisturbed = calm.start()
        began = time.monotonic()
        proven = finish(undisturbed)
        seconds = time.monotonic() - began
        wanted, bills = calm.digests(), calm.bills() - before
        calm.end()
        told = Found(unproven=int(not proven))
        calm_run = Calm(wanted, before, bills, seconds)
        while told.kills < kills:
            course = Course(found, f"course_{told.courses}")
            _kill(course, told, kills, calm_run, chance)
            _compare(course, told, calm_run)
            course.end()
    figures = {"accounts": accounts, "bills": bills, "run_s": round(seconds, 1)}
    sys.stdout.write(json.dumps(figures | vars(told)) + "\n")


def _kill(course: Course, told: Found, kills: int, calm: Calm, chance: random.Random) -> None:
    """Kill and start again, until a run comes through or the kills are used up."""
    while told.kills < kills:
        process = course.start()
        try:
            process.wait(timeout=chance.uniform(0, calm.seconds))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            told.kills += 1
            told.midway += int(0 < course.bills() - calm.before < calm.bills)
            sys.stderr.write(f"bill-run-kill: {told.kills} of {kills} kills\n")
        else:
            finish(process)
            return


def _compare(course: Course, told: Found, calm: Calm) -> None:
    """Let the run come through once more, and hold the books against the undisturbed ones."""
    told.courses += 1
    told.unproven += int(not finish(course.start()))
    told.differing += int(course.digests() != calm.digests)
    told.doubled += int(course.ask(TWICE))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))

"""The process of the promise `bill-run`, with a server of its own under TAHSEEL_VAR.

A town with two months of past is billed for its third: checks against what was billed, bills,
lines, entries and claims with their keys, events, leaves, the proof of every service point and the
audit log's root, all committed. Words: how many accounts, how many moves of the peer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import psycopg

from tahseel.app import clock, runtime

BLOCK = 1 << 20
PEER_S_MAX = 900.0
# The rows that one run wrote, table by table.
WRITTEN: Mapping[str, str] = {
    "billing_bill": "run_id = %(run)s",
    "billing_line": "bill_id in (select id from billing_bill where run_id = %(run)s)",
    "ledger_entry": "recorded_at = %(at)s",
    "claims_claim": "id in (select id from billing_bill where run_id = %(run)s)",
    "kernel_outbox": "at = %(at)s",
    "audit_leaf": "at = %(at)s",
    "billing_held": "run_id = %(run)s",
    "billing_parked": "run_id = %(run)s",
}
# One sum, found in five places.
SUMS = {
    "bills": "select count(*), sum(total_fils) from billing_bill where run_id = %(run)s",
    "lines": "select count(distinct bill_id), sum(amount_fils) from billing_line where bill_id in"
    " (select id from billing_bill where run_id = %(run)s)",
    "entries": "select count(distinct source_id), sum(amount) from ledger_entry"
    " where recorded_at = %(at)s and source = 'bill'",
    "claims": "select count(*), sum(open) from claims_claim where id in"
    " (select id from billing_bill where run_id = %(run)s)",
}


def main(accounts: int, moves: int) -> dict[str, Any]:
    """What the run, the COPY and the peer came to."""
    with runtime.running() as found:
        town = import_module("promises.bill_run_town")
        billing = import_module("tahseel.charging.billing.operations")
        sequencer = import_module("tahseel.trust.audit.sequencer")
        country = import_module("tahseel.countries.kuwait.country")
        town.build(accounts, country.content("areas"))
        sequencer.sequence_all(at=clock.now())
        at, start, cpu = clock.now(), time.perf_counter(), time.process_time()
        report = billing.run(actor=town.JOB, at=at, month=town.MONTH, issued_on=town.ISSUED)
        sequencer.sequence_all(at=at)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        if not report.proof.holds:
            raise AssertionError("the proof of the month does not hold")
        assert found.admin is not None
        with psycopg.connect(**found.owner) as link:
            values = {"run": report.run_id, "at": at}
            require_equal(link.cursor(), values, report.bills, report.total.fils)
            copied = copy_again(link, values)
        peer = tryton(found.admin, moves)
    figures = {"bills": report.bills, "total_fils": report.total.fils}
    return {**figures, "run_s": seconds, "cpu_s": cpu, **copied, "peer": peer}


def require_equal(cursor: Any, values: Mapping[str, Any], bills: int, fils: int) -> None:
    """AssertionError unless bills, lines, entries and claims say the same number and sum."""
    for place, statement in SUMS.items():
        cursor.execute(statement, values)
        found = tuple(map(int, cursor.fetchone()))
        if found != (bills, fils):
            raise AssertionError(f"{place}: {found}, the run says {(bills, fils)}")


def copy_again(link: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Seconds to copy every row of the run into bare tables, durably, with the rows and bytes."""
    cursor, blocks = link.cursor(), {}
    cursor.execute("create schema bare")
    for table, where in WRITTEN.items():
        cursor.execute(f"create table bare.{table} (like public.{table})")
        blocks[table] = _taken_out(cursor, table, where, values)
    link.commit()
    start = time.perf_counter()
    for table, parts in blocks.items():
        with cursor.copy(f"copy bare.{table} from stdin (format binary)") as copy:
            for part in parts:
                copy.write(part)
    link.commit()
    seconds = time.perf_counter() - start
    rows = 0
    for table in blocks:
        cursor.execute(f"select count(*) from bare.{table}")
        rows += int(cursor.fetchone()[0])
    size = sum(len(part) for parts in blocks.values() for part in parts)
    return {"copy_s": seconds, "rows": rows, "mb": round(size / 1e6, 1)}


def _taken_out(cursor: Any, table: str, where: str, values: Mapping[str, Any]) -> list[bytes]:
    """Rows in the binary form of COPY; reading them is no part of the floor."""
    blocks: list[bytes] = []
    held = bytearray()
    cursor.execute(f"create temporary table taken on commit drop as select * from {table}"
                   f" where {where}", values)  # fmt: skip
    with cursor.copy("copy taken to stdout (format binary)") as copy:
        for data in copy:
            held += data
            if len(held) >= BLOCK:
                blocks.append(bytes(held))
                held.clear()
    cursor.execute("drop table taken")
    return [*blocks, bytes(held)]


def tryton(admin: Mapping[str, Any], moves: int) -> dict[str, Any]:
    """Moves a second that Tryton creates and posts on the same server, or why none."""
    named = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    given = {name: str(admin[key]) for name, key in named.items() if admin.get(key)}
    done = subprocess.run(
        [
            os.environ.get("TRYTON_PYTHON", sys.executable),
            "-m",
            "bench.bill_run_tryton",
            str(moves),
        ],
        env=os.environ | given | {"DB_NAME": "tryton", "PGDATABASE": "postgres"},
        capture_output=True,
        text=True,
        timeout=PEER_S_MAX,
        check=False,
    )
    if done.returncode:
        return {"reason": (done.stderr.strip().splitlines() or ["no word"])[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))

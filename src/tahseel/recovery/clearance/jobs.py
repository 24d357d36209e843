"""Where the gateway process begins, and the daily holds.

`python -m tahseel.recovery.clearance.jobs SOCKET REPLICA KEYS [SHIFT_MS]` is the gateway: it reads
a clock and loads no Django; therefore the daily job imports its operations when it runs.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tahseel.kernel import secrets
from tahseel.kernel.actor import system
from tahseel.kernel.agenda import DayJob, Missed
from tahseel.recovery.clearance import wire
from tahseel.recovery.clearance.gateway import Gateway
from tahseel.recovery.clearance.replica import Reader
from tahseel.registry.customers.values import CIVIL_ID_INDEX

NS_PER_MS = 1_000_000
BENCH_PORT = "TAHSEEL_BENCH_GATEWAY_PORT"
ACTOR = system("daily-holds")
PART = 500


def gateway(*, replica_path: Path, keys_path: Path, clock_shift_ms: int = 0) -> Gateway:
    """A gateway over a replica and the key ring in `keys_path`."""
    ring = secrets.KeyRing.load_or_create(keys_path)
    secrets.install_keys(ring)
    blind_index, clock = secrets.blind_index, time.time_ns
    made = Gateway(
        open_reader=lambda: Reader.open(replica_path),
        blind_index=lambda civil_id: blind_index(civil_id, purpose=CIVIL_ID_INDEX),
        key_id=ring.index_key_id,
        now_ms=lambda: clock() // NS_PER_MS + clock_shift_ms,
    )
    made.warm()
    return made


def serve(
    *, socket_path: Path, replica_path: Path, keys_path: Path, clock_shift_ms: int = 0
) -> None:
    """Be the gateway process until SIGTERM; unsigned checks on a private Unix socket only.

    clock_shift_ms: for a demonstration held on another day. The bench alone, by naming a port in
    TAHSEEL_BENCH_GATEWAY_PORT, makes it listen on loopback TCP in place of the socket.
    """
    made = gateway(replica_path=replica_path, keys_path=keys_path, clock_shift_ms=clock_shift_ms)
    port = os.environ.get(BENCH_PORT)
    gc.collect()
    gc.freeze()
    wire.run(answer=made.answer, address=("127.0.0.1", int(port)) if port else socket_path)


def command(
    *, socket_path: Path, replica_path: Path, keys_path: Path, clock_shift_ms: int = 0
) -> list[str]:
    """The command line that starts `serve` as a process of its own."""
    paths = [str(socket_path), str(replica_path), str(keys_path)]
    return [sys.executable, "-m", "tahseel.recovery.clearance.jobs", *paths, str(clock_shift_ms)]


def _hold(at: datetime, day: date) -> Mapping[str, Any]:
    """Part by part, each a commit: a release in between waits for one part at most."""
    from tahseel.recovery.clearance import operations, queries  # noqa: PLC0415 - loads Django
    from tahseel.recovery.clearance.values import OpenReport  # noqa: PLC0415

    due, report = queries.to_decide(day), OpenReport(0, 0, 0, 0)
    for start in range(0, len(due), PART):
        report += operations.open_due_holds(
            actor=ACTOR, at=at, business_date=day, customer_ids=due[start : start + PART]
        )
    return report.audit_facts()


HOLD = DayJob("clearance.hold", _hold, Missed.COVERED, in_parts=True)
JOBS = (HOLD,)


if __name__ == "__main__":
    serve(
        socket_path=Path(sys.argv[1]),
        replica_path=Path(sys.argv[2]),
        keys_path=Path(sys.argv[3]),
        clock_shift_ms=int(sys.argv[4]) if len(sys.argv) > 4 else 0,
    )

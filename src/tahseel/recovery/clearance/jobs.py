"""Where the gateway process begins: the one place of the slice that reads a clock.

`python -m tahseel.recovery.clearance.jobs SOCKET REPLICA KEYS [SHIFT_MS]`; no Django is loaded.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path

from tahseel.kernel import secrets
from tahseel.recovery.clearance import wire
from tahseel.recovery.clearance.gateway import Gateway
from tahseel.recovery.clearance.replica import Reader
from tahseel.registry.customers.values import CIVIL_ID_INDEX

NS_PER_MS = 1_000_000
BENCH_PORT = "TAHSEEL_BENCH_GATEWAY_PORT"


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


if __name__ == "__main__":
    serve(
        socket_path=Path(sys.argv[1]),
        replica_path=Path(sys.argv[2]),
        keys_path=Path(sys.argv[3]),
        clock_shift_ms=int(sys.argv[4]) if len(sys.argv) > 4 else 0,
    )

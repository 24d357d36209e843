"""Where the gateway process begins: the one place of the slice that reads a clock."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tahseel.kernel import secrets
from tahseel.recovery.clearance.gateway import Application, Gateway, application
from tahseel.recovery.clearance.replica import Reader
from tahseel.registry.customers.values import CIVIL_ID_INDEX

NS_PER_MS = 1_000_000


def gateway() -> Application:
    """The application that the server loads; its surroundings come from the environment."""
    folder = Path(os.environ["TAHSEEL_GATEWAY_REPLICA"])
    ring = secrets.KeyRing.load_or_create(Path(os.environ["TAHSEEL_GATEWAY_KEYS"]))
    shift_ms = int(os.environ.get("TAHSEEL_GATEWAY_SHIFT_MS", "0"))
    secrets.install_keys(ring)
    blind_index, clock = secrets.blind_index, time.time_ns

    def index_of(civil_id: str) -> bytes:
        return blind_index(civil_id, purpose=CIVIL_ID_INDEX)

    def now_ms() -> int:
        return clock() // NS_PER_MS + shift_ms

    made = Gateway(
        open_reader=lambda: Reader.open(folder),
        blind_index=index_of,
        key_id=ring.index_key_id,
        now_ms=now_ms,
    )
    made.warm()
    return application(made)

"""The processes of production: `serve` (or `web`), `worker`, `gateway`."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from tahseel.app import clock, paths, runtime
from tahseel.app.commands import output


def web(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to bind to.")] = "127.0.0.1",
) -> None:
    """Serve the pages: desk, portal, cockpit and the partner's addresses."""
    from tahseel.app.web import serve_web

    with output.telling_refusals(), runtime.running():
        serve_web(host=host, port=port)


def worker() -> None:
    """Number events, project holds, seal the audit log, find lost payments. One a database."""
    with output.telling_refusals(), runtime.running():
        from tahseel.app import jobs

        jobs.run(stop=_stop_on_signals())


def gateway() -> None:
    """Answer clearance checks on the private Unix socket, from the replica alone."""
    from tahseel.recovery.clearance import jobs

    with output.telling_refusals():
        jobs.serve(
            socket_path=paths.sockets() / "gateway.sock",
            replica_path=Path(paths.var() / "replica"),
            keys_path=Path(paths.var() / "keys"),
            clock_shift_ms=clock.shift_days() * 86_400_000,
        )


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    return stop

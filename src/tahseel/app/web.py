"""The web process: desk, portal and cockpit behind granian."""

from __future__ import annotations

from granian.constants import Interfaces
from granian.server import Server


def serve_web(*, host: str, port: int, threads: int = 8) -> None:
    """Serve until told to stop. Binds to the given address only."""
    Server(
        "tahseel.app.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
    ).serve()

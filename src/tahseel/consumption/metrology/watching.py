"""Who is told, in the same transaction, that days of an account had another quantity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tahseel.consumption.metrology.values import ErrorConfirmed, Watcher
from tahseel.kernel.actor import Actor

_watchers: list[Watcher] = []


def install(watchers: Sequence[Watcher]) -> None:
    """Called once by `app`: those above that bill by the quantities."""
    _watchers[:] = watchers


def tell(*, actor: Actor, at: datetime, confirmed: ErrorConfirmed) -> None:
    """Tell them all; what one refuses is refused whole."""
    for watcher in _watchers:
        watcher(actor=actor, at=at, confirmed=confirmed)

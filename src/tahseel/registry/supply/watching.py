"""Who is told, in the same transaction, that somebody else pays from a day on.

Higher slices act on who is liable: they bill him. When the day lies before what they have done
already, that has to be looked at again by a person, and must not depend on a message that is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tahseel.kernel.actor import Actor
from tahseel.registry.supply.values import PayerChange


class Watcher(Protocol):
    """Called with a change as it is made. What it refuses is refused whole."""

    def __call__(self, *, actor: Actor, at: datetime, change: PayerChange) -> None: ...


_watchers: list[Watcher] = []


def install_watchers(watchers: Sequence[Watcher]) -> None:
    """Called once by `app`: who is told of every change of payer."""
    _watchers[:] = watchers


def tell(*, actor: Actor, at: datetime, change: PayerChange) -> None:
    """Tell them all."""
    for watcher in _watchers:
        watcher(actor=actor, at=at, change=change)

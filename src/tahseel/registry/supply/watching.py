"""Who is told, in the same transaction, that somebody else pays from a day on.

Higher slices act on who is liable: they bill him. When the day lies before what they have done
already, that has to be looked at again by a person, and must not depend on a message that is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from tahseel.kernel.actor import Actor
from tahseel.registry.supply.values import PayerChange


class Watcher(Protocol):
    """Called with a change as it is made. What it refuses is refused whole."""

    def __call__(self, *, actor: Actor, at: datetime, change: PayerChange) -> None: ...


Settled = Callable[[PayerChange], bool]

_watchers: list[Watcher] = []
_settled: list[Settled] = []


def install_watchers(watchers: Sequence[Watcher]) -> None:
    """Called once by `app`: who is told of every change of payer."""
    _watchers[:] = watchers


def install_settled(settled: Sequence[Settled]) -> None:
    """Called once by `app`: who says that days of a change are billed to somebody else already."""
    _settled[:] = settled


def is_settled(change: PayerChange) -> bool:
    """Some of the change's days are billed, so that two people make it."""
    return any(one(change) for one in _settled)


def tell(*, actor: Actor, at: datetime, change: PayerChange) -> None:
    """Tell them all."""
    for watcher in _watchers:
        watcher(actor=actor, at=at, change=change)

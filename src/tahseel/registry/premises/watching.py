"""Who knows which months are settled, and who is told that a price changed on their days.

Higher slices measure and bill by a unit's sector and certificate. Whether a change reaches back
into what they have done is theirs to say; what they do about it happens in the change's own
transaction, and must not depend on a message that is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from tahseel.kernel.actor import Actor
from tahseel.registry.premises.values import PriceChange

Settled = Callable[[PriceChange], bool]


class Watcher(Protocol):
    """Called with a change as it is made. What it refuses is refused whole."""

    def __call__(self, *, actor: Actor, at: datetime, change: PriceChange) -> None: ...


_settled: list[Settled] = []
_watchers: list[Watcher] = []


def install(*, settled: Sequence[Settled], watchers: Sequence[Watcher]) -> None:
    """Called once by `app`: who says that a month is determined or billed, and who is told."""
    _settled[:] = settled
    _watchers[:] = watchers


def is_settled(change: PriceChange) -> bool:
    """A month of the change's days is determined or billed already."""
    return any(one(change) for one in _settled)


def tell(*, actor: Actor, at: datetime, change: PriceChange) -> None:
    """Tell them all."""
    for watcher in _watchers:
        watcher(actor=actor, at=at, change=change)

"""What higher slices say before a claim leaves its account, in the transfer's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tahseel.books.transfers.values import Leaving


class Guard(Protocol):
    """Asked when a transfer is asked for and again when it is agreed to; it refuses or not."""

    def __call__(self, *, at: datetime, leaving: Leaving) -> None: ...


_guards: list[Guard] = []


def install(guards: Sequence[Guard]) -> None:
    """Called once by `app`."""
    _guards[:] = guards


def ask(*, at: datetime, leaving: Leaving) -> None:
    """Ask them all; what one refuses is refused whole."""
    for guard in _guards:
        guard(at=at, leaving=leaving)

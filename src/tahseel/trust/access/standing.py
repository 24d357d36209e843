"""Whether a customer's record still takes a sign-in: asked of whoever keeps the records.

They lie above this slice, so `app` says who is asked. A record that was merged into another one
takes none: whoever signs in by it would see nothing of his own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID


class Standing(Protocol):
    """Raises its own Refusal, with its facts, for a record that takes nothing new.

    In the running transaction: until it ends, no such record may cease to stand.
    """

    def __call__(self, *, customer_ids: Collection[UUID]) -> None: ...


_asked: list[Standing] = []


def install(asked: Sequence[Standing]) -> None:
    """Called once by `app`: who is asked before a customer gets a sign-in."""
    _asked[:] = asked


def require(customer_id: UUID | None) -> None:
    """Whatever they refuse is refused; staff have no record."""
    if customer_id is None:
        return
    for one in _asked:
        one(customer_ids=[customer_id])

"""Every slice that has a part in a story, in the order in which a fils travels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tahseel.books.claims import history as claims
from tahseel.books.deposits import history as deposits
from tahseel.books.ledger import history as ledger
from tahseel.books.payments import history as payments
from tahseel.books.transfers import history as transfers
from tahseel.channels.services import history as services
from tahseel.charging.billing import history as billing
from tahseel.charging.charges import history as charges
from tahseel.consumption.metrology import history as metrology
from tahseel.consumption.readings import history as readings
from tahseel.kernel.history import About, Mark, Step, Words
from tahseel.recovery.clearance import history as clearance
from tahseel.recovery.collections import history as collections
from tahseel.recovery.government import history as government
from tahseel.registry.customers import history as customers
from tahseel.registry.meters import history as meters
from tahseel.registry.premises import history as premises
from tahseel.registry.supply import history as supply
from tahseel.trust.notices import history as notices


class Teller(Protocol):
    """A module `history`; see `kernel.history`."""

    WORDS: Words
    TERMS: Words
    ACTS: frozenset[str]

    @property
    def __name__(self) -> str: ...

    def steps(self, about: About, *, before: Mark | None, limit: int) -> list[Step]: ...


TELLERS: tuple[Teller, ...] = (
    notices, customers, premises, meters, supply, readings, metrology, ledger, claims, payments,
    deposits, transfers, charges, billing, collections, government, clearance, services,
)  # fmt: skip
_origins: list[Teller] = []


def install_origins(tellers: Sequence[Teller]) -> None:
    """Called once by `app`: who tells how things came here from another system, with all they had.

    Their steps are part of a story, and the leaf of a step that came in a batch is theirs.
    """
    _origins[:] = tellers


def origins() -> tuple[Teller, ...]:
    """Who tells where things came from."""
    return tuple(_origins)


def tellers() -> tuple[Teller, ...]:
    """Everybody who has a part in a story."""
    return (*TELLERS, *_origins)


def family(teller: Teller) -> str:
    """The slice of a teller: what its codes begin with."""
    return teller.__name__.split(".")[-2]


def acts_told() -> frozenset[str]:
    """Actions of the log of which some teller's step tells already."""
    return frozenset(action for teller in tellers() for action in teller.ACTS)

"""How much of which claim moves, how a transfer is called, and its entries. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from tahseel.books.claims import rules as claims
from tahseel.books.claims.values import Claim
from tahseel.books.ledger.values import RECEIVABLE, Entry
from tahseel.books.transfers.values import ASSUMED, KIND, Terms, Transfer
from tahseel.kernel.ids import derived_id, reference_letters
from tahseel.kernel.money import Money

LETTERS = 8
_installed: list[Terms] = []


def load(content: bytes) -> Terms:
    """Read transfers.toml. Raises KeyError or ValueError for data that cannot be used."""
    raw = tomllib.loads(content.decode())
    due_days, large = raw["claims"]["due_days"], raw["approval"]["large_fils"]
    if due_days < 0 or large <= 0:
        raise ValueError("days are not below zero, and a large sum is above it")
    return Terms(due_days=due_days, large=Money(large))


def install(terms: Terms) -> None:
    """Called once by `app` with the country's terms."""
    _installed[:] = [terms]


def terms() -> Terms:
    """The installed terms. Raises LookupError before `install`."""
    if not _installed:
        raise LookupError("no terms of debt transfers are installed")
    return _installed[0]


def reaching(*, claims_chosen: Iterable[Claim], up_to: Money) -> dict[UUID, Money]:
    """What of the chosen claims a paper's sum reaches: the oldest due first, undisputed parts."""
    left, parts = up_to.fils, {}
    for claim in sorted(claims_chosen, key=claims.age):
        taken = min(left, claim.payable.fils)
        if taken > 0:
            parts[claim.id] = Money(taken)
            left -= taken
    return parts


def transfer_id(approval_id: UUID) -> UUID:
    """One approval moves one debt, however often it is tried."""
    return derived_id(approval_id, "debt-transfer")


def reference(transfer: UUID, day: date) -> str:
    """What the papers of a transfer quote, such as D-2026-7K3M9QPD."""
    letters = reference_letters(transfer, purpose="debt-transfer", count=LETTERS)
    return f"D-{day.year}-{letters}"


def new_claim_id(transfer: UUID, account_id: UUID, claim_id: UUID) -> UUID:
    return derived_id(transfer, "claim", str(account_id), str(claim_id))


def met_by(transfer: UUID, claim_id: UUID) -> UUID:
    """Under which id the old claim is met: one a claim, so that each part is exact."""
    return derived_id(transfer, "met", str(claim_id))


def dropped_by(transfer: UUID, claim_id: UUID) -> UUID:
    """Under which id a new claim falls away when the transfer is taken back."""
    return derived_id(transfer, "dropped", str(claim_id))


def entries(done: Transfer) -> tuple[Entry, Entry]:
    """What the old account is owed no longer, and what the new one owes; both or neither."""
    sides: Mapping[str, tuple[UUID, str, str]] = {
        "out": (done.from_account_id, ASSUMED, RECEIVABLE),
        "in": (done.to_account_id, RECEIVABLE, ASSUMED),
    }
    out, into = (
        Entry(
            id=derived_id(done.id, "entry", side),
            account_id=account_id,
            debit=debit,
            credit=credit,
            amount=done.amount,
            business_date=done.moved_on,
            source=KIND,
            source_id=done.id,
        )
        for side, (account_id, debit, credit) in sides.items()
    )
    return out, into

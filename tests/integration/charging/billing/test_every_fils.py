"""Payments, disputes and corrections in any order: the books agree after each of them."""

from __future__ import annotations

import random

import pytest
from tests.integration.charging.billing.test_rebilling import (
    assert_sound,
    correct,
    july,
    pay,
    street,
    used,
)
from tests.integration.charging.billing.test_run import Street
from tests.integration.registry.town import AT, HOUSE

from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.kernel.money import Money

__all__ = ["street"]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_paid_disputed_and_corrected_in_any_order_every_fils_is_accounted_for(
    street: Street, seed: int
) -> None:
    draw, version = random.Random(seed), 1
    for _ in range(draw.randint(4, 9)):
        act = draw.choice(["pay", "dispute", "correct", "correct"])
        if act == "pay":
            pay(street, draw.randint(1, 120_000))
        elif act == "dispute" and (owed := claims.open_claims(street.accounts[0])):
            claim = draw.choice(owed)
            claim_operations.dispute(
                actor=HOUSE, at=AT, account_id=street.accounts[0], claim_id=claim.id,
                amount=Money(draw.randint(0, claim.open.fils)),
            )  # fmt: skip
        else:
            version += 1
            litres = draw.choice([0, 454_609, draw.randint(0, 900_000)])
            used(street, version, wh=draw.randint(0, 9_000_000), litres=litres)
            paid = street_paid(street)
            done = correct(street)
            assert done.after - done.before == done.asked - done.reduced - done.credited
            assert july(street).total == done.after
            assert street_paid(street) == paid
        assert_sound(street)


def street_paid(street: Street) -> int:
    """All money that came: what of it met claims beyond credit notes, and what stands as credit."""
    cash = [
        one.entry.amount.fils
        for one in ledger.entries(street.accounts[0])
        if one.entry.source == "payment"
    ]
    balance = ledger.balance(street.accounts[0])
    billed = july(street).total.fils
    assert sum(cash) == billed - balance.receivable.fils + balance.credit.fils
    return sum(cash)

"""One payment over many accounts: allocated as its advice says, or refused whole."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.charging.billing.test_run import Street
from tests.integration.charging.charges.counter import (
    LATER,
    expect_denied,
    owed,
    sound,
    street,
)
from tests.integration.registry.town import CLERK, ENGINEER, HEAD

from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.books.payments import operations
from tahseel.books.payments.operations import remitting
from tahseel.books.payments.operations.remitting import AdviceLine
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.registry.supply import operations as supply

__all__ = ["street"]
ACTION = "payments.record_remittance"


@pytest.fixture
def main(street: Street) -> UUID:
    """A main account with another one under it, each owing 20.000."""
    first, second = street.accounts
    supply.put_under(
        actor=HEAD, at=LATER, parent_id=first, child_ids=[second], from_day=date(2026, 7, 1),
        agreement="GROUP-1",
    )  # fmt: skip
    return first


def references(street: Street) -> list[str]:
    return [claims.open_claims(account)[0].reference for account in street.accounts]


def remit(
    main: UUID, amount: int, parts: dict[str, int], *, own: UUID | None = None,
    actor: Actor = CLERK,
) -> None:  # fmt: skip
    operations.record_remittance(
        actor=actor, at=LATER, id=own or uuid4(), account_id=main, amount=Money(amount),
        tender="bank_transfer", reference="TR-9", business_date=LATER.date(),
        advice=[AdviceLine(n, name, Money(f)) for n, (name, f) in enumerate(parts.items(), 2)],
    )  # fmt: skip


def test_a_payment_meets_the_claims_that_its_advice_names(street: Street, main: UUID) -> None:
    one, other = references(street)
    own = uuid4()

    remit(main, 27_500, {one: 7_500, other: 20_000}, own=own)
    remit(main, 27_500, {one: 7_500, other: 20_000}, own=own)

    assert [owed(account) for account in street.accounts] == [Money(12_500), Money(0)]
    assert sound()


def test_what_does_not_add_up_is_refused_whole(street: Street, main: UUID) -> None:
    one, other = references(street)

    expect_denied(
        lambda: remit(main, 27_501, {one: 7_500, other: 20_000}),
        remitting.AdviceDoesNotAddUp, ACTION,
    )  # fmt: skip


def test_more_than_is_open_or_what_is_not_under_the_main_is_refused_whole(
    street: Street, main: UUID
) -> None:
    one, other = references(street)

    for parts in ({one: 1, other: 20_001}, {one: 1, "NOBODY": 20_001}):
        expect_denied(
            lambda given=parts: remit(main, 20_002, given),  # type: ignore[misc]
            remitting.NotOwedThere, ACTION,
        )  # fmt: skip
    expect_denied(lambda: remit(street.accounts[1], 1, {one: 1}), remitting.NotOwedThere, ACTION)


def test_a_disputed_part_is_not_paid_by_an_advice(street: Street, main: UUID) -> None:
    one, _ = references(street)
    [claim] = claims.open_claims(main)
    claim_operations.dispute(
        actor=CLERK, at=LATER, account_id=main, claim_id=claim.id, amount=Money(1)
    )

    expect_denied(lambda: remit(main, 20_000, {one: 20_000}), remitting.NotOwedThere, ACTION)
    remit(main, 19_999, {one: 19_999})
    assert owed(main) == Money(1)


def test_an_engineer_takes_no_payment(street: Street, main: UUID) -> None:
    one, _ = references(street)

    expect_denied(lambda: remit(main, 1, {one: 1}, actor=ENGINEER), NotAllowed, ACTION)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"a,b\nX,1\n", b"reference,amount\n", b"reference,amount\nX,1.2345\n",
     b"reference,amount\nX,-1\n", b"reference,amount\nX,0\n", b"reference,amount\nX\n",
     b"reference,amount\nX,1\nX,2\n", b"reference,amount\n,1\n"],
)  # fmt: skip
def test_an_advice_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(remitting.AdviceWrong):
        remitting.read_advice(content)


@given(st.dictionaries(st.from_regex(r"[A-Z0-9-]{1,20}", fullmatch=True),
                       st.integers(1, 10**9), min_size=1, max_size=30))  # fmt: skip
@settings(deadline=None)
def test_an_advice_is_read_to_the_fils(parts: dict[str, int]) -> None:
    text = "reference,amount\n" + "".join(
        f"{name},{Money(fils).dinars()}\n" for name, fils in parts.items()
    )

    read = remitting.read_advice(text.encode())

    assert {one.reference: one.amount.fils for one in read} == parts

"""What deposit is wanted, and when it no longer fits: without a database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.books.deposits import rules
from tahseel.books.deposits.values import ProposalKind
from tahseel.countries.kuwait import country
from tahseel.kernel.money import ZERO, Money
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.premises.values import UnitKind
from tahseel.registry.supply.values import Capacity

DATA = country.content("deposits")


@pytest.fixture(autouse=True)
def _kuwait() -> None:
    rules.install_policy(rules.load_policy(DATA))


def wanted(capacity, unit, customer=CustomerKind.RESIDENT):
    return rules.wanted_at_move_in(capacity=capacity, unit=unit, customer=customer)


def test_a_tenant_of_a_flat_is_asked_for_125_dinars_and_an_owner_or_the_state_for_nothing():
    assert wanted(Capacity.TENANT, UnitKind.FLAT) == Money(125_000)
    assert wanted(Capacity.OWNER, UnitKind.FLAT) == ZERO
    assert wanted(Capacity.TENANT, UnitKind.PLANT) == ZERO
    assert wanted(Capacity.TENANT, UnitKind.FLAT, CustomerKind.GOVERNMENT) == ZERO


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"",
        DATA.replace(b"125_000", b"-1"),
        DATA.replace(b'"tenant"', b'"lodger"', 1),
        DATA.replace(b"months = 2", b'months = "two"'),
    ],
)
def test_wrong_data_is_refused(data):
    with pytest.raises(rules.DepositPolicyWrong):
        rules.load_policy(data)


@given(billed=st.integers(0, 10**9), months=st.integers(1, 24))
def test_the_use_of_two_months_is_rounded_up_to_whole_steps(billed, months):
    found = rules.wanted_by_use(billed=Money(billed), months=months).fils

    assert found % 25_000 == 0
    assert found * months >= billed * 2
    assert (found - 25_000) * months < billed * 2


@given(held=st.integers(0, 10**6), floor=st.integers(0, 10**6), by_use=st.integers(0, 10**6))
def test_a_proposal_is_made_exactly_when_the_wanted_sum_is_half_as_much_again_away(
    held, floor, by_use
):
    kind = rules.proposed(held=Money(held), floor=Money(floor), by_use=Money(by_use))

    larger = max(floor, by_use)
    expected = None
    if larger > held * 1.5:
        expected = ProposalKind.RAISE
    elif held > larger * 1.5:
        expected = ProposalKind.RETURN
    assert kind is expected


def test_a_guarantee_is_to_be_renewed_sixty_days_before_it_ends():
    assert rules.renewal_due(date(2026, 3, 2), date(2026, 1, 1))
    assert not rules.renewal_due(date(2026, 3, 3), date(2026, 1, 1))


@pytest.mark.parametrize(
    "typed", ["KW81CBKU0000000000001234560101", "kw81 cbku 0000 0000 0000 1234 5601 01"]
)
def test_a_sound_iban_is_read_in_any_spacing(typed):
    assert rules.check_iban(typed) == "KW81CBKU0000000000001234560101"


@pytest.mark.parametrize(
    "typed",
    ["", "KW81CBKU000000000000123456010", "KW81CBKU0000000000001234560102",
     "GB82WEST12345698765432", "KW81CBKU00000000000012345601é1"],
)  # fmt: skip
def test_an_unsound_iban_is_refused(typed):
    with pytest.raises(ValueError, match="IBAN"):
        rules.check_iban(typed)

"""Deeds of the real-estate registration: the owner who pays is followed by the buyer."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.integration.registry.feeds.conftest import Feeds
from tests.integration.registry.feeds.test_feeds import standings

from tahseel.registry.supply.values import Capacity

SOLD = date(2026, 11, 10)


@pytest.fixture
def house(feeds: Feeds) -> Any:
    """A house with an automatic number, its account and its owner."""
    from tahseel.registry.supply import operations

    (unit,) = feeds.town.units(1, paci_number="17432150")
    owner, digits = feeds.person("المالك")
    account = feeds.town.make_id(feeds.town.at)
    operations.open_account(
        actor=feeds.town.clerk, at=feeds.town.at, id=account, unit_id=unit.id,
        opened_on=feeds.town.opened, payer_id=owner, capacity=Capacity.OWNER,
    )  # fmt: skip
    return account, owner, digits


def liable(account: UUID, day: date) -> tuple[UUID | None, Capacity]:
    from tahseel.registry.supply import queries

    span = queries.liability_on(account_id=account, day=day)
    assert span is not None
    return span.customer_id, span.capacity


def test_a_deed_hands_the_account_to_the_buyer_on_its_day(feeds: Feeds, house: Any) -> None:
    account, owner, digits = house
    buyer, buyer_digits = feeds.person("المشتري")
    number = feeds.title("17432150", digits, buyer_digits)

    feeds.night()

    assert standings()[number, 1] == ("applied", "")
    assert liable(account, SOLD) == (buyer, Capacity.OWNER)
    assert liable(account, date(2026, 11, 9)) == (owner, Capacity.OWNER)


def test_a_deed_to_somebody_who_is_no_customer_waits_until_he_is(feeds: Feeds, house: Any) -> None:
    account, owner, digits = house
    number = feeds.title("17432150", digits, feeds.town.civil_id().digits)

    feeds.night()

    assert standings()[number, 1] == ("parked", "buyer_unknown")
    assert liable(account, SOLD)[0] == owner


def test_a_deed_by_somebody_who_does_not_own_here_is_parked(feeds: Feeds, house: Any) -> None:
    account, owner, _ = house
    _, other = feeds.person("غريب")
    _, buyer = feeds.person("المشتري")
    number = feeds.title("17432150", other, buyer)

    feeds.night()

    assert standings()[number, 1] == ("parked", "seller_differs")
    assert liable(account, SOLD)[0] == owner


def test_a_deed_of_land_that_we_do_not_supply_concerns_nobody(feeds: Feeds, house: Any) -> None:
    _, _, digits = house
    _, buyer = feeds.person("المشتري")
    number = feeds.title("99999999", digits, buyer)

    feeds.night()

    assert standings()[number, 1] == ("unconcerned", "")


def test_a_corrected_deed_waits_for_a_person_once_it_was_applied(feeds: Feeds, house: Any) -> None:
    account, _, digits = house
    buyer, buyer_digits = feeds.person("المشتري")
    _, other_digits = feeds.person("مشتر آخر")
    number = feeds.title("17432150", digits, buyer_digits)
    feeds.night()
    feeds.title("17432150", digits, other_digits, number=number, version=2, state="corrected")

    feeds.night()

    assert standings()[number, 2] == ("parked", "correction_needs_decision")
    assert liable(account, SOLD)[0] == buyer


def test_a_tenant_stays_liable_when_the_house_is_sold_under_him(feeds: Feeds, house: Any) -> None:
    from tahseel.registry.supply import operations, queries
    from tahseel.registry.supply.values import Role

    account, owner, digits = house
    tenant, _ = feeds.person("المستأجر")
    operations.transfer(
        actor=feeds.town.clerk, at=feeds.town.at, account_id=account, to_customer_id=tenant,
        on_day=date(2026, 2, 1), capacity=Capacity.TENANT,
    )  # fmt: skip
    buyer, buyer_digits = feeds.person("المشتري")
    number = feeds.title("17432150", digits, buyer_digits)

    feeds.night()

    assert standings()[number, 1] == ("applied", "")
    assert liable(account, SOLD) == (tenant, Capacity.TENANT)
    spans = queries.parties(account_ids=[account])[account]
    owners = {s.customer_id: s.until_day for s in spans if s.role is Role.OWNER}
    assert owners == {owner: SOLD, buyer: None}

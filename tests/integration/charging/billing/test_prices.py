"""A bill run tells what each account paid for what it used; the work-list of reads hears it."""

from __future__ import annotations

import pytest
from tests.integration.charging.billing.test_run import AT, JULY, Street, bill, build, use
from tests.integration.registry.town import found as found_town

from tahseel.charging.billing import rules
from tahseel.consumption.exceptions import consumers, queries
from tahseel.consumption.exceptions.values import Price
from tahseel.countries.kuwait import country
from tahseel.kernel import outbox


@pytest.fixture
def street(database: object) -> Street:
    """Three accounts, billed by the country's own price book."""
    policy = rules.load_policy(country.content("billing"), book=country.price_book)
    rules.install_policy(policy)
    return build(found_town(), 3)


def test_a_run_tells_the_average_price_of_each_account_and_service(street: Street) -> None:
    use(street, street.accounts[:2], JULY, wh=3_000_000, litres=454_609)

    bill()
    outbox.sequence_pending(at=AT)
    consumers.step(at=AT)

    found = queries.prices(account_ids=street.accounts)
    assert found == {
        (account, service): price
        for account in street.accounts[:2]
        for service, price in (
            ("electricity", Price(15_000, 3_000_000)),
            ("water", Price(200_000, 454_609)),
        )
    }


def test_nothing_used_has_no_average_price(street: Street) -> None:
    use(street, street.accounts, JULY, wh=0, litres=454_609)

    bill()
    outbox.sequence_pending(at=AT)
    consumers.step(at=AT)

    assert {service for _, service in queries.prices(account_ids=street.accounts)} == {"water"}

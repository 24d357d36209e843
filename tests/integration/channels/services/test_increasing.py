"""More load on an account that stands: for whoever is liable for it, and only for him."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.services.conftest import CLERK, Office
from tests.integration.channels.services.test_getting_supply import Leaves, sound

from tahseel.channels.services import queries
from tahseel.channels.services.operations.applying import (
    AccountNotClear,
    AccountNotYours,
    NoLongerLiable,
)
from tahseel.channels.services.values import MeterFit
from tahseel.kernel import outbox
from tahseel.kernel.quantity import Service


def increase(office: Office, **facts: Any) -> Any:
    """An application for more load on an account that a first one opened."""
    first = office.passed()
    office.energise(first)
    office.later()
    return office.apply(
        service="load_increase", services=frozenset({Service.ELECTRICITY}), load_kw=90,
        account_id=first.account_id, papers=office.papers("electrical_plan"), **facts,
    )  # fmt: skip


def test_a_load_increase_keeps_the_account_and_exchanges_the_meter(office: Office) -> None:
    from tahseel.registry.supply import queries as supply

    made = increase(office)
    studied = office.study(made, 21, current_kw=60)
    quoted = office.quote(made)
    office.pay(quoted)
    office.inspect(made)
    office.meter("BIGGER")
    fit = MeterFit(Service.ELECTRICITY, "BIGGER", {"1.8.0": "000000"}, {"1.8.0": "000400"})

    energised = office.energise(made, [fit])

    assert (studied.added_kw, studied.demand_kw) == (30, 21)
    assert quoted.quotation.total.fils == 10_000 + 30 * 2_500
    accounts = supply.accounts_of(customer_id=office.owner, as_of=office.today)
    assert [ref.number for ref in accounts] == [energised.account_number]
    hung = queries.hung_at(unit_id=office.unit, day=office.today)
    assert "BIGGER" in {view.serial for view in hung.values()}
    assert sound()


def test_an_increase_is_for_the_account_of_the_applicant_only(office: Office) -> None:
    first = office.passed()
    office.energise(first)

    with pytest.raises(AccountNotYours) as refused:
        office.apply(
            service="load_increase", services=frozenset({Service.ELECTRICITY}),
            account_id=first.account_id, applicant_id=office.town.person(),
        )  # fmt: skip

    assert refused.value.facts == {"account": number_of(first)}


def number_of(made: Any) -> str:
    from tahseel.registry.supply import queries as supply

    return supply.accounts(account_ids=[made.account_id])[made.account_id].number


def events_told(office: Office) -> int:
    outbox.sequence_pending(at=office.now)
    return outbox.last_sequence()


def hand_over(office: Office, made: Any) -> None:
    from tahseel.registry.supply import operations as supply
    from tahseel.registry.supply.values import Capacity

    supply.transfer(
        actor=CLERK, at=office.now, account_id=made.account_id,
        to_customer_id=office.town.person(), on_day=office.today, capacity=Capacity.TENANT,
        agreement="L-1",
    )  # fmt: skip


def test_an_increase_is_not_studied_for_whoever_is_no_more_liable(
    office: Office, leaves: Leaves
) -> None:
    made = increase(office)
    hand_over(office, made)

    with pytest.raises(NoLongerLiable) as refused:
        office.study(made, 21, current_kw=60)

    facts = {"account": number_of(made), "since": office.today.isoformat()}
    assert refused.value.facts == facts
    assert all(each in refused.value.in_language("ar") for each in facts.values())
    assert office.state(made) == "applied"
    assert leaves("services.record_study")[-1] == "refused"


def test_an_increase_is_not_quoted_for_whoever_is_no_more_liable(
    office: Office, leaves: Leaves
) -> None:
    from tahseel.books.claims import queries as claims

    made = increase(office)
    office.study(made, 21, current_kw=60)
    hand_over(office, made)
    owed, told = claims.claims(made.account_id), events_told(office)

    with pytest.raises(NoLongerLiable):
        office.quote(made)

    assert claims.claims(made.account_id) == owed
    assert (office.state(made), events_told(office)) == ("studied", told)
    assert leaves("services.quote")[-1] == "refused"


def test_an_increase_is_not_inspected_for_whoever_is_no_more_liable(
    office: Office, leaves: Leaves
) -> None:
    made = increase(office)
    office.study(made, 21, current_kw=60)
    office.pay(office.quote(made))
    hand_over(office, made)
    told = events_told(office)

    with pytest.raises(NoLongerLiable):
        office.inspect(made)

    assert (office.state(made), events_told(office)) == ("paid", told)
    assert leaves("services.record_inspection")[-1] == "refused"


def test_an_increase_is_not_energised_for_whoever_is_no_more_liable(
    office: Office, leaves: Leaves
) -> None:
    made = increase(office)
    office.study(made, 21, current_kw=60)
    office.pay(office.quote(made))
    office.inspect(made)
    office.meter("BIGGER")
    hand_over(office, made)
    fit = MeterFit(Service.ELECTRICITY, "BIGGER", {"1.8.0": "000000"}, {"1.8.0": "000400"})

    with pytest.raises(AccountNotYours):
        office.energise(made, [fit])

    hung = queries.hung_at(unit_id=office.unit, day=office.today)
    assert "BIGGER" not in {view.serial for view in hung.values()}
    assert office.state(made) == "passed"
    assert leaves("services.energise")[-1] == "refused"


def test_an_increase_waits_until_what_is_overdue_is_paid(office: Office) -> None:
    from tahseel.books.claims import operations as claims
    from tahseel.books.claims.values import NewClaim
    from tahseel.kernel.money import Money

    first = office.passed()
    office.energise(first)
    debt = NewClaim(
        first.account_id, office.town.make_id(office.now), "B-1", "bill",
        office.today - timedelta(days=40), office.today - timedelta(days=10), Money(9_000),
        office.owner,
    )  # fmt: skip
    claims.open_claims(actor=CLERK, at=office.now, claims=[debt])

    with pytest.raises(AccountNotClear):
        office.apply(
            service="load_increase", services=frozenset({Service.ELECTRICITY}),
            account_id=first.account_id, papers=office.papers("electrical_plan"),
        )  # fmt: skip

"""Names put right by the civil registry, and people who leave the country and come back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.integration.registry.feeds.conftest import AT, DAY, TODAY, Feeds
from tests.integration.registry.feeds.test_feeds import done, standings

from tahseel.kernel.actor import Purpose
from tahseel.registry.customers.values import CustomerKind


def customer(feeds: Feeds, customer_id: UUID) -> Any:
    from tahseel.registry.customers import queries

    return queries.by_id(
        actor=feeds.town.clerk, at=AT, purpose=Purpose.AUDIT, customer_id=customer_id
    )


def resident(feeds: Feeds) -> tuple[UUID, str]:
    from tahseel.registry.customers import operations

    new, civil_id = feeds.town.make_id(feeds.town.at), feeds.town.civil_id()
    operations.register(
        actor=feeds.town.clerk, at=feeds.town.at, id=new, kind=CustomerKind.RESIDENT,
        civil_id=civil_id, name_ar="راجيف", name_en="Rajiv",
    )  # fmt: skip
    return new, civil_id.digits


def departed_on(customer_id: UUID) -> date | None:
    from tahseel.registry.customers.models import Customer

    return Customer.objects.get(pk=customer_id).departed_on


def test_a_name_is_put_right_once_and_the_same_again_is_known_already(
    feeds: Feeds, leaves: Any
) -> None:
    who, digits = feeds.person("سالم")
    names = {"name_ar": "سالم محمد العنزي", "name_en": "Salem Mohammed Alenezi"}
    first = feeds.publish("name", civil_id=digits, from_day="2026-11-20", **names)
    second = feeds.publish("name", civil_id=digits, from_day="2026-11-20", **names)

    feeds.night()

    assert customer(feeds, who).name("ar") == names["name_ar"]
    assert standings() == {(first, 1): ("applied", ""), (second, 1): ("applied", "known_already")}
    assert done(leaves, "customers.correct_name") == 1


def test_a_resident_who_left_for_good_is_recorded_and_comes_back(feeds: Feeds) -> None:
    who, digits = resident(feeds)
    feeds.publish("departure", civil_id=digits, left_on="2026-11-18", final=True)
    feeds.night()
    left = departed_on(who)
    feeds.publish("return", civil_id=digits, returned_on="2026-11-24")

    feeds.night(AT + timedelta(days=1), TODAY + timedelta(days=1))

    assert left == date(2026, 11, 18)
    assert departed_on(who) is None


def test_a_journey_is_no_departure(feeds: Feeds) -> None:
    who, digits = resident(feeds)
    number = feeds.publish("departure", civil_id=digits, left_on="2026-11-18", final=False)
    back = feeds.publish("return", civil_id=digits, returned_on="2026-11-23")

    feeds.night()

    assert departed_on(who) is None
    assert standings() == {
        (number, 1): ("applied", "left_for_a_time"), (back, 1): ("applied", "had_not_left"),
    }  # fmt: skip


def test_a_citizen_does_not_leave_for_good(feeds: Feeds) -> None:
    _, digits = feeds.person()
    number = feeds.publish("departure", civil_id=digits, left_on="2026-11-18", final=True, day=DAY)

    feeds.night()

    assert standings()[number, 1] == ("parked", "departure_impossible")

"""Corrections that name another, and records that wait behind many of strangers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.integration.registry.feeds.conftest import Feeds
from tests.integration.registry.feeds.test_feeds import died_on, standings
from tests.integration.registry.feeds.test_lives import departed_on, resident


@pytest.mark.parametrize("stranger", [True, False])
def test_a_correction_that_names_another_dead_waits_for_a_person(
    feeds: Feeds, stranger: bool
) -> None:
    first, digits = feeds.person()
    second, second_digits = feeds.person()
    number = feeds.death(digits)
    feeds.night()
    named = feeds.town.civil_id().digits if stranger else second_digits
    feeds.death(named, number=number, version=2, state="corrected")

    feeds.night()

    assert standings()[number, 2] == ("parked", "correction_names_another")
    assert died_on(second) is None
    assert died_on(first) == date(2026, 11, 20)


def test_a_departure_corrected_to_another_waits_for_a_person(feeds: Feeds) -> None:
    _, digits = resident(feeds)
    other, other_digits = resident(feeds)
    facts: dict[str, Any] = {"left_on": "2026-11-18", "final": True}
    number = feeds.publish("departure", civil_id=digits, **facts)
    feeds.night()
    feeds.publish(
        "departure", number=number, version=2, state="corrected", civil_id=other_digits, **facts
    )

    feeds.night()

    assert standings()[number, 2] == ("parked", "correction_names_another")
    assert departed_on(other) is None


def test_a_correction_that_tells_another_thing_waits_for_a_person(feeds: Feeds) -> None:
    customer, digits = feeds.person()
    number = feeds.death(digits)
    feeds.night()
    feeds.publish(
        "name", number=number, version=2, state="corrected", civil_id=digits, name_ar="خالد",
        name_en="Khalid", from_day="2026-11-20",
    )  # fmt: skip

    feeds.night()

    assert standings()[number, 2] == ("parked", "correction_names_another")
    assert died_on(customer) == date(2026, 11, 20)


def test_a_withdrawal_under_a_strangers_number_still_waits_for_a_person(feeds: Feeds) -> None:
    _, digits = feeds.person()
    number = feeds.death(digits)
    feeds.night()
    feeds.death(feeds.town.civil_id().digits, number=number, version=2, state="withdrawn")

    feeds.night()

    assert standings()[number, 2] == ("parked", "withdrawal_needs_decision")


def test_every_record_is_found_however_small_the_pages_are(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.registry.feeds import queries, rules

    monkeypatch.setattr(queries, "PART", 2)
    for _ in range(7):
        feeds.death(feeds.town.civil_id().digits)
    strangers = feeds.night()
    known = [feeds.person() for _ in range(5)]
    for _, digits in known:
        feeds.death(digits)

    told = feeds.night()

    assert (strangers["unconcerned"], told["unconcerned"], told["applied"]) == (7, 0, 5)
    assert all(died_on(customer) for customer, _ in known)
    assert queries.waiting(standings=rules.RETRIED) == ([], [])


def test_a_record_that_cannot_be_read_is_not_tried_every_night(feeds: Feeds) -> None:
    from tahseel.registry.feeds.models import FeedRecord

    feeds.death("288020122597")
    feeds.night()

    again = feeds.night()

    assert again["parked"] == 0
    assert FeedRecord.objects.get().attempts == 0

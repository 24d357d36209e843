"""Nights in which a registry fails or sends what was never agreed: no other is kept waiting."""

from __future__ import annotations

from typing import Any

import pytest
from simulators.registries.faults import Fault as WireFault
from simulators.registries.records import Record
from tests.integration.registry.feeds.conftest import AT, DAY, TODAY, Feeds
from tests.integration.registry.feeds.test_feeds import died_on, standings

from tahseel.kernel.errors import Fault


def test_a_registry_that_fails_on_its_very_first_night_is_read_the_next(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.registry.feeds import fetching

    monkeypatch.setattr(fetching, "ATTEMPTS_MAX", 1)
    customer, digits = feeds.person()
    feeds.death(digits)
    feeds.plan.order(WireFault.SERVER_ERROR)  # the civil registry is asked first
    with pytest.raises(Fault):
        feeds.night()

    told = feeds.night()

    assert told["applied"] == 1
    assert died_on(customer) is not None


def test_a_cursor_that_was_left_empty_begins_at_the_first_page(feeds: Feeds) -> None:
    from tahseel.registry.feeds.models import Cursor

    Cursor.objects.create(registry="civil")
    _, digits = feeds.person()
    feeds.death(digits)

    assert feeds.night()["applied"] == 1


def spoilt(feeds: Feeds, digits: str) -> list[Record]:
    facts: dict[str, Any] = {"civil_id": digits, "died_on": "2026-11-20", "certificate": "C"}
    day = DAY.isoformat()
    state: Any = []
    return [
        Record("DTH-00000901", 1, "death", state, day, facts),
        Record("DTH-00000902", True, "death", "issued", day, facts),
        Record("DTH-0000\x00", 1, "death", "issued", day, facts),
        Record("DTH-00000904", 1, "death", "issued\x00", day, facts),
        Record("DTH-00000905", 1, "death", "issued", day, {**facts, "certificate": "\x00"}),
        Record("DTH-00000906", 1, "death", "issued", day, {**facts, "paci_number": "\x00"}),
    ]


def test_malformed_records_are_parked_and_every_other_record_is_applied(feeds: Feeds) -> None:
    customer, digits = feeds.person()
    _, other = feeds.person()
    for record in spoilt(feeds, other):
        feeds.registers["civil"].publish(record)
    good = feeds.death(digits)
    feeds.publish("departure", civil_id=other, left_on="2026-11-20", final=False)

    told = feeds.night()

    assert (told["new"], told["applied"]) == (8, 2)
    assert standings()[good, 1] == ("applied", "")
    assert died_on(customer) is not None
    parked = [reason for standing, reason in standings().values() if standing == "parked"]
    assert sorted(parked) == [
        "facts_wrong", "facts_wrong", "number_missing", "state_unexpected", "state_unexpected",
        "version_wrong",
    ]  # fmt: skip


def test_a_registry_whose_figures_break_us_does_not_stop_the_comparing_of_the_others(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.registry.feeds import jobs, queries

    _, digits = feeds.person()
    feeds.death(digits)
    feeds.publish("departure", civil_id=digits, left_on="2026-11-20", final=False)
    compare = jobs.compare

    def breaks(*, registry: Any, **given: Any) -> list[str]:
        if registry.code == "civil":
            raise KeyError("figures")
        return compare(registry=registry, **given)

    monkeypatch.setattr(jobs, "compare", breaks)

    with pytest.raises(Fault, match="civil: KeyError"):
        feeds.night()

    assert queries.last_reconciled(registry="civil", day=DAY) is None
    assert queries.last_reconciled(registry="interior", day=DAY) is not None


def test_a_record_whose_act_breaks_is_parked_and_the_next_is_applied(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch, leaves: Any
) -> None:
    from tahseel.registry.customers import operations

    first, first_digits = feeds.person()
    second, second_digits = feeds.person()
    broken = feeds.death(first_digits)
    feeds.death(second_digits)
    record_death = operations.record_death

    def breaks(**given: Any) -> None:
        if given["customer_id"] == first:
            raise ZeroDivisionError
        record_death(**given)

    monkeypatch.setattr(operations, "record_death", breaks)

    told = feeds.night(AT, TODAY)

    assert (told["applied"], told["parked"]) == (1, 1)
    assert standings()[broken, 1] == ("parked", "act_failed")
    assert (died_on(first), died_on(second) is not None) == (None, True)
    assert "feeds.park_failed" in {leaf["action"] for leaf in leaves()}

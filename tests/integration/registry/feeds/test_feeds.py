"""Nights of the registries: what comes is kept, done once by its owner, or parked with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from simulators.registries.faults import Fault as WireFault
from tests.integration.registry.feeds.conftest import AT, DAY, TODAY, Feeds

from tahseel.kernel.errors import Fault
from tahseel.registry.feeds.values import Standing

Leaves = Callable[[], list[dict[str, Any]]]


def died_on(customer_id: UUID) -> date | None:
    from tahseel.registry.customers import queries

    return queries.deaths(customer_ids=[customer_id]).get(customer_id)


def standings() -> dict[tuple[str, int], tuple[str, str]]:
    from tahseel.registry.feeds.models import FeedRecord

    rows = FeedRecord.objects.values_list("number", "version", "standing", "reason")
    return {(number, version): (standing, reason) for number, version, standing, reason in rows}


def done(leaves: Leaves, action: str) -> int:
    return sum(leaf["action"] == action and leaf["outcome"] == "done" for leaf in leaves())


def test_a_death_that_a_registry_tells_is_recorded_with_its_certificate(
    feeds: Feeds, leaves: Leaves
) -> None:
    customer, digits = feeds.person()
    number = feeds.death(digits, "2026-11-20")

    told = feeds.night()

    assert died_on(customer) == date(2026, 11, 20)
    assert standings()[number, 1] == ("applied", "")
    assert (told["new"], told["applied"], told["parked"]) == (1, 1, 0)
    assert digits not in str(leaves())


def test_a_night_that_comes_again_does_nothing_again(feeds: Feeds, leaves: Leaves) -> None:
    _, digits = feeds.person()
    feeds.death(digits)
    feeds.night()

    again = feeds.night()

    assert (again["new"], again["applied"]) == (0, 0)
    assert done(leaves, "customers.record_death") == 1


def test_records_of_strangers_are_kept_and_done_when_they_become_customers(feeds: Feeds) -> None:
    from tahseel.registry.customers import operations
    from tahseel.registry.customers.values import CustomerKind

    stranger = feeds.town.civil_id()
    number = feeds.death(stranger.digits, "2026-11-20")
    feeds.night()
    before = standings()[number, 1]
    customer = feeds.town.make_id(feeds.town.at)
    operations.register(
        actor=feeds.town.clerk, at=feeds.town.at, id=customer, kind=CustomerKind.CITIZEN,
        civil_id=stranger, name_ar="علي", name_en="Ali",
    )  # fmt: skip

    feeds.night()

    assert before == ("unconcerned", "")
    assert standings()[number, 1] == ("applied", "")
    assert died_on(customer) == date(2026, 11, 20)


def test_pages_that_come_twice_shuffled_and_broken_bring_each_record_once(
    feeds: Feeds, leaves: Leaves, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.registry.feeds import fetching

    monkeypatch.setattr(fetching, "PAGE_RECORDS", 2)
    customers = [feeds.person() for _ in range(9)]
    for _, digits in customers:
        feeds.death(digits)
    feeds.plan.order(
        WireFault.TWICE, WireFault.SERVER_ERROR, WireFault.SHUFFLED, WireFault.TRUNCATED,
        WireFault.ALTERED, WireFault.TWICE, WireFault.TWICE, WireFault.SLOW,
    )  # fmt: skip

    told = feeds.night()

    assert (told["new"], told["applied"]) == (9, 9)
    assert all(died_on(customer) for customer, _ in customers)
    assert done(leaves, "customers.record_death") == 9
    assert told["differing"] == []


def test_an_answer_that_somebody_else_signed_changes_nothing(feeds: Feeds) -> None:
    customer, digits = feeds.person()
    feeds.death(digits)
    feeds.plan.order(WireFault.FORGED)

    with pytest.raises(Fault, match="signature is wrong"):
        feeds.night()

    assert died_on(customer) is None
    assert standings() == {}


def test_a_registry_that_fails_does_not_keep_the_others_from_being_read(
    feeds: Feeds, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.registry.feeds import fetching

    monkeypatch.setattr(fetching, "ATTEMPTS_MAX", 1)
    feeds.plan.order(WireFault.SERVER_ERROR)  # the civil registry is asked first
    number = feeds.publish(
        "departure", civil_id=feeds.person()[1], left_on="2026-11-20", final=True
    )

    with pytest.raises(Fault, match="civil answered 500"):
        feeds.night()

    assert (number, 1) in standings()


def test_a_wrong_check_digit_is_parked_and_the_corrected_version_is_applied(feeds: Feeds) -> None:
    customer, digits = feeds.person()
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    number = feeds.death(wrong)
    feeds.night()
    parked = standings()[number, 1]
    feeds.death(digits, number=number, version=2, state="corrected")

    feeds.night()

    assert parked == ("parked", "civil_id_invalid")
    assert standings() == {(number, 1): ("superseded", ""), (number, 2): ("applied", "")}
    assert died_on(customer) == date(2026, 11, 20)


def test_a_later_version_that_comes_first_is_the_one_that_counts(feeds: Feeds) -> None:
    customer, digits = feeds.person()
    number = feeds.death(digits, "2026-11-19", number="DTH-00000777", version=2, state="corrected")
    feeds.night()
    feeds.death(digits, "2026-11-20", number=number, version=1)

    feeds.night()

    assert died_on(customer) == date(2026, 11, 19)
    assert standings() == {(number, 1): ("superseded", ""), (number, 2): ("applied", "")}


def test_a_withdrawn_death_that_was_applied_waits_for_a_person(feeds: Feeds) -> None:
    customer, digits = feeds.person()
    number = feeds.death(digits)
    feeds.night()
    feeds.death(digits, number=number, version=2, state="withdrawn")

    feeds.night()

    assert standings()[number, 2] == ("parked", "withdrawal_needs_decision")
    assert died_on(customer) == date(2026, 11, 20)


def test_a_death_withdrawn_before_it_was_applied_touches_nobody(feeds: Feeds) -> None:
    customer, digits = feeds.person()
    number = feeds.death(digits)
    feeds.death(digits, number=number, version=2, state="withdrawn")

    feeds.night()

    assert died_on(customer) is None
    assert standings() == {
        (number, 1): ("superseded", ""),
        (number, 2): ("applied", "nothing_to_withdraw"),
    }


def test_what_the_owner_of_the_fact_refuses_is_parked_under_the_refusal(
    feeds: Feeds, leaves: Leaves
) -> None:
    customer, digits = feeds.person()
    number = feeds.death(digits, "1900-01-01")  # before the birth

    feeds.night()

    assert standings()[number, 1] == ("parked", "death_impossible")
    assert died_on(customer) is None
    refused = [leaf for leaf in leaves() if leaf["outcome"] == "refused"]
    assert [leaf["action"] for leaf in refused] == ["customers.record_death"]
    assert done(leaves, "feeds.apply_record") == 1


def test_two_contents_under_one_version_are_told_apart(feeds: Feeds) -> None:
    from tahseel.registry.feeds.models import FeedRecord

    _, digits = feeds.person()
    number = feeds.death(digits)
    feeds.night()
    register = feeds.registers["civil"]
    register._known.clear()
    feeds.death(digits, "2026-11-01", number=number)

    feeds.night()

    rows = FeedRecord.objects.filter(number=number).order_by("received_at", "id")
    assert sorted((r.standing, r.reason) for r in rows) == [
        ("applied", ""), ("parked", "version_contradicts"),
    ]  # fmt: skip


def test_a_day_that_differs_is_listed_until_it_agrees(feeds: Feeds) -> None:
    from tahseel.registry.feeds import queries

    feeds.death(feeds.town.civil_id().digits)
    feeds.night(AT - timedelta(days=1), DAY)
    late = feeds.registers["civil"]
    hidden = feeds.town.civil_id().digits
    feeds.death(hidden)
    kept = late._records.pop()
    late._records.insert(0, kept)  # published behind the cursor: no page will bring it

    told = feeds.night()
    status = next(s for s in queries.status(at=AT) if s.registry.code == "civil")
    same = feeds.night()

    assert told["differing"] == [f"civil {DAY}: death: 1 of 2"]
    assert same["differing"] == told["differing"]
    assert [done.differences for done in status.open_differences] == [("death: 1 of 2",)]
    assert reconciliations("civil") == 1


def reconciliations(registry: str) -> int:
    from tahseel.registry.feeds.models import Reconciliation

    return Reconciliation.objects.filter(registry=registry).count()


def test_a_day_found_equal_is_not_asked_about_again(feeds: Feeds) -> None:
    from tahseel.registry.feeds import queries

    feeds.death(feeds.town.civil_id().digits)
    told = feeds.night()

    feeds.night()

    assert told["differing"] == []
    assert queries.days_to_reconcile(registry="civil", today=TODAY) == []
    assert reconciliations("civil") == 1


def test_a_silent_registry_is_told_of_once_a_day(feeds: Feeds) -> None:
    feeds.death(feeds.town.civil_id().digits, day=DAY - timedelta(days=20))

    told = feeds.night()
    feeds.night()

    assert told["silent"] == ["civil", "interior", "justice"]
    assert announced("feeds:registry:silent") == ["civil", "interior", "justice"]
    feeds.death(feeds.town.civil_id().digits)
    assert feeds.night()["silent"] == ["interior", "justice"]


def announced(name: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select subject from kernel_outbox where name = %s order by subject", [name])
        return [row[0] for row in cursor.fetchall()]


def test_a_parked_record_is_dismissed_with_a_reason_only(feeds: Feeds, leaves: Leaves) -> None:
    from tahseel.registry.feeds import operations, queries
    from tahseel.registry.feeds.operations.applying import ReasonMissing

    feeds.death("288020122597")
    feeds.night()
    (parked,) = queries.records(standing=Standing.PARKED)
    with pytest.raises(ReasonMissing):
        operations.dismiss(actor=feeds.town.head, at=AT, record_id=parked.id, reason=" ")
    still = queries.records(standing=Standing.PARKED)

    operations.dismiss(
        actor=feeds.town.head, at=AT, record_id=parked.id, reason="the registry says: ignore"
    )

    assert [view.id for view in still] == [parked.id]
    assert queries.records(standing=Standing.PARKED) == []
    outcomes = [leaf["outcome"] for leaf in leaves() if leaf["action"] == "feeds.dismiss"]
    assert outcomes == ["refused", "done"]


def test_what_came_can_be_judged_but_not_changed(feeds: Feeds) -> None:
    feeds.death(feeds.town.civil_id().digits)
    feeds.night()
    forbidden = (
        "update feeds_record set version = 9",
        "delete from feeds_record",
        "update feeds_batch set after = ''",
        "delete from feeds_reconciliation",
    )

    for statement in forbidden:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_without_an_address_no_registry_is_asked(feeds: Feeds) -> None:
    feeds.base_url = ""
    feeds.install()

    told = feeds.night()

    assert told == {
        "connected": 0, "new": 0, "applied": 0, "parked": 0, "unconcerned": 0,
        "differing": [], "silent": [],
    }  # fmt: skip

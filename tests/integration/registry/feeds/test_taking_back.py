"""A registry said dead and took it back: a head decides, on papers, and the story tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.registry.feeds.conftest import AT, Feeds

from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.registry.customers import queries as customers
from tahseel.registry.feeds import operations, queries
from tahseel.registry.feeds.operations.applying import NothingToTakeBack, ReasonMissing
from tahseel.registry.feeds.values import Standing

Leaves = Callable[[], list[dict[str, Any]]]


def parked() -> Any:
    (one,) = queries.records(standing=Standing.PARKED)
    return one


def withdrawn(feeds: Feeds, digits: str, number: str) -> Any:
    feeds.death(digits, number=number, version=2, state="withdrawn")
    feeds.night()
    return parked()


@pytest.fixture
def taken(feeds: Feeds) -> tuple[UUID, Any]:
    """(whose death was told, the record that took it back)."""
    who, digits = feeds.person()
    number = feeds.death(digits)
    feeds.night()
    return who, withdrawn(feeds, digits, number)


def deaths(who: UUID) -> Any:
    return customers.deaths(customer_ids=[who])


def announced() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select name from kernel_outbox order by name")
        return [name for (name,) in cursor.fetchall()]


def take_back(feeds: Feeds, record: Any, reason: str = "he stood at the counter", **by: Any) -> Any:
    given = {"actor": feeds.town.head, "at": AT, "record_id": record.id, "reason": reason, **by}
    return operations.take_back(**given)


def test_a_head_takes_the_death_back_and_the_record_is_settled(
    feeds: Feeds, taken: Any, leaves: Leaves
) -> None:
    who, record = taken

    assert take_back(feeds, record) == who

    settled = queries.record(record_id=record.id)
    assert settled is not None
    assert (deaths(who), settled.standing, settled.reason) == ({}, "applied", "taken_back")
    assert queries.records(standing=Standing.PARKED) == []
    assert "customers:customer:death_revoked" in announced()
    done = [leaf["action"] for leaf in leaves() if leaf["outcome"] == "done"]
    assert {"customers.revoke_death", "feeds.take_back"} <= set(done)


def test_the_next_night_leaves_a_death_that_was_taken_back_alone(feeds: Feeds, taken: Any) -> None:
    who, record = taken
    take_back(feeds, record)

    feeds.night()

    assert deaths(who) == {}
    assert queries.records(standing=Standing.PARKED) == []


def test_a_clerk_takes_no_death_back(feeds: Feeds, taken: Any, leaves: Leaves) -> None:
    who, record = taken
    stood, sent = deaths(who), announced()

    with pytest.raises(NotAllowed):
        take_back(feeds, record, actor=feeds.town.clerk)

    assert deaths(who) == stood
    assert parked().id == record.id
    assert announced() == sent
    assert [leaf["outcome"] for leaf in leaves() if leaf["action"] == "feeds.take_back"] == [
        "denied"
    ]


def attempts(feeds: Feeds, record: Any, who: UUID) -> dict[str, Callable[[], Any]]:
    from tahseel.registry.customers import operations as customer_operations

    def by_hand() -> Any:
        customer_operations.revoke_death(
            actor=feeds.town.clerk, at=AT, customer_id=who, reason="alive", evidence="himself"
        )
        return take_back(feeds, record)

    def dismissed() -> Any:
        operations.dismiss(actor=feeds.town.head, at=AT, record_id=record.id, reason="he is dead")
        return take_back(feeds, record)

    return {
        "without a reason": lambda: take_back(feeds, record, reason=" "),
        "taken back by hand before": by_hand,
        "dismissed before": dismissed,
    }


@pytest.mark.parametrize(
    ("case", "refusal"),
    [
        ("without a reason", ReasonMissing),
        ("taken back by hand before", NothingToTakeBack),
        ("dismissed before", NothingToTakeBack),
    ],
)
def test_what_waits_for_no_such_decision_is_refused(
    feeds: Feeds, taken: Any, leaves: Leaves, case: str, refusal: type[Refusal]
) -> None:
    who, record = taken

    with pytest.raises(refusal):
        attempts(feeds, record, who)[case]()

    told = [leaf["outcome"] for leaf in leaves() if leaf["action"] == "feeds.take_back"]
    assert told == ["refused"]
    settled = queries.record(record_id=record.id)
    assert settled is not None
    assert settled.reason != "taken_back"


def test_a_withdrawal_that_names_another_takes_nobodys_death_back(feeds: Feeds) -> None:
    who, digits = feeds.person()
    other, others = feeds.person("سعد")
    number = feeds.death(digits)
    feeds.death(others)
    feeds.night()
    record = withdrawn(feeds, others, number)

    with pytest.raises(NothingToTakeBack):
        take_back(feeds, record)

    assert set(deaths(who)) | set(deaths(other)) == {who, other}

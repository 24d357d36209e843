"""What the log tells of a thing is found by one index, which the writers do nothing for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tahseel.kernel.actor import Actor, ActorKind, Purpose, system
from tahseel.kernel.ids import new_id
from tahseel.trust.audit import operations, queries, sequencer, subjects
from tahseel.trust.audit.values import Entry, Leaf, Outcome

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
JOB = system("test")
CLERK = Actor(ActorKind.STAFF, "7", "Clerk", frozenset({"clerk"}))
ONE, OTHER, BATCH = (UUID(int=n) for n in (1, 2, 3))


def act(subject: object, *, second: int = 0, facts: dict[str, Any] | None = None) -> UUID:
    at = AT + timedelta(seconds=second)
    return operations.record(
        actor=CLERK, action="test.act", subject=str(subject), at=at, facts=facts
    )


def about(*ids: UUID, **how: Any) -> list[UUID]:
    return [entry.id for entry in queries.entries_about(subjects=ids, **how)]


@pytest.mark.usefixtures("database")
def test_an_act_is_found_by_its_subject_and_by_the_ids_among_its_facts() -> None:
    first = act(f"account:{ONE}")
    second = act("40 items", second=1, facts={"run_id": BATCH, "accounts": [OTHER, ONE]})
    act("nobody", second=2)
    sequencer.sequence_all(at=AT)

    assert about(ONE) == [second, first]
    assert about(OTHER) == [second]
    assert about(BATCH) == [second]
    assert about(ONE, OTHER, BATCH) == [second, first], "each leaf once"


@pytest.mark.usefixtures("database")
def test_the_log_says_who_and_why() -> None:
    operations.record_read(
        actor=CLERK, purpose=Purpose.COLLECTION, subject=str(ONE), at=AT, facts={"fields": "name"}
    )
    sequencer.sequence_all(at=AT)

    (entry,) = queries.entries_about(subjects=[ONE], is_read=True)

    assert entry == Entry(
        id=entry.id,
        at=AT,
        actor=Actor(ActorKind.STAFF, "7", "", frozenset({"clerk"})),
        action="read",
        subject=str(ONE),
        outcome=Outcome.DONE,
        purpose="collection",
        facts={"fields": "name"},
        index=0,
    )
    assert about(ONE) == [], "a read is no act"


@pytest.mark.usefixtures("database")
def test_acts_are_chosen_by_their_names() -> None:
    first = act(ONE)
    second = operations.record(actor=JOB, action="test.other", subject=str(ONE), at=AT)
    sequencer.sequence_all(at=AT)

    assert about(ONE, only=["test.other"]) == [second]
    assert about(ONE, without=["test.other"]) == [first]


@pytest.mark.usefixtures("database")
def test_the_reader_is_no_subject_of_what_he_does() -> None:
    reader = Actor(ActorKind.STAFF, str(OTHER), "Clerk")
    operations.record_read(actor=reader, purpose=Purpose.AUDIT, subject=str(ONE), at=AT)
    sequencer.sequence_all(at=AT)

    assert about(OTHER, is_read=True) == []


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=25))
def test_pages_give_every_act_once_whatever_the_batches(
    database: Any, drawn: list[tuple[int, int]]
) -> None:
    before = about(ONE)
    wanted = []
    for second, subject in drawn:
        leaf = act(UUID(int=subject), second=second)
        wanted += [leaf] if subject == 1 else []
        if second == 2:
            sequencer.sequence_all(at=AT)
    sequencer.sequence_all(at=AT)

    told: list[UUID] = []
    mark = None
    while part := about(ONE, before=mark, limit=3):
        told += part
        mark = part[-1]

    assert told == sorted({*wanted, *before}, reverse=True)


@pytest.mark.usefixtures("database")
def test_an_act_is_found_by_its_instant() -> None:
    wanted = act(ONE, second=5)
    act(ONE, second=6)
    act(OTHER, second=5)
    sequencer.sequence_all(at=AT)

    found = queries.entries_at(moments=[(ONE, AT + timedelta(seconds=5))])

    assert [entry.id for entry in found] == [wanted]
    assert queries.entries_at(moments=[]) == []


@pytest.mark.usefixtures("database")
def test_bytes_that_are_no_leaf_tell_of_nothing_and_stop_no_batch(database: Any) -> None:
    leaf = new_id(AT)
    with psycopg.connect(**database.app) as link:
        link.execute("insert into audit_leaf values (%s, %s, '{}'::bytea)", [leaf, AT])
        link.execute("insert into audit_pending values (%s)", [leaf])
    good = act(ONE)

    made = sequencer.sequence_all(at=AT)

    assert made is not None
    assert made.tree_size == 2
    assert about(ONE) == [good]


@pytest.mark.usefixtures("database")
def test_nobody_takes_away_what_points_at_a_leaf(database: Any) -> None:
    act(ONE)
    sequencer.sequence_all(at=AT)

    with database.as_app() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute("delete from audit_subject")

    assert len(about(ONE)) == 1


def test_a_leaf_of_a_large_batch_names_a_bounded_number_of_things() -> None:
    ids = [str(UUID(int=n)) for n in range(600)]
    leaf = Leaf(new_id(AT), AT, JOB, "test.act", "600 items", facts={"ids": ids})

    _, found = subjects.subjects_of(operations.leaf_bytes(leaf))

    assert found == [UUID(int=n) for n in range(subjects.SUBJECTS_MAX)]

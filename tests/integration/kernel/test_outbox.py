"""The outbox: events appear with their change, numbered after the commit, in one order."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction

from tahseel.kernel import outbox

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)


def announce(subject: str) -> None:
    with transaction.atomic():
        outbox.announce(name="test:thing:happened", subject=subject, at=AT, facts={"n": 1})


@pytest.mark.usefixtures("database")
def test_an_event_is_numbered_only_after_its_commit() -> None:
    announce("first")

    before = outbox.events_after(0)
    moved = outbox.sequence_pending(at=AT)
    after = outbox.events_after(0)

    assert before == []
    assert moved == 1
    assert [(e.sequence, e.subject, e.facts) for e in after] == [(1, "first", {"n": 1})]


@pytest.mark.usefixtures("database")
def test_an_event_of_a_change_that_was_rolled_back_never_appears() -> None:
    with transaction.atomic():
        outbox.announce(name="test:thing:happened", subject="gone", at=AT)
        transaction.set_rollback(True)

    assert outbox.sequence_pending(at=AT) == 0


@pytest.mark.usefixtures("database")
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        outbox.announce(name="test:thing:happened", subject="x", at=AT)

    assert outbox.sequence_pending(at=AT) == 0


@pytest.mark.usefixtures("database")
def test_events_of_one_name_are_found_among_others() -> None:
    for number, name in enumerate(("test:a:done", "test:b:done", "test:a:done")):
        with transaction.atomic():
            outbox.announce(name=name, subject=str(number), at=AT)
        outbox.sequence_pending(at=AT)

    found = outbox.events_after(0, name="test:a:done")

    assert [(e.sequence, e.subject) for e in found] == [(1, "0"), (3, "2")]
    assert [e.sequence for e in outbox.events_after(1, name="test:a:done", limit=1)] == [3]


@pytest.mark.usefixtures("database")
def test_numbers_follow_on_without_a_gap_over_many_batches() -> None:
    for n in range(25):
        announce(f"s{n}")

    while outbox.sequence_pending(at=AT, limit=7):
        pass

    assert [e.sequence for e in outbox.events_after(0)] == list(range(1, 26))
    assert {e.subject for e in outbox.events_after(0)} == {f"s{n}" for n in range(25)}


def test_a_transaction_that_commits_late_is_numbered_late_and_not_lost(database) -> None:  # type: ignore[no-untyped-def]
    with psycopg.connect(**database.app) as slow:
        slow.execute(
            "insert into kernel_outbox (id, at, name, subject, facts) values"
            " ('00000000-0000-7000-8000-000000000001', %s, 'test:thing:happened', 'slow', '{}')",
            [AT],
        )
        announce("quick")
        outbox.sequence_pending(at=AT)
        slow.commit()
    outbox.sequence_pending(at=AT)

    assert [e.subject for e in outbox.events_after(0)] == ["quick", "slow"]


@pytest.mark.usefixtures("database")
def test_the_log_of_events_cannot_be_changed_by_the_application() -> None:
    announce("kept")
    outbox.sequence_pending(at=AT)

    for statement in (
        "update kernel_event set subject = 'x'",
        "delete from kernel_event",
        "truncate kernel_event",
    ):
        with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)

    assert [e.subject for e in outbox.events_after(0)] == ["kept"]


@pytest.mark.usefixtures("database")
def test_a_cursor_never_moves_back() -> None:
    outbox.move_cursor(consumer="projector", sequence=5, at=AT)
    outbox.move_cursor(consumer="projector", sequence=3, at=AT)

    assert outbox.cursor_of("projector") == 5
    assert outbox.cursor_of("somebody else") == 0


def test_a_knock_wakes_the_worker_and_several_knocks_are_one(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("TAHSEEL_WAKE_SOCKET", str(tmp_path / "wake"))
    bell = outbox.Doorbell(tmp_path / "wake")
    try:
        outbox.wake()
        outbox.wake()

        assert bell.wait(1) is True
        assert bell.wait(0.01) is False
    finally:
        bell.close()


def test_a_knock_on_a_door_nobody_keeps_does_no_harm(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("TAHSEEL_WAKE_SOCKET", str(tmp_path / "nobody"))

    outbox.wake()

    assert not (tmp_path / "nobody").exists()

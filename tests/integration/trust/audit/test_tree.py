"""Sequencing, proofs, and a verdict that names what an owner of the database tampered with."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from tahseel.kernel.actor import system
from tahseel.kernel.errors import Broken, NotFound
from tahseel.kernel.ids import new_id
from tahseel.trust.audit import operations, queries, rules, sequencer
from tahseel.trust.audit.values import Checkpoint, Leaf, Tampering, Verdict

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
JOB = system("test")


def add(count: int, *, minute: int = 0) -> list[UUID]:
    at = AT + timedelta(minutes=minute)
    made = [Leaf(new_id(at), at, JOB, "test.act", str(n)) for n in range(count)]
    operations.record_many(made)
    return sorted(leaf.id for leaf in made)


def sequence(minute: int = 0) -> Checkpoint:
    made = sequencer.sequence_pending(at=AT + timedelta(minutes=minute))
    assert made is not None
    return made


@pytest.fixture
def log(database: Any) -> list[UUID]:
    """Three batches of 40, 23 and 37 leaves, in their order in the tree."""
    ids = []
    for minute, count in enumerate((40, 23, 37)):
        ids += add(count, minute=minute)
        sequence(minute)
    return ids


def tamper(database: Any, *statements: str, **values: Any) -> None:
    """As the owner, who can take the second wall down."""
    with database.as_owner() as link, link.transaction():
        for table in ("leaf", "position", "node", "checkpoint"):
            link.execute(f"alter table audit_{table} disable trigger user")
        for statement in statements:
            link.execute(statement, values)


def found(verdict: Verdict) -> set[tuple[Tampering, str]]:
    return {(f.kind, f.where) for f in verdict.findings}


def checkpoints() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select tree_size from audit_checkpoint order by 1")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.usefixtures("database")
def test_a_batch_has_one_root_over_its_leaves_in_the_order_of_their_ids() -> None:
    ids = add(7)

    made = sequence()

    with connection.cursor() as cursor:
        cursor.execute("select id, body from audit_leaf")
        bodies = dict(cursor.fetchall())
    assert made.tree_size == 7
    assert made.root == rules.root(rules.leaf_hash(bytes(bodies[i])) for i in ids)
    assert sequencer.sequence_pending(at=AT) is None
    assert queries.latest_checkpoint() == made


@pytest.mark.usefixtures("database")
def test_an_uncommitted_leaf_waits_for_its_own_batch(database: Any) -> None:
    add(2)
    with psycopg.connect(**database.app) as slow:
        late = new_id(AT - timedelta(hours=1))
        slow.execute("insert into audit_leaf values (%s, %s, '{}'::bytea)", [late, AT])
        slow.execute("insert into audit_pending values (%s)", [late])
        first = sequence()
        slow.commit()

    second = sequence()

    assert (first.tree_size, second.tree_size, second.previous_size) == (2, 3, 2)
    assert second.previous_root == first.root


def test_every_leaf_is_proved_to_a_stranger_under_every_later_root(log: list[UUID]) -> None:
    for index, leaf_id in enumerate(log):
        proof = queries.inclusion(leaf_id)
        assert proof.index == index
        assert len(proof.path) <= 7
        assert queries.proves(proof)


def test_a_proof_reads_few_rows_however_long_the_log() -> None:
    ranges = rules.inclusion_ranges(5_000_000, 9_999_999)

    assert len(ranges) <= 24
    assert sum(len(rules.subtrees(*r)) for r in ranges) <= 48


def test_a_newer_root_is_proved_to_continue_an_older_one(log: list[UUID]) -> None:
    new = queries.latest_checkpoint()
    assert new is not None
    with connection.cursor() as cursor:
        cursor.execute("select root from audit_checkpoint where tree_size = 40")
        row = cursor.fetchone()
    assert row is not None
    old = Checkpoint(40, bytes(row[0]), AT, 0, rules.EMPTY_ROOT)

    proof = queries.consistency(old, new)

    assert rules.verify_consistency(
        old=40, new=100, old_root=old.root, new_root=new.root, proof=proof
    )


def test_what_no_root_covers_yet_has_no_proof(log: list[UUID]) -> None:
    (fresh,) = add(1, minute=9)

    with pytest.raises(queries.NotSequenced):
        queries.inclusion(fresh)
    with pytest.raises(NotFound):
        queries.inclusion(new_id(AT))


def test_an_untouched_log_is_sound(log: list[UUID]) -> None:
    add(3, minute=9)
    steps: list[tuple[int, int]] = []

    verdict = queries.verify_log(lambda done, total: steps.append((done, total)))

    assert verdict.sound
    assert (verdict.leaves, verdict.pending, verdict.checkpoints) == (103, 3, 3)
    assert verdict.tree_size == 100
    assert steps[-1] == (100, 100)


@pytest.mark.usefixtures("database")
def test_an_empty_log_is_sound() -> None:
    verdict = queries.verify_log()

    assert verdict.sound
    assert verdict.root == rules.EMPTY_ROOT


@pytest.mark.parametrize("index", [0, 39, 45, 62, 99])
def test_an_altered_leaf_is_named(log: list[UUID], database: Any, index: int) -> None:
    tamper(
        database,
        "update audit_leaf set body = convert_to(replace(convert_from(body, 'UTF8'),"
        " 'done', 'gone'), 'UTF8') where id = %(id)s",
        id=log[index],
    )

    assert found(queries.verify_log()) == {
        (Tampering.LEAF_ALTERED, f"leaf {log[index]} at {index}")
    }


@pytest.mark.parametrize(
    ("index", "where"), [(3, (0, 15)), (35, (32, 47)), (50, (48, 63)), (98, (96, 99))]
)
def test_a_leaf_altered_together_with_its_hash_is_narrowed_down(
    log: list[UUID], database: Any, index: int, where: tuple[int, int]
) -> None:
    forged = b'{"at":"x","id":"y"}'
    tamper(
        database,
        "update audit_leaf set body = %(body)s where id = %(id)s",
        "update audit_position set leaf_hash = %(hash)s where leaf_id = %(id)s",
        body=forged,
        hash=rules.leaf_hash(forged),
        id=log[index],
    )

    assert (Tampering.TREE_ALTERED, f"leaves {where[0]} to {where[1]}") in found(
        queries.verify_log()
    )


@pytest.mark.parametrize("index", [0, 44, 99])
def test_a_missing_leaf_is_named(log: list[UUID], database: Any, index: int) -> None:
    tamper(database, "delete from audit_leaf where id = %(id)s", id=log[index])

    assert found(queries.verify_log()) == {
        (Tampering.LEAF_MISSING, f"leaf {log[index]} at {index}")
    }


@pytest.mark.parametrize("index", [0, 41, 99])
def test_a_leaf_removed_with_its_place_is_named(log: list[UUID], database: Any, index: int) -> None:
    tamper(
        database,
        "delete from audit_leaf where id = %(id)s",
        "delete from audit_position where leaf_id = %(id)s",
        id=log[index],
    )

    assert found(queries.verify_log()) == {(Tampering.LEAF_MISSING, f"index {index}")}


def test_a_leaf_smuggled_past_the_sequencer_is_named(log: list[UUID], database: Any) -> None:
    extra = new_id(AT)
    tamper(database, "insert into audit_leaf values (%(id)s, now(), '{}'::bytea)", id=extra)

    assert found(queries.verify_log()) == {(Tampering.LEAF_EXTRA, f"leaf {extra}")}


def test_a_leaf_added_behind_the_last_root_is_named(log: list[UUID], database: Any) -> None:
    extra = new_id(AT)
    tamper(
        database,
        "insert into audit_leaf values (%(id)s, now(), '{}'::bytea)",
        "insert into audit_position values (100, %(id)s, sha256('x'::bytea))",
        id=extra,
    )

    assert found(queries.verify_log()) == {(Tampering.LEAF_EXTRA, f"leaf {extra} at 100")}


@pytest.mark.parametrize("pair", [(0, 1), (41, 60), (70, 99)])
def test_leaves_that_changed_places_are_named(
    log: list[UUID], database: Any, pair: tuple[int, int]
) -> None:
    one, other = pair
    tamper(
        database,
        "update audit_position set tree_index = 1000 where tree_index = %(one)s",
        "update audit_position set tree_index = %(one)s where tree_index = %(other)s",
        "update audit_position set tree_index = %(other)s where tree_index = 1000",
        one=one,
        other=other,
    )

    assert found(queries.verify_log()) == {
        (Tampering.LEAVES_REORDERED, f"leaf {log[one]} at {one}"),
        (Tampering.LEAVES_REORDERED, f"leaf {log[other]} at {other}"),
    }


@pytest.mark.parametrize("size", [40, 63, 100])
@pytest.mark.parametrize("change", ["root = sha256('x'::bytea)", "at = at + interval '1 day'"])
def test_an_altered_checkpoint_is_named(
    log: list[UUID], database: Any, size: int, change: str
) -> None:
    tamper(database, f"update audit_checkpoint set {change} where tree_size = %(n)s", n=size)

    assert found(queries.verify_log()) == {(Tampering.CHECKPOINT_ALTERED, f"checkpoint {size}")}


def test_a_missing_checkpoint_is_named(log: list[UUID], database: Any) -> None:
    tamper(database, "delete from audit_checkpoint where tree_size = 63")

    assert found(queries.verify_log()) == {(Tampering.CHECKPOINT_MISSING, "checkpoint 63")}


@pytest.mark.parametrize(
    "change",
    ["update audit_node set hash = sha256('x'::bytea)", "delete from audit_node"],
)
def test_an_altered_subtree_is_named(log: list[UUID], database: Any, change: str) -> None:
    tamper(database, f"{change} where level = 4 and index = 2")

    assert found(queries.verify_log()) == {(Tampering.NODE_ALTERED, "node 4/2")}


def test_two_tamperings_far_apart_are_both_named(log: list[UUID], database: Any) -> None:
    tamper(
        database,
        "update audit_position set leaf_hash = sha256('x'::bytea) where tree_index = 3",
        "update audit_leaf set body = '{}'::bytea where id = %(id)s",
        id=log[90],
    )

    named = found(queries.verify_log())

    assert (Tampering.LEAF_ALTERED, f"leaf {log[3]} at 3") in named
    assert (Tampering.LEAF_ALTERED, f"leaf {log[90]} at 90") in named


def test_a_history_cut_short_is_caught_by_a_root_kept_elsewhere(
    log: list[UUID], database: Any
) -> None:
    kept = queries.latest_checkpoint()
    tamper(
        database,
        "delete from audit_checkpoint where tree_size = 100",
        "delete from audit_leaf l using audit_position p"
        " where p.leaf_id = l.id and p.tree_index >= 63",
        "delete from audit_position where tree_index >= 63",
        "delete from audit_node where (index + 1) << level > 63",
    )

    assert queries.verify_log().sound
    assert found(queries.verify_log(known=kept)) == {
        (Tampering.HISTORY_REWRITTEN, "leaves 63 to 99")
    }


def test_a_whole_new_history_lacks_the_seal(log: list[UUID], database: Any) -> None:
    tamper(
        database,
        "update audit_position set leaf_hash = sha256('\\x00'::bytea || '{}'::bytea)",
        "delete from audit_checkpoint where tree_size < 100",
        "update audit_checkpoint set previous_size = 0, root = %(root)s",
        root=rules.root([rules.leaf_hash(b"{}")] * 100),
    )

    assert (Tampering.CHECKPOINT_ALTERED, "checkpoint 100") in found(queries.verify_log())


def test_the_sequencer_does_not_build_on_a_broken_tree(log: list[UUID], database: Any) -> None:
    tamper(database, "update audit_position set leaf_hash = sha256('x'::bytea) where tree_index=99")
    add(1, minute=9)

    with pytest.raises(Broken):
        sequence()

    assert checkpoints() == [40, 63, 100]


def test_a_leaf_queued_twice_is_sequenced_once(log: list[UUID], database: Any) -> None:
    with database.as_app() as link:
        link.execute("insert into audit_pending values (%s)", [log[0]])

    assert sequencer.sequence_pending(at=AT) is None
    assert len(add(1, minute=9)) == 1
    assert sequence().tree_size == 101


def test_only_one_sequencer_works_at_a_time(log: list[UUID]) -> None:
    add(5, minute=9)

    def other() -> Checkpoint | None:
        try:
            return sequencer.sequence_pending(at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        sequence()
        assert pool.submit(other).result() is None

    assert checkpoints() == [40, 63, 100, 105]


@pytest.mark.usefixtures("database")
def test_a_sequencer_killed_at_any_point_leaves_a_sound_log() -> None:
    total = 0
    for delay_ms in (0, 2, 5, 10, 20, 40):
        total += len(add(2_000, minute=delay_ms))
        connection.close()
        child = os.fork()
        if child == 0:
            sequencer.sequence_pending(at=AT)
            os._exit(0)
        time.sleep(delay_ms / 1000)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    deadline = time.monotonic() + 30
    while queries.verify_log().pending and time.monotonic() < deadline:
        sequencer.sequence_all(at=AT)

    verdict = queries.verify_log()
    assert verdict.sound
    assert (verdict.tree_size, verdict.pending) == (total, 0)


@pytest.mark.usefixtures("database")
def test_a_long_log_is_sequenced_in_bounded_batches_and_stays_sound() -> None:
    add(1_000)

    while sequencer.sequence_pending(at=AT, batch_max=300):
        pass

    assert checkpoints() == [300, 600, 900, 1000]
    assert queries.verify_log().sound

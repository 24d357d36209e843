"""Every act leaves its leaf with its own fate: committed together, rolled back together."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction

from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.ids import new_id
from tahseel.trust.audit import operations, queries
from tahseel.trust.audit.operations import audited
from tahseel.trust.audit.values import Leaf

pytestmark = pytest.mark.usefixtures("database")
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
CLERK = Actor(ActorKind.STAFF, "u1", "سارة", frozenset({"clerk"}))


class NoMoney(Refusal):
    code = "no_money"


class Opened:
    def audit_facts(self) -> Mapping[str, Any]:
        return {"opened": 1}


def mark(text: str) -> None:
    """A change of data that a test can look for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into kernel_cursor (consumer, sequence, at) values (%s, 1, %s)", [text, AT]
        )


def marks() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select consumer from kernel_cursor")
        return {row[0] for row in cursor.fetchall()}


def leaves() -> list[dict[str, Any]]:
    return queries.leaves_between(since=AT, until=AT + timedelta(hours=1))


@audited("test.open", subject="thing_id")
def open_thing(
    *, actor: Actor, at: datetime, thing_id: UUID, fail: Refusal | None = None
) -> Opened:
    mark(f"thing {thing_id}")
    operations.note(rows=2)
    if fail:
        raise fail
    return Opened()


@audited("test.outer", subject="things")
def outer(*, actor: Actor, at: datetime, things: list[UUID], fail: Refusal | None = None) -> None:
    for thing in things:
        open_thing(actor=actor, at=at, thing_id=thing)
    if fail:
        raise fail


def test_what_was_done_is_told_with_its_facts() -> None:
    thing = new_id(AT)

    open_thing(actor=CLERK, at=AT, thing_id=thing)

    (leaf,) = leaves()
    assert leaf["action"] == "test.open"
    assert leaf["subject"] == str(thing)
    assert leaf["outcome"] == "done"
    assert leaf["actor"] == {"id": "u1", "kind": "staff", "roles": ["clerk"]}
    assert leaf["facts"] == {"rows": 2, "opened": 1}


def test_what_was_refused_changed_nothing_and_is_told() -> None:
    with pytest.raises(NoMoney):
        open_thing(actor=CLERK, at=AT, thing_id=new_id(AT), fail=NoMoney(short_fils=250))

    (leaf,) = leaves()
    assert marks() == set()
    assert leaf["outcome"] == "refused"
    assert leaf["facts"] == {"code": "no_money", "short_fils": 250}


def test_what_was_not_allowed_is_told_as_denied() -> None:
    with pytest.raises(NotAllowed):
        open_thing(actor=CLERK, at=AT, thing_id=new_id(AT), fail=NotAllowed())

    assert marks() == set()
    assert [leaf["outcome"] for leaf in leaves()] == ["denied"]


def test_a_crash_leaves_neither_the_change_nor_a_leaf() -> None:
    @audited("test.crash", subject="thing_id")
    def crash(*, actor: Actor, at: datetime, thing_id: str) -> None:
        mark(thing_id)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash(actor=CLERK, at=AT, thing_id="x")

    assert marks() == set()
    assert leaves() == []


def test_each_nested_success_leaves_its_own_leaf() -> None:
    outer(actor=CLERK, at=AT, things=[new_id(AT), new_id(AT)])

    assert sorted(leaf["action"] for leaf in leaves()) == ["test.open", "test.open", "test.outer"]
    assert [leaf["subject"] for leaf in leaves() if leaf["action"] == "test.outer"] == ["2 items"]


def test_a_nested_refusal_is_told_once_by_the_outermost() -> None:
    @audited("test.chain", subject="thing_id")
    def chain(*, actor: Actor, at: datetime, thing_id: UUID) -> None:
        mark("before")
        open_thing(actor=actor, at=at, thing_id=thing_id, fail=NoMoney())

    with pytest.raises(NoMoney):
        chain(actor=CLERK, at=AT, thing_id=new_id(AT))

    assert marks() == set()
    assert [(leaf["action"], leaf["outcome"]) for leaf in leaves()] == [("test.chain", "refused")]


def test_a_nested_refusal_that_is_taken_is_told_by_the_inner_operation() -> None:
    @audited("test.park", subject="thing_id")
    def park(*, actor: Actor, at: datetime, thing_id: UUID) -> None:
        with contextlib.suppress(NoMoney):
            open_thing(actor=actor, at=at, thing_id=thing_id, fail=NoMoney())
        mark("parked")
        operations.note(parked=1)

    park(actor=CLERK, at=AT, thing_id=new_id(AT))

    assert marks() == {"parked"}
    told = {leaf["action"]: (leaf["outcome"], leaf["facts"]) for leaf in leaves()}
    assert told == {
        "test.open": ("refused", {"code": "no_money"}),
        "test.park": ("done", {"parked": 1}),
    }


def test_a_leaf_of_a_transaction_that_fails_later_is_gone_with_it() -> None:
    with transaction.atomic():
        open_thing(actor=CLERK, at=AT, thing_id=new_id(AT))
        transaction.set_rollback(True)

    assert leaves() == []


def test_a_read_of_a_person_tells_who_and_why() -> None:
    operations.record_read(actor=CLERK, purpose="billing", subject="c1", at=AT, facts={"n": 1})

    (leaf,) = leaves()
    assert (leaf["action"], leaf["purpose"], leaf["subject"]) == ("read", "billing", "c1")


def test_many_leaves_are_written_at_once() -> None:
    made = [Leaf(new_id(AT), AT, system("demo"), "demo.make", str(n)) for n in range(50)]

    assert operations.record_many(made) == 50
    assert operations.record_many([]) == 0
    assert len(leaves()) == 50


def test_leaves_are_found_by_time_action_and_subject() -> None:
    operations.record(actor=CLERK, action="a.b", subject="s1", at=AT)
    operations.record(actor=CLERK, action="a.b", subject="s2", at=AT)
    operations.record(actor=CLERK, action="a.c", subject="s1", at=AT + timedelta(hours=2))
    until = AT + timedelta(days=1)

    assert len(queries.leaves_between(since=AT, until=until, action="a.b")) == 2
    assert len(queries.leaves_between(since=AT, until=until, subject="s1")) == 2
    assert len(queries.leaves_between(since=AT, until=AT + timedelta(hours=2))) == 2


def test_a_fact_is_noted_only_inside_an_operation() -> None:
    with pytest.raises(LookupError):
        operations.note(rows=1)


def test_an_operation_without_actor_or_instant_does_not_run() -> None:
    with pytest.raises(TypeError, match="takes actor= and at="):
        open_thing(thing_id=new_id(AT))  # type: ignore[call-arg]

    assert marks() == set()


@pytest.mark.parametrize(
    "table", ["audit_leaf", "audit_position", "audit_node", "audit_checkpoint"]
)
@pytest.mark.parametrize("change", ["delete from {}", "truncate {}", "update {} set {c} = {c}"])
def test_the_application_can_change_nothing_of_the_log(
    table: str, change: str, database: Any
) -> None:
    column = {"audit_leaf": "at", "audit_checkpoint": "at", "audit_node": "hash"}.get(
        table, "leaf_id"
    )

    with database.as_app() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(change.format(table, c=column))

"""Two records become one person and two again: with everything that hung on them, to the row."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.recovery import story
from tests.integration.recovery.hung import MAKER, Things

from tahseel.app import assembly
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import CivilId, new_id
from tahseel.recovery.clearance import operations as clearance
from tahseel.registry.customers import operations, queries, rules
from tahseel.registry.customers.models import Customer, Merge
from tahseel.registry.customers.operations import merging
from tahseel.registry.customers.values import (
    HANGING,
    CustomerKind,
)
from tahseel.trust.approvals import operations as approvals

CHECKER = Actor(ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))
NUMBERS = ("285010100015", "290111500778", "299113007777")
TOLD = ("audit_%", "kernel_%", "approvals_%", "customers_merge%")
"""What tells of a merge itself."""


@pytest.fixture(autouse=True)
def hanging(town: Any) -> Any:
    rules.install_hanging(assembly.HANGING)
    merging.register()
    return town


def rows(database: Any) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with database.as_owner() as link:
        names = link.execute(
            "select tablename from pg_tables where schemaname = 'public'"
            " and not tablename like any(%s) order by 1",
            [list(TOLD)],
        ).fetchall()
        return {
            name: [row[0] for row in link.execute(f"select t::text from {name} t order by 1")]
            for (name,) in names
        }


def merge(town: Any, goes: UUID, stays: UUID) -> UUID:
    approval_id = operations.propose_merge(
        actor=MAKER, at=town.clock(), approval_id=new_id(town.clock()), merged_id=goes,
        into_id=stays, reason="the same person",
    )  # fmt: skip
    made = approvals.approve(actor=CHECKER, at=town.clock(), approval_id=approval_id)
    assert isinstance(made, UUID)
    return made


def unmerge(town: Any, merge_id: UUID) -> int:
    approval_id = operations.propose_unmerge(
        actor=MAKER, at=town.clock(), approval_id=new_id(town.clock()), merge_id=merge_id,
        reason="two namesakes",
    )  # fmt: skip
    moved = approvals.approve(actor=CHECKER, at=town.clock(), approval_id=approval_id)
    assert isinstance(moved, int)
    return moved


KINDS = ("supply", "debt", "plan", "paper", "sign_in", "payment", "protection", "contact")
STORIES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(KINDS)), min_size=1, max_size=7)
PAIRS = st.permutations(range(4)).map(lambda order: list(itertools.pairwise(order)))


@given(stories=STORIES, pairs=PAIRS, merges=st.integers(1, 3))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_merges_and_their_taking_back_restore_every_row_of_every_table(
    town: Any, database: Any, stories: Any, pairs: Any, merges: int
) -> None:
    things = Things(town)
    people = [town.debtor(None, CustomerKind.GCC, verified=False) for _ in range(4)]
    for who, kind in stories:
        getattr(things, kind)(people[who])
    states, made = [rows(database)], []

    for goes, stays in pairs[:merges]:
        made.append(merge(town, people[goes].customer_id, people[stays].customer_id))
        states.append(rows(database))
    for merge_id in reversed(made):
        states.pop()
        unmerge(town, merge_id)
        assert rows(database) == states[-1]

    hung = {f"{row.table_name}" for row in moved(database, made)}
    assert hung <= {f"{h.table}.{h.column}" for h in rules.hanging()}


def moved(database: Any, merges: list[UUID]) -> list[Any]:
    with database.as_owner() as link:
        cursor = link.cursor(row_factory=psycopg.rows.namedtuple_row)
        return cursor.execute(
            "select table_name, key from customers_merge_row where merge_id = any(%s)", [merges]
        ).fetchall()


def test_everything_that_hangs_moves_and_leaves_nothing_behind(town: Any, database: Any) -> None:
    things = Things(town)
    stays, goes = (town.debtor(None, CustomerKind.GCC, verified=False) for _ in range(2))
    for kind in KINDS:
        getattr(things, kind)(goes)

    merge_id = merge(town, goes.customer_id, stays.customer_id)

    with database.as_owner() as link:
        left = {
            each: link.execute(
                f"select count(*) from {each.table} where {each.column} = %s", [goes.customer_id]
            ).fetchone()[0]
            for each in rules.hanging()
        }
    assert not any(left.values()), left
    assert queries.survivors(customer_ids=[goes.customer_id]) == {
        goes.customer_id: stays.customer_id
    }
    told = queries.rows_moved(merge_id=merge_id)
    assert {"supply_liability.customer_id", "supply_party.customer_id", "claims_claim.customer_id",
            "collections_notice.customer_id", "collections_plan.customer_id",
            "customers_document.customer_id", "customers_protection.customer_id",
            "customers_contact.customer_id", "access_user.customer_id"} == set(told)  # fmt: skip


def test_a_hold_follows_the_merge_to_the_record_that_stays_and_back(town: Any, link: Any) -> None:
    stays = town.debtor(NUMBERS[0], CustomerKind.RESIDENT)
    goes = town.debtor(NUMBERS[1], CustomerKind.RESIDENT, 12_500)
    town.notify()
    clearance.open_due_holds(actor=story.JOB, at=town.clock(), business_date=story.HOLD_DAY)
    link.projector.drain()
    assert link.at(goes).fils == 12_500
    operations.doubt_identity(
        actor=MAKER, at=town.clock(), customer_id=goes.customer_id, reason="a slip in the number"
    )

    merge_id = merge(town, goes.customer_id, stays.customer_id)
    link.projector.drain()
    together = (link.at(stays).fils, link.at(goes))
    unmerge(town, merge_id)
    link.projector.drain()

    assert together == (12_500, None)
    assert link.at(stays) is None


def unchanged(database: Any, act: Any, refusal: Any) -> Any:
    before = rows(database)
    with pytest.raises(refusal) as refused:
        act()
    assert rows(database) == before
    assert not Merge.objects.exists()
    return refused.value.facts


def test_two_living_people_are_not_merged_and_the_facts_are_told(town: Any, database: Any) -> None:
    one, other = (town.debtor(number, CustomerKind.RESIDENT, 5_000) for number in NUMBERS[:2])

    facts = unchanged(
        database,
        lambda: merge(town, one.customer_id, other.customer_id),
        operations.MergeOfTwoPeople,
    )

    assert facts == {"goes": NUMBERS[0][-4:], "stays": NUMBERS[1][-4:]}
    with database.as_owner() as link:
        leaf = link.execute("select convert_from(body, 'UTF8') from audit_leaf order by ctid desc")
        assert "merge_of_two_people" in leaf.fetchone()[0]
        waiting = link.execute("select count(*) from approvals_approval").fetchone()
    assert waiting == (0,)


@pytest.mark.parametrize(
    ("goes", "stays", "refusal"),
    [
        ("number", "unknown", operations.MergeWrongWay),
        ("company", "number", operations.MergeOfKinds),
        ("dead", "unknown", operations.MergeWrongWay),
        ("dead_gcc", "number", operations.MergeOfDeadAndLiving),
    ],
)
def test_what_cannot_be_one_person_is_refused_and_nothing_changes(
    town: Any, database: Any, goes: str, stays: str, refusal: Any
) -> None:
    made = {
        "number": lambda: town.debtor(NUMBERS[0], CustomerKind.RESIDENT, 5_000),
        "unknown": lambda: town.debtor(None, CustomerKind.UNKNOWN, 5_000, verified=False),
        "company": lambda: town.debtor(None, CustomerKind.COMPANY, 5_000, verified=False),
        "dead": lambda: dead(town, NUMBERS[1], CustomerKind.RESIDENT),
        "dead_gcc": lambda: dead(town, None, CustomerKind.GCC),
    }
    one, other = made[goes](), made[stays]()
    before = rows(database)

    with pytest.raises(refusal):
        merge(town, one.customer_id, other.customer_id)

    assert rows(database) == before


def dead(town: Any, number: str | None, kind: CustomerKind) -> Any:
    debtor = town.debtor(number, kind, verified=False)
    operations.record_death(
        actor=MAKER, at=town.clock(), customer_id=debtor.customer_id, died_on=date(2026, 7, 1),
        source="feed",
    )  # fmt: skip
    return debtor


def test_whoever_asked_does_not_agree_and_nothing_moves(town: Any, database: Any) -> None:
    one, other = (town.debtor(None, CustomerKind.GCC, 5_000, verified=False) for _ in range(2))
    head = Actor(ActorKind.STAFF, "head-2", "head", frozenset({"office_head"}))
    asked = operations.propose_merge(
        actor=head, at=town.clock(), approval_id=new_id(town.clock()), merged_id=one.customer_id,
        into_id=other.customer_id, reason="the same person",
    )  # fmt: skip

    for actor, code in ((head, "own_approval"), (MAKER, "not_allowed")):
        with pytest.raises(Exception, match=code):
            approvals.approve(actor=actor, at=town.clock(), approval_id=asked)

    assert not Customer.objects.filter(merged_into__isnull=False).exists()


def test_a_body_is_not_merged_into_its_own_department_and_nothing_moves(
    town: Any, database: Any
) -> None:
    body = [town.debtor(None, CustomerKind.GOVERNMENT, verified=False) for _ in range(2)]
    Customer.objects.filter(pk=body[1].customer_id).update(parent_id=body[0].customer_id)

    facts = unchanged(
        database,
        lambda: merge(town, body[0].customer_id, body[1].customer_id),
        operations.MergeCollides,
    )

    assert facts == {"rule": "customers_not_its_own_parent"}


def test_a_merge_below_another_is_taken_back_last_and_only_once(town: Any) -> None:
    people = [town.debtor(None, CustomerKind.GCC, verified=False) for _ in range(3)]
    first = merge(town, people[0].customer_id, people[1].customer_id)
    second = merge(town, people[1].customer_id, people[2].customer_id)

    with pytest.raises(operations.MergedFurther):
        unmerge(town, first)
    with pytest.raises(operations.MergedAlready):
        merge(town, people[0].customer_id, people[2].customer_id)
    unmerge(town, second)
    unmerge(town, first)
    with pytest.raises(operations.MergeUnknown):
        unmerge(town, first)

    assert not Customer.objects.filter(merged_into__isnull=False).exists()


def test_nothing_new_is_hung_on_a_record_that_was_merged(town: Any, database: Any) -> None:
    stays, goes = (town.debtor(None, CustomerKind.GCC, verified=False) for _ in range(2))
    things = Things(town)
    merge(town, goes.customer_id, stays.customer_id)

    with pytest.raises(operations.MergedRecord):
        things.supply(goes)

    with database.as_owner() as link:
        hung = link.execute(
            "select count(*) from supply_liability where customer_id = %s", [goes.customer_id]
        ).fetchone()
    assert hung == (0,)


def test_a_merged_record_is_found_under_the_one_that_stays(town: Any) -> None:
    stays = town.debtor(NUMBERS[0], CustomerKind.RESIDENT)
    goes = town.debtor(NUMBERS[1], CustomerKind.RESIDENT, verified=False)
    merge(town, goes.customer_id, stays.customer_id)

    found = {
        text: [
            view.id
            for view in queries.search(
                actor=MAKER, at=town.clock(), purpose="customer_service", text=text
            )
        ]
        for text in ("Salem", CivilId(NUMBERS[1]).digits)
    }

    assert set(map(tuple, found.values())) == {(stays.customer_id,)}


def test_every_column_that_names_a_customer_moves_or_stays_for_a_reason(database: Any) -> None:
    moves = {(each.table, each.column) for each in (*HANGING, *assembly.HANGING) if not each.stays}
    with database.as_owner() as link:
        named = link.execute(
            "select c.table_name, c.column_name from information_schema.columns c"
            " join pg_tables t on t.tablename = c.table_name and t.schemaname = 'public'"
            " where c.table_schema = 'public' and c.data_type = 'uuid'"
            " and (c.column_name like '%%customer_id' or (c.table_name, c.column_name) in"
            " (select conrelid::regclass::text, a.attname from pg_constraint"
            "  join pg_attribute a on a.attrelid = conrelid and a.attnum = any(conkey)"
            "  where contype = 'f' and confrelid = 'customers_customer'::regclass))"
        ).fetchall()

    assert moves <= set(named)
    assert set(named) - moves == set(STAYS)


STAYS = {
    ("app_take_on_not_carried", "customer_id"): "the report of a take-on as it was signed",
    ("customers_apart", "one_id"): "what somebody said of two records",
    ("customers_apart", "other_id"): "what somebody said of two records",
    ("billing_bill", "customer_id"): "a bill keeps the name to which it was sent",
    ("customers_change", "customer_id"): "the life of the record itself",
    ("customers_customer", "merged_into_id"): "the merge itself",
    ("customers_merge", "into_id"): "the merge itself",
    ("customers_merge", "merged_id"): "the merge itself",
    ("notices_notice", "recipient_customer_id"): "what was sent keeps to whom it was sent",
    ("payments_payment", "customer_id"): "a receipt keeps its payer",
    ("payments_share", "customer_id"): "a payment under way keeps its payer",
    ("supply_party_struck", "customer_id"): "what never was keeps the name under which it stood",
    ("supply_assumption", "from_customer_id"): "a signed paper keeps the names that signed it",
    ("supply_assumption", "to_customer_id"): "a signed paper keeps the names that signed it",
}

"""Money that staff, banks and histories bring: posted once, through the same books."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from tahseel.books.claims import queries as claims_queries
from tahseel.books.ledger import queries as ledger_queries
from tahseel.books.payments import operations, queries
from tahseel.books.payments.operations.recording import ReceivedRefused
from tahseel.books.payments.values import Finality, Received
from tahseel.kernel.actor import ANONYMOUS, Actor, ActorKind, Purpose, system
from tahseel.kernel.errors import NotAllowed, NotFound
from tahseel.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    World = Any

JOB = system("test")
CLERK = Actor(ActorKind.STAFF, "u1", "clerk", frozenset({"clerk"}))
OFFICER = Actor(ActorKind.STAFF, "u2", "officer", frozenset({"exit_officer"}))
DAY = date(2026, 4, 1)


def cash(world: World, fils: int = 15_000, **changes: Any) -> Received:
    one = Received(
        id=uuid4(),
        account_id=world.account,
        customer_id=world.customer,
        amount=Money(fils),
        tender="cash",
        received_at=world.now,
        business_date=DAY,
        reference="R-1",
    )
    return replace(one, **changes)


def record(world: World, one: Received, actor: Actor = CLERK) -> bool:
    return operations.record_received(actor=actor, at=world.now, received=one)


def test_cash_at_a_counter_meets_the_oldest_claims(
    world: World, events: Callable[..., list[dict[str, Any]]]
) -> None:
    fresh = record(world, cash(world))

    assert fresh
    assert [c.open.fils for c in claims_queries.open_claims(world.account)] == [15_000, 30_000]
    (event,) = events()
    assert (event["tender"], event["finality"]) == ("cash", "final")
    assert world.sound()


def test_a_cheque_is_provisional_so_that_nothing_is_released_too_early(
    world: World, events: Callable[..., list[dict[str, Any]]]
) -> None:
    record(world, cash(world, tender="cheque"))

    assert [event["finality"] for event in events()] == [Finality.PROVISIONAL]


def test_the_same_money_recorded_twice_is_posted_once(
    world: World, events: Callable[..., list[dict[str, Any]]]
) -> None:
    one = cash(world)

    results = [record(world, one), record(world, one)]

    assert results == [True, False]
    assert (world.posted(), len(events())) == (15_000, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Money(14_000)},
        {"tender": "cheque"},
        {"business_date": DAY + timedelta(days=1)},
        {"reference": "R-2"},
    ],
)
def test_the_same_id_with_other_contents_is_refused(world: World, changes: dict[str, Any]) -> None:
    one = cash(world)
    record(world, one)

    with pytest.raises(operations.ReceivedDiffers):
        record(world, replace(one, **changes))

    assert world.posted() == 15_000


@pytest.mark.parametrize(
    "denied",
    [
        (ANONYMOUS, {}, NotAllowed, "denied"),
        (OFFICER, {}, NotAllowed, "denied"),
        (CLERK, {"amount": Money(0)}, ReceivedRefused, "refused"),
        (CLERK, {"amount": Money(-5)}, ReceivedRefused, "refused"),
        (CLERK, {"tender": "shells"}, NotFound, "refused"),
    ],
)
def test_a_denied_record_is_unchanged_unsent_and_audited(
    world: World,
    events: Callable[..., list[dict[str, Any]]],
    leaves: Callable[[str], list[dict[str, Any]]],
    denied: tuple[Actor, dict[str, Any], type[Exception], str],
) -> None:
    actor, changes, refusal, outcome = denied

    with pytest.raises(refusal):
        record(world, cash(world, **changes), actor)

    assert (world.posted(), world.owed(), events()) == (0, 60_000, [])
    assert [leaf["outcome"] for leaf in leaves("payments.record_received")] == [outcome]
    assert world.sound()


def test_more_than_is_owed_becomes_the_accounts_credit(world: World) -> None:
    record(world, cash(world, 61_500))

    assert world.owed() == 0
    assert ledger_queries.balance(world.account).credit == Money(1_500)
    assert world.sound()


def test_a_batch_is_posted_in_order_and_again_changes_nothing(world: World) -> None:
    other, stranger = uuid4(), uuid4()
    world.open_claims(4_000, 6_000, account=other)
    batch = [
        cash(world, 10_000),
        cash(world, 5_000, account_id=other, tender="bank_transfer"),
        cash(world, 25_000, tender="knet_terminal"),
        cash(world, 2_500, account_id=stranger),
    ]

    first = operations.record_many(actor=JOB, at=world.now, received=batch)
    second = operations.record_many(actor=JOB, at=world.now, received=batch)

    assert (first.recorded, first.amount, first.unapplied) == (4, Money(42_500), Money(2_500))
    assert second.recorded == 0
    assert (world.owed(), world.owed(other)) == (25_000, 5_000)
    assert world.sound()


def test_one_wrong_payment_refuses_the_whole_batch(world: World) -> None:
    batch = [cash(world, 10_000), cash(world, 0)]

    with pytest.raises(ReceivedRefused):
        operations.record_many(actor=JOB, at=world.now, received=batch)

    assert (world.posted(), world.owed()) == (0, 60_000)


def test_a_history_keeps_its_own_instants_and_is_announced_once(
    world: World,
    events: Callable[..., list[dict[str, Any]]],
    rows: Callable[..., list[tuple[Any, ...]]],
) -> None:
    then = datetime(2025, 6, 1, 8, tzinfo=UTC)
    batch = [
        cash(world, 1_000, received_at=then + timedelta(days=n), business_date=date(2025, 6, n + 1))
        for n in range(5)
    ]

    operations.record_many(actor=JOB, at=world.now, received=batch, history=True)

    recorded = rows("select recorded_at from ledger_entry where source = 'payment' order by 1")
    assert [row[0] for row in recorded] == [one.received_at for one in batch]
    assert events() == []
    assert [e["amount_fils"] for e in events("payments:batch:recorded")] == [5_000]
    assert world.sound()


def test_what_was_collected_counts_half_open_business_days(world: World) -> None:
    for n, tender in enumerate(["cash", "cheque", "bank_transfer"]):
        one = cash(world, 1_000 * (n + 1), tender=tender, business_date=DAY + timedelta(days=n))
        record(world, one)
    until = DAY + timedelta(days=2)

    assert queries.collected(from_day=DAY, until_day=until) == 3_000
    assert queries.collected(from_day=DAY, until_day=DAY) == 0
    assert queries.collected_by_channel(from_day=DAY, until_day=until + timedelta(days=1)) == {
        "bank": 3_000,
        "counter": 3_000,
    }
    assert queries.collected_by_tender(from_day=DAY, until_day=until) == {
        "cash": 1_000,
        "cheque": 2_000,
    }
    assert queries.collected_by_day(from_day=DAY, until_day=until) == {
        DAY: 1_000,
        DAY + timedelta(days=1): 2_000,
    }
    assert queries.collected_by_account(from_day=DAY, until_day=until) == {world.account: 3_000}


def test_collected_equals_what_the_ledger_took_in(world: World) -> None:
    for fils in (1_000, 59_500, 2_250):
        record(world, cash(world, fils))

    assert (
        queries.collected(from_day=DAY, until_day=DAY + timedelta(days=1))
        == world.posted()
        == 62_750
    )


def test_reading_an_accounts_payments_leaves_a_leaf(
    world: World, leaves: Callable[[str], list[dict[str, Any]]]
) -> None:
    record(world, cash(world))

    found = queries.payments_of(
        actor=CLERK,
        at=world.now,
        purpose=Purpose.CUSTOMER_SERVICE,
        account_id=world.account,
    )

    assert [(p.amount, p.tender, p.reference) for p in found] == [(Money(15_000), "cash", "R-1")]
    (leaf,) = leaves("read")
    assert leaf["purpose"] == "customer_service"


def test_a_thousand_payments_go_in_set_by_set(world: World, query_count: Any) -> None:
    accounts: list[UUID] = [uuid4() for _ in range(200)]
    batch = [
        cash(world, 1_000, account_id=accounts[n % 200], reference=f"R-{n}") for n in range(1_000)
    ]

    with query_count() as counted:
        report = operations.record_many(actor=JOB, at=world.now, received=batch, history=True)

    assert report.recorded == 1_000
    assert counted.statements <= 40
    assert world.sound()

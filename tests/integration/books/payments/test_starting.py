"""Setting out to pay: which claims, how much, by which account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from psycopg.errors import InsufficientPrivilege

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.ledger import queries as ledger_queries
from tahseel.books.payments import facilities, operations, queries
from tahseel.books.payments.gateways import knet
from tahseel.books.payments.gateways.interface import (
    PurchaseInvalid,
)
from tahseel.books.payments.values import SweepReport
from tahseel.kernel.actor import ANONYMOUS, system
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    World = Any

JOB = system("test")


def terminal() -> knet.Terminal:
    gateway = facilities.gateway("knet")
    assert isinstance(gateway, knet.Knet)
    return gateway.terminal


def notification(track_id: str, result: str, amount: str = "30.000") -> bytes:
    text = f"paymentid=1&result={result.replace(' ', '+')}&trackid={track_id}&amt={amount}&"
    return urlencode({"trandata": knet.encrypt(text, terminal())}).encode()


def tell(world: World, body: bytes) -> Any:
    return operations.receive_notification(actor=ANONYMOUS, at=world.now, gateway="knet", body=body)


def sweep(world: World, seconds: int) -> SweepReport:
    world.now += timedelta(seconds=seconds)
    return operations.sweep(actor=JOB, at=world.now)


def test_quoted_claims_are_settled_before_older_ones(world: World) -> None:
    newest = claims_queries.open_claims(world.account)[-1]
    started = world.start(
        30_000, account_ids=[], claims=[(world.account, newest.id)], hold_reference="H-2026-000123"
    )
    world.pay(started)

    world.confirm(started)

    assert [c.open.fils for c in claims_queries.open_claims(world.account)] == [10_000, 20_000]
    found = queries.intent(started.intent_id)
    assert found is not None
    assert found.hold_reference == "H-2026-000123"


def test_one_payment_may_cover_several_accounts(
    world: World, events: Callable[..., list[dict[str, Any]]]
) -> None:
    other = uuid4()
    world.open_claims(7_000, account=other)
    started = world.start(67_000, account_ids=[world.account, other])
    world.pay(started)

    done = world.confirm(started)

    assert {p.account_id: p.amount.fils for p in done.payments} == {
        world.account: 60_000,
        other: 7_000,
    }
    assert (world.owed(), world.owed(other), len(events())) == (0, 0, 2)
    assert world.sound()


def test_a_claim_paid_elsewhere_meanwhile_leaves_the_money_as_credit(world: World) -> None:
    started = world.start(60_000)
    twin = world.start(60_000)
    for each in (started, twin):
        world.pay(each)

    world.confirm(started)
    second = world.confirm(twin)

    assert second.payments[0].unapplied == Money(60_000)
    assert ledger_queries.balance(world.account).credit == Money(60_000)
    assert world.owed() == 0
    assert world.sound()


def test_an_advance_becomes_unapplied_credit(world: World) -> None:
    started = world.start(75_000, advance_customer_id=world.customer)
    world.pay(started)

    world.confirm(started)

    balance = ledger_queries.balance(world.account)
    assert (balance.receivable, balance.credit) == (Money(0), Money(15_000))
    assert world.sound()


def test_a_disputed_part_is_not_asked_for(world: World) -> None:
    (newest,) = claims_queries.open_claims(world.account)[-1:]
    claims.dispute(
        actor=JOB, at=world.now, account_id=world.account, claim_id=newest.id, amount=Money(5_000)
    )

    with pytest.raises(operations.AmountRefused) as refused:
        world.start(60_000)

    assert refused.value.facts["open_fils"] == 55_000


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount": Money(0)}, operations.AmountRefused),
        ({"amount": Money(-1)}, operations.AmountRefused),
        ({"amount": Money(60_001)}, operations.AmountRefused),
        ({"account_ids": [uuid4()]}, operations.NothingToPay),
        ({"account_ids": []}, operations.NothingToPay),
        ({"hold_reference": "H/1"}, PurchaseInvalid),
    ],
)
def test_a_refused_start_is_unchanged_unsent_and_audited(
    world: World,
    rows: Callable[..., list[tuple[Any, ...]]],
    leaves: Callable[[str], list[dict[str, Any]]],
    changes: dict[str, Any],
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        world.start(**{"fils": 30_000, **changes})

    for table in ("payments_intent", "payments_share", "payments_message", "payments_step"):
        assert rows(f"select count(*) from {table}") == [(0,)]
    assert [leaf["outcome"] for leaf in leaves("payments.start")] == ["refused"]


def test_the_same_start_again_leads_to_the_same_page_and_another_input_is_refused(
    world: World,
) -> None:
    intent_id = new_id(world.now)
    first = world.start(id=intent_id)

    again = world.start(id=intent_id)

    assert again == first
    with pytest.raises(InputDiffers):
        world.start(20_000, id=intent_id)


@pytest.mark.parametrize("act", ["update {} set account_id = null", "delete from {}"])
@pytest.mark.parametrize(
    "table", ["payments_payment", "payments_share", "payments_message", "payments_step"]
)
def test_what_is_written_once_cannot_be_changed_by_the_application(
    database: Any, table: str, act: str
) -> None:
    if table in {"payments_message", "payments_step"}:
        act = act.replace("account_id", "intent_id")

    with database.as_app() as link, pytest.raises(InsufficientPrivilege):
        link.execute(act.format(table))

"""Payments through the gateway, with everything that goes wrong there."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from tahseel.books.claims import queries as claims_queries
from tahseel.books.payments import facilities, operations, queries
from tahseel.books.payments.gateways import knet
from tahseel.books.payments.values import SweepReport
from tahseel.kernel import outbox
from tahseel.kernel.actor import ANONYMOUS, system
from tahseel.kernel.errors import Fault
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


def test_a_captured_payment_closes_the_oldest_claims_and_keeps_the_ledger_balanced(
    world: World, events: Callable[..., list[dict[str, Any]]]
) -> None:
    started = world.start(25_000)

    receipt = world.pay(started)
    before = world.posted()
    done = world.confirm(started)

    assert receipt == f"{world.our_url}/payments/{started.intent_id}/result"
    assert (before, done.fresh, world.posted()) == (0, True, 25_000)
    owed = [c.open.fils for c in claims_queries.open_claims(world.account)]
    assert owed == [5_000, 30_000]
    assert world.sound()
    (event,) = events()
    assert event["account_id"] == str(world.account)
    assert event["customer_ids"] == [str(world.customer)]
    assert (event["amount_fils"], event["finality"]) == (25_000, "final")
    assert event["payment_id"] == str(done.payments[0].id)


def test_confirming_twice_posts_once(
    world: World, events: Callable[..., list[dict[str, Any]]]
) -> None:
    started = world.start()
    world.pay(started)

    first = world.confirm(started)
    second = world.confirm(started)

    assert (first.fresh, second.fresh, second.posted) == (True, False, True)
    assert second.payments == first.payments
    assert (world.posted(), len(events())) == (30_000, 1)


def test_confirming_at_the_same_time_posts_once(world: World) -> None:
    started = world.start()
    world.pay(started)
    gate, results = threading.Barrier(4), []

    def confirm() -> None:
        gate.wait()
        results.append(operations.confirm(actor=JOB, at=world.now, track_id=started.track_id).fresh)
        connection.close()

    threads = [threading.Thread(target=confirm) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [False, False, False, True]
    assert world.posted() == 30_000
    assert world.sound()


@pytest.mark.parametrize(
    ("form", "state"),
    [
        ({"month": "10"}, "not_captured"),
        ({"card": "Other Bank [OTH1]"}, "not_captured"),
        ({"do": "cancel"}, "cancelled"),
    ],
)
def test_a_refused_or_cancelled_payment_leaves_the_debt(
    world: World, form: dict[str, str], state: str
) -> None:
    started = world.start()
    world.pay(started, **form)

    done = world.confirm(started)

    assert (done.posted, world.state(started)) == (False, state)
    assert (world.posted(), world.owed(), world.cases(started)) == (0, 60_000, [])


def test_a_lost_notification_is_found_by_the_sweep_within_a_minute(world: World) -> None:
    started = world.start()
    where = world.pay(started, "lost")

    early, found = sweep(world, 1), sweep(world, 58)
    again = sweep(world, 600)

    assert where.startswith(f"{world.our_url}/payments/knet/error?")
    assert (early.asked, found, again.asked) == (0, SweepReport(1, 1, 0), 0)
    assert (world.posted(), world.owed()) == (30_000, 30_000)


def test_a_late_notification_after_posting_changes_nothing(world: World) -> None:
    started = world.start()
    world.pay(started, "late")

    world.confirm(started)
    for _ in range(60):
        if world.at_the_gateway(started)["answers"]:
            break
        time.sleep(0.05)

    assert world.at_the_gateway(started)["redirect"].endswith("/result")
    assert not world.at_the_gateway(started)["voided"]
    assert (world.posted(), world.state(started)) == (30_000, "posted")
    assert world.confirm(started).fresh is False


def test_a_duplicate_notification_is_kept_once_and_posted_once(
    world: World, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    started = world.start()
    world.pay(started, "duplicate")

    world.confirm(started)

    kept = rows("select count(*) from payments_message where kind = 'notification'")
    assert (kept, world.posted()) == ([(1,)], 30_000)
    assert len(world.at_the_gateway(started)["answers"]) == 2


def test_a_forged_notification_is_refused_unchanged_unsent_and_audited(
    world: World,
    events: Callable[..., list[dict[str, Any]]],
    leaves: Callable[[str], list[dict[str, Any]]],
) -> None:
    started = world.start()
    world.pay(started, "forged")

    world.confirm(started)

    assert (world.posted(), world.owed(), events()) == (0, 60_000, [])
    assert world.state(started) == "sent"
    (leaf,) = leaves("payments.receive_notification")
    assert (leaf["outcome"], leaf["facts"]["code"]) == ("refused", "notification_refused")


def test_a_wrong_amount_is_in_doubt_with_a_case_and_nothing_is_credited(
    world: World, events: Callable[..., list[dict[str, Any]]]
) -> None:
    started = world.start()
    world.pay(started, "wrong-amount")

    world.confirm(started)
    later = sweep(world, 7200)

    (case,) = queries.cases_of(started.intent_id)
    assert (case.kind, case.reported) == ("wrong_amount", Money(30_500))
    assert queries.open_cases() == [case]
    assert (world.state(started), world.posted(), world.owed()) == ("in_doubt", 0, 60_000)
    assert later.asked == 0
    assert [event["kind"] for event in events("payments:case:opened")] == ["wrong_amount"]


def test_notified_as_paid_but_denied_by_the_inquiry_is_never_credited(world: World) -> None:
    started = world.start()
    world.pay(started, "contradiction")

    for seconds in (1, 60, 3600):
        world.confirm(started, seconds)

    assert (world.state(started), world.cases(started)) == ("in_doubt", ["contradiction"])
    assert (world.posted(), world.owed()) == (0, 60_000)


def test_notified_as_refused_but_paid_by_the_inquiry_is_posted_once_with_a_case(
    world: World,
) -> None:
    started = world.start()
    world.pay(started, "denied-but-paid")

    world.confirm(started)
    world.confirm(started)

    assert (world.state(started), world.cases(started)) == ("posted", ["contradiction"])
    assert [case.closed_at for case in queries.cases_of(started.intent_id)] == [None]
    assert (world.posted(), world.owed()) == (30_000, 30_000)


def test_a_host_timeout_is_in_doubt_until_the_firm_knows(world: World) -> None:
    started = world.start()
    world.pay(started, "host-timeout")

    world.confirm(started)
    in_doubt = world.state(started)
    found = sweep(world, 60)

    assert (in_doubt, world.state(started), found.posted) == ("in_doubt", "posted", 1)
    assert queries.open_cases() == []
    assert world.posted() == 30_000


def test_a_page_left_open_is_given_up_but_asked_about_until_then(world: World) -> None:
    started = world.start()

    waiting = sweep(world, 60)
    open_state = world.state(started)
    world.confirm(started, 1800)

    assert (waiting.asked, open_state) == (1, "sent")
    assert world.state(started) == "not_captured"
    assert sweep(world, 86_400).asked == 0


def test_the_timeline_tells_the_payment_in_order(world: World) -> None:
    started = world.start()
    world.pay(started)
    world.confirm(started)

    steps = [step.step for step in queries.timeline(started.intent_id)]

    assert steps == ["created", "sent", "notified", "captured", "posted"]


def test_a_gateway_out_of_reach_is_a_fault_and_asked_again_later(world: World) -> None:
    started = world.start()
    world.pay(started, "lost")
    live = facilities.installed()
    dead = knet.Knet(
        knet.Terminal(
            payment_url=terminal().payment_url,
            inquiry_url="http://127.0.0.1:9/kpg/tranPipe.htm?param=tranInit&",
            id="T1",
            password="secret1",
            resource_key=terminal().resource_key,
        )
    )
    facilities.install(facilities.Facilities({"knet": dead}, live.tenders, live.public_url))

    with pytest.raises(Fault):
        world.confirm(started)
    failed = sweep(world, 60)
    facilities.install(live)
    found = sweep(world, 120)

    assert (failed, found) == (SweepReport(0, 0, 1), SweepReport(1, 1, 0))
    assert world.posted() == 30_000


def test_one_payment_that_cannot_be_posted_does_not_stop_the_sweep(world: World) -> None:
    bad, good = world.start(10_000), world.start(10_000)
    for started in (bad, good):
        world.pay(started, "lost")
    with connection.cursor() as cursor:
        cursor.execute("update payments_intent set gateway = 'gone' where id = %s", [bad.intent_id])

    report = sweep(world, 60)
    at_once = sweep(world, 1)

    assert (report.posted, report.failed) == (1, 1)
    assert world.state(good) == "posted"
    assert (world.state(bad), world.cases(bad)) == ("sent", ["not_posted"])
    assert (at_once.asked, at_once.failed) == (0, 0)


def test_nothing_is_posted_when_the_commit_fails_and_the_next_try_posts_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = world.start()
    world.pay(started)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "announce_many", fail)
        with pytest.raises(RuntimeError, match="power cut"):
            world.confirm(started)
    after_failure = (world.posted(), world.owed(), world.state(started))
    world.confirm(started)

    assert after_failure == (0, 60_000, "sent")
    assert (world.posted(), world.owed()) == (30_000, 30_000)
    assert world.sound()


def test_a_confirmation_of_an_unknown_track_id_is_refused_and_audited(
    world: World, leaves: Callable[[str], list[dict[str, Any]]]
) -> None:
    with pytest.raises(operations.UnknownPayment):
        operations.confirm(actor=JOB, at=world.now, track_id="NOBODY")

    assert [leaf["outcome"] for leaf in leaves("payments.confirm")] == ["refused"]


def test_a_result_page_watched_closely_does_not_ask_the_gateway_each_time(
    world: World,
) -> None:
    started = world.start()
    world.pay(started, "forged")

    for _ in range(5):
        world.confirm(started, seconds=0)

    assert world.at_the_gateway(started)["inquiries"] == 1

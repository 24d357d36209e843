"""Payments through the gateway, with everything that goes wrong there."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.ledger import queries as ledger_queries
from tahseel.books.payments import facilities, operations, queries
from tahseel.books.payments.gateways import knet
from tahseel.books.payments.gateways.interface import (
    Outcome,
    PurchaseInvalid,
)
from tahseel.books.payments.values import SweepReport
from tahseel.kernel import outbox, secrets
from tahseel.kernel.actor import ANONYMOUS, system
from tahseel.kernel.errors import Fault
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


def test_a_notification_alone_credits_nothing(world: World) -> None:
    started = world.start()

    told = tell(world, notification(started.track_id, "CAPTURED"))

    assert told.claimed == Outcome.CAPTURED
    assert (world.posted(), world.owed(), world.state(started)) == (0, 60_000, "sent")


def test_a_notification_of_a_payment_never_made_ends_in_doubt_and_credits_nothing(
    world: World,
) -> None:
    started = world.start()
    tell(world, notification(started.track_id, "CAPTURED"))

    done = world.confirm(started)

    assert not done.posted
    assert (world.state(started), world.cases(started)) == ("in_doubt", ["contradiction"])
    assert (world.posted(), world.owed()) == (0, 60_000)


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


def test_the_error_address_leads_to_the_result_and_tells_strangers_nothing(
    world: World, browse: Callable[[str], tuple[int, str, str]]
) -> None:
    started = world.start()

    known = browse(f"{world.our_url}/payments/knet/error?trackid={started.track_id}")
    unknown = browse(f"{world.our_url}/payments/knet/error?trackid=NOBODY")

    assert known[:2] == (302, f"{world.our_url}/payments/{started.intent_id}/result")
    assert unknown[:2] == (302, "/")


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


def test_a_payment_cancelled_by_a_false_notification_is_still_found(world: World) -> None:
    started = world.start()
    tell(world, notification(started.track_id, "CANCELED"))
    world.confirm(started)
    cancelled = world.state(started)
    world.pay(started, "lost")

    found = sweep(world, 1801)

    assert (cancelled, found.posted) == ("cancelled", 1)
    assert (world.state(started), world.cases(started)) == ("posted", ["contradiction"])


def test_a_notification_of_refusal_after_posting_opens_a_case_and_takes_nothing_back(
    world: World,
) -> None:
    started = world.start()
    world.pay(started, "lost")
    world.confirm(started)

    tell(world, notification(started.track_id, "NOT CAPTURED"))

    assert (world.state(started), world.cases(started)) == ("posted", ["contradiction"])
    assert world.posted() == 30_000


def test_an_error_in_clear_cannot_override_what_was_notified(world: World) -> None:
    started = world.start()
    tell(world, notification(started.track_id, "NOT CAPTURED"))

    tell(world, urlencode({"Error": "x", "trackid": started.track_id}).encode())

    found = queries.intent(started.intent_id)
    assert found is not None
    assert found.claimed == Outcome.NOT_CAPTURED
    assert world.cases(started) == []


def test_our_answer_to_the_gateway_is_the_bare_line(
    world: World, post: Callable[[str, bytes], tuple[int, str, str]]
) -> None:
    started = world.start()
    address = f"{world.our_url}/payments/knet/response"

    status, kind, text = post(address, notification(started.track_id, "CAPTURED"))

    assert (status, kind) == (200, "text/plain; charset=utf-8")
    assert text == f"REDIRECT={world.our_url}/payments/{started.intent_id}/result"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"trandata=00", 400),
        (b"", 400),
        (b"result=CAPTURED&trackid=T", 400),
        (b"x" * 20_000, 413),
    ],
)
def test_what_we_cannot_read_gets_no_redirect_line(
    world: World,
    post: Callable[[str, bytes], tuple[int, str, str]],
    body: bytes,
    status: int,
) -> None:
    answer = post(f"{world.our_url}/payments/knet/response", body)

    assert answer[0] == status
    assert "REDIRECT" not in answer[2]


def test_a_notification_about_an_unknown_payment_is_refused_kept_and_audited(
    world: World,
    rows: Callable[..., list[tuple[Any, ...]]],
    leaves: Callable[[str], list[dict[str, Any]]],
) -> None:
    body = notification("NOBODY1", "CAPTURED")

    with pytest.raises(operations.UnknownPayment):
        tell(world, body)

    (leaf,) = leaves("payments.receive_notification")
    ((sealed,),) = rows("select sealed from payments_message where track_id = 'NOBODY1'")
    assert leaf["outcome"] == "refused"
    assert secrets.unseal(bytes(sealed), context="payments:message") == body
    assert b"trandata" not in bytes(sealed)


def test_every_request_and_response_is_kept_sealed_without_the_password(
    world: World, rows: Callable[..., list[tuple[Any, ...]]]
) -> None:
    started = world.start()
    world.pay(started)
    world.confirm(started)

    kept = rows(
        "select kind, sealed from payments_message where intent_id = %s order by at, kind",
        started.intent_id,
    )
    plain = {k: secrets.unseal(bytes(s), context="payments:message").decode() for k, s in kept}
    assert set(plain) == {"begin", "notification", "inquiry"}
    assert "amt=30.000" in plain["begin"]
    assert "<result>SUCCESS</result>" in plain["inquiry"]
    assert not any("secret1" in text for text in plain.values())


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


def test_what_is_posted_cannot_be_changed_by_the_application(world: World, database: Any) -> None:
    started = world.start()
    world.pay(started)
    world.confirm(started)

    with database.as_app() as link:
        for table in ("payments_payment", "payments_share", "payments_message", "payments_step"):
            for act in (f"update {table} set account_id = null", f"delete from {table}"):
                with pytest.raises(Exception, match=r"permission denied|does not exist"):
                    link.execute(act)


def test_a_confirmation_of_an_unknown_track_id_is_refused_and_audited(
    world: World, leaves: Callable[[str], list[dict[str, Any]]]
) -> None:
    with pytest.raises(operations.UnknownPayment):
        operations.confirm(actor=JOB, at=world.now, track_id="NOBODY")

    assert [leaf["outcome"] for leaf in leaves("payments.confirm")] == ["refused"]


def test_a_notification_for_an_unknown_gateway_is_not_found(
    world: World, post: Callable[[str, bytes], tuple[int, str, str]]
) -> None:
    assert post(f"{world.our_url}/payments/other/response", b"x=1")[0] == 404


def test_a_result_page_watched_closely_does_not_ask_the_gateway_each_time(
    world: World,
) -> None:
    started = world.start()
    world.pay(started, "forged")

    for _ in range(5):
        world.confirm(started, seconds=0)

    assert world.at_the_gateway(started)["inquiries"] == 1

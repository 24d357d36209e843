"""What a gateway, or somebody in its name, tells us: kept, noted, never credited."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tahseel.books.payments import facilities, operations, queries
from tahseel.books.payments.gateways import knet
from tahseel.books.payments.gateways.interface import (
    Outcome,
)
from tahseel.books.payments.values import SweepReport
from tahseel.kernel import secrets
from tahseel.kernel.actor import ANONYMOUS, system

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


def test_the_error_address_leads_to_the_result_and_tells_strangers_nothing(
    world: World, browse: Callable[[str], tuple[int, str, str]]
) -> None:
    started = world.start()

    known = browse(f"{world.our_url}/payments/knet/error?trackid={started.track_id}")
    unknown = browse(f"{world.our_url}/payments/knet/error?trackid=NOBODY")

    assert known[:2] == (302, f"{world.our_url}/payments/{started.intent_id}/result")
    assert unknown[:2] == (302, "/")


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


def test_a_notification_for_an_unknown_gateway_is_not_found(
    world: World, post: Callable[[str, bytes], tuple[int, str, str]]
) -> None:
    assert post(f"{world.our_url}/payments/other/response", b"x=1")[0] == 404

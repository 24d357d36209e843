"""Text messages through the firm's wire, against the firm's simulator over a real socket."""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulators.sms.firm import FaultPlan, Firm
from simulators.sms.server import Server

from tahseel.kernel.errors import Fault
from tahseel.kernel.transport import NotReached
from tahseel.trust.notices import rules
from tahseel.trust.notices.carriers import Declined
from tahseel.trust.notices.kwtsms import KwtSms, Subscription
from tahseel.trust.notices.values import Message

NOTICE = UUID("019bcafe-0000-7000-8000-00000000d001")


def message(text: str = "رُفع الإيقاف", address: str = "96599887766") -> Message:
    return Message(NOTICE, "sms", address, text, "ar", 1)


@contextmanager
def firm(faults: str = "", points: int = 100) -> Iterator[tuple[Firm, str]]:
    made = Firm("tahseel", "secret", points, FaultPlan.read(faults, 1))
    server = Server(("127.0.0.1", 0), made, quiet=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield made, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def carrier(url: str, password: str = "secret") -> KwtSms:
    return KwtSms(
        Subscription(f"{url}/API/send/", "tahseel", password, "MEW"), frozenset({"ERR028"})
    )


def test_a_message_reaches_the_phone_and_its_number_is_the_proof() -> None:
    with firm() as (made, url):
        proof = carrier(url).hand_over(message())

        assert proof == {"carrier": "kwtsms", "message_id": "00000001", "points": 1, "test": 0}
        assert [(t["mobile"], t["message"]) for t in made.texts()] == [
            ("96599887766", "رُفع الإيقاف")
        ]


def test_the_phone_page_shows_what_arrived_and_runs_nothing_of_it() -> None:
    with firm() as (_, url):
        carrier(url).hand_over(message("<script>alert(1)</script> رُفع"))
        page = urllib.request.urlopen(url, timeout=5).read().decode()

    assert "&lt;script&gt;" in page
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("given_message", "password", "code"),
    [
        (message(), "wrong", "ERR003"),
        (message(address="12"), "secret", "ERR006"),
        (message(text=" "), "secret", "ERR009"),
    ],
)
def test_what_the_firm_declines_was_not_sent_and_is_not_tried_again(
    given_message: Message, password: str, code: str
) -> None:
    with firm() as (made, url), pytest.raises(Declined, match=code) as declined:
        carrier(url, password).hand_over(given_message)

    assert not declined.value.retry
    assert made.texts() == []


def test_a_busy_firm_is_worth_another_try() -> None:
    with firm("busy=100") as (made, url), pytest.raises(Declined) as declined:
        carrier(url).hand_over(message())

    assert declined.value.retry
    assert made.texts() == []


@pytest.mark.parametrize("fault", ["answer-lost", "garbage"])
def test_a_lost_answer_is_a_doubt_and_not_a_decline(fault: str) -> None:
    with firm(f"{fault}=100") as (made, url), pytest.raises(Fault) as doubt:
        carrier(url).hand_over(message())

    assert not isinstance(doubt.value, Declined | NotReached)
    assert len(made.texts()) == 1


def test_a_firm_that_is_not_there_has_certainly_heard_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(NotReached) as gone:
        carrier(f"http://127.0.0.1:{port}").hand_over(message())

    assert gone.value.retry


def test_an_empty_account_at_the_firm_declines() -> None:
    with firm(points=0) as (_, url), pytest.raises(Declined, match="ERR010"):
        carrier(url).hand_over(message())


def test_neither_number_nor_text_nor_password_shows_in_a_log() -> None:
    shown = repr(message()) + repr(carrier("http://127.0.0.1:1"))

    assert "99887766" not in shown
    assert "رُفع" not in shown
    assert "secret" not in shown


@given(st.integers(1, 60))
def test_pauses_grow_stay_bounded_and_end(tries: int) -> None:
    pause = rules.pause_before(tries)
    before = rules.pause_before(tries - 1) if tries > 1 else timedelta(0)

    if tries >= rules.TRIES_MAX:
        assert pause is None
    else:
        assert pause is not None
        assert before is not None
        assert before <= pause <= rules.PAUSE_MAX

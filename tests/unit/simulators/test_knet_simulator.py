"""The simulated payment page over a real socket, driven without a browser."""

from __future__ import annotations

import http.client
import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from simulators.knet import wire
from simulators.knet.bank import Bank, Payment, Terminal
from simulators.knet.faults import Fault, FaultPlan
from simulators.knet.server import Server

KEY = "0123456789ABCDEF"
TERMINAL = Terminal("123401", "secret1", KEY)


class Merchant(http.server.ThreadingHTTPServer):
    """Keeps what it is told and answers what the test wants."""

    daemon_threads = True

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        self.unreadable = 0
        self.answer = b"REDIRECT=http://127.0.0.1:1/receipt"
        super().__init__(("127.0.0.1", 0), MerchantHandler)


class MerchantHandler(http.server.BaseHTTPRequestHandler):
    server: Merchant

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        try:
            plain = wire.unseal(parse_qs(body)["trandata"][0], KEY)
        except wire.WireError:
            self.server.unreadable += 1
        else:
            self.server.told.append({k: v[0] for k, v in parse_qs(plain).items()})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.answer)


class World:
    """A simulator and a merchant, each on a port of its own."""

    def __init__(self, plan: FaultPlan | None = None, state: Path | None = None) -> None:
        self.bank = Bank([TERMINAL], plan or FaultPlan({}, 1), state)
        self.server = Server(
            ("127.0.0.1", 0), self.bank, late_ms=150, merchant="MEW <b>", quiet=True
        )
        self.merchant = Merchant()
        for server in (self.server, self.merchant):
            threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        self.merchant_url = f"http://127.0.0.1:{self.merchant.server_address[1]}"

    def close(self) -> None:
        for server in (self.server, self.merchant):
            server.shutdown()
            server.server_close()

    def call(self, method: str, path: str, body: str = "") -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1])
        connection.request(method, path, body.encode())
        reply = connection.getresponse()
        answer = reply.status, reply.headers.get("Location", ""), reply.read().decode()
        connection.close()
        return answer

    def begin(self, track_id: str = "T1", **changes: str) -> tuple[int, str, str]:
        fields = {
            "id": "123401",
            "password": "secret1",
            "action": "1",
            "langid": "AR",
            "currencycode": "414",
            "amt": "15.750",
            "responseURL": f"{self.merchant_url}/response",
            "errorURL": f"{self.merchant_url}/error",
            "trackid": track_id,
            **changes,
        }
        plain = "".join(f"{k}={v}&" for k, v in fields.items())
        query = urlencode({"trandata": wire.seal(plain, KEY), "tranportalId": "123401"})
        return self.call("GET", f"/kpg/PaymentHTTP.htm?param=paymentInit&{query}")

    def pay(self, track_id: str = "T1", **form: str) -> str:
        """Where the browser is sent after the card form."""
        page = self.begin(track_id)[1]
        payment_id = parse_qs(urlsplit(page).query)["PaymentID"][0]
        fields = {"PaymentID": payment_id, "month": "09", "year": "2021", "do": "pay", **form}
        return self.call("POST", "/kpg/paymentpage.htm", urlencode(fields))[1]

    def inquire(self, track_id: str = "T1", amount: str = "15.750") -> dict[str, str]:
        return self.pipe("8", amount, track_id, track_id, "TrackID")

    def pipe(
        self, action: str, amount: str, transid: str, track_id: str, kind: str
    ) -> dict[str, str]:
        asked = {
            "id": "123401",
            "password": "secret1",
            "action": action,
            "amt": amount,
            "transid": transid,
            "trackid": track_id,
            "udf5": kind,
        }
        reply = self.call("POST", "/kpg/tranPipe.htm?param=tranInit&", wire.write_fragment(asked))
        return wire.read_fragment(reply[2])

    def payment(self) -> Payment:
        (row,) = self.bank.describe()
        found = self.bank.find(str(row["payment_id"]))
        assert found is not None
        return found


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


def card(fault: Fault) -> str:
    return f"KNET Test Card [KNET1]|{fault}"


def test_the_test_card_is_captured_and_the_browser_goes_to_the_receipt(world: World) -> None:
    where = world.pay()

    assert where == "http://127.0.0.1:1/receipt"
    assert world.merchant.told[0]["result"] == "CAPTURED"
    assert world.merchant.told[0]["amt"] == "15.750"
    assert world.inquire()["result"] == "SUCCESS"


@pytest.mark.parametrize(
    "form",
    [
        {"month": "10"},
        {"year": "2030"},
        {"card": "Other Bank [OTH1]"},
    ],
)
def test_any_other_card_or_expiry_is_not_captured(world: World, form: dict[str, str]) -> None:
    world.pay(**form)

    assert world.merchant.told[0]["result"] == "NOT CAPTURED"
    assert world.inquire()["result"] == "FAILURE"


def test_cancel_is_spelt_with_one_l(world: World) -> None:
    world.pay(do="cancel")

    assert world.merchant.told[0]["result"] == "CANCELED"
    assert world.inquire()["result"] == "FAILURE"


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>REDIRECT=http://127.0.0.1:1/receipt</html>",
        b"OK",
        b"",
        b"REDIRECT=",
        b"REDIRECT=http://127.0.0.1:1/a\nREDIRECT=http://127.0.0.1:1/b",
    ],
)
def test_without_the_bare_line_the_capture_is_voided(world: World, answer: bytes) -> None:
    world.merchant.answer = answer

    where = world.pay()

    assert where.startswith(f"{world.merchant_url}/error?")
    assert world.payment().voided
    assert world.inquire()["result"] == "FAILURE"


def test_a_lost_notification_is_never_sent_but_the_inquiry_knows(world: World) -> None:
    where = world.pay(card=card(Fault.LOST))

    assert "trackid=T1" in where
    assert world.merchant.told == []
    assert world.inquire()["result"] == "SUCCESS"


def test_a_late_notification_arrives_after_the_browser(world: World) -> None:
    world.pay(card=card(Fault.LATE))
    at_once = list(world.merchant.told)
    for _ in range(40):
        if world.merchant.told:
            break
        time.sleep(0.05)

    assert at_once == []
    assert [told["result"] for told in world.merchant.told] == ["CAPTURED"]


def test_a_duplicate_is_the_same_message_twice(world: World) -> None:
    world.pay(card=card(Fault.DUPLICATE))

    first, second = world.merchant.told
    assert first == second


def test_a_forged_notification_cannot_be_read_and_nothing_was_paid(world: World) -> None:
    world.pay(card=card(Fault.FORGED))

    assert world.merchant.unreadable == 1
    assert world.merchant.told == []
    assert world.inquire()["result"] == "FAILURE"


def test_a_wrong_amount_is_wrong_in_notification_and_inquiry(world: World) -> None:
    world.pay(card=card(Fault.WRONG_AMOUNT))

    assert world.merchant.told[0]["amt"] == "16.250"
    assert world.inquire()["amt"] == "16.250"


def test_a_contradiction_is_notified_as_paid_and_denied_by_the_inquiry(world: World) -> None:
    world.pay(card=card(Fault.CONTRADICTION))

    assert world.merchant.told[0]["result"] == "CAPTURED"
    assert world.inquire()["result"] == "FAILURE"


def test_denied_but_paid_is_the_other_contradiction(world: World) -> None:
    world.pay(card=card(Fault.DENIED_BUT_PAID))

    assert world.merchant.told[0]["result"] == "NOT CAPTURED"
    assert world.inquire()["result"] == "SUCCESS"


def test_a_host_timeout_is_suspected_first_and_known_later(world: World) -> None:
    world.pay(card=card(Fault.HOST_TIMEOUT))

    assert world.merchant.told[0]["result"] == "HOST TIMEOUT"
    assert [world.inquire()["result"] for _ in range(2)] == ["SUSPECTED", "SUCCESS"]


def test_an_inquiry_wants_the_amount_that_was_asked_for(world: World) -> None:
    world.pay()

    assert world.inquire(amount="1.000")["result"].startswith("!ERROR!-IPAY0100010")
    assert world.inquire(track_id="T2")["result"].startswith("!ERROR!-IPAY0100263")


def test_an_open_page_is_not_found_by_an_inquiry(world: World) -> None:
    world.begin()

    assert "not found" in world.inquire()["result"]


def test_a_refund_gives_back_no_more_than_was_taken(world: World) -> None:
    world.pay()
    tranid = world.inquire()["tranid"]

    results = [
        world.pipe("2", amount, tranid, "T1", "TransID")["result"]
        for amount in ("10.000", "6.000", "5.750", "0.001")
    ]

    assert results == ["CAPTURED", "NOT CAPTURED", "CAPTURED", "NOT CAPTURED"]


def test_a_finished_payment_cannot_be_paid_again(world: World) -> None:
    world.pay()
    status, _, page = world.call(
        "POST", "/kpg/paymentpage.htm", f"PaymentID={world.payment().payment_id}&do=pay"
    )

    assert status == 409
    assert "IPAY0100049" in page
    assert len(world.merchant.told) == 1


def test_a_track_id_is_used_once(world: World) -> None:
    opened = world.begin()
    again = world.begin()
    other = world.begin(amt="1.000")

    assert (opened[0], again[:2]) == (302, opened[:2])
    assert other[0] == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"amt": "15.75"},
        {"amt": "1000000.000"},
        {"password": "wrong"},
        {"currencycode": "840"},
        {"trackid": "a-b"},
        {"udf1": "a@b"},
        {"action": "2"},
    ],
)
def test_a_request_outside_the_manual_is_refused(world: World, changes: dict[str, str]) -> None:
    status, _, page = world.begin(**changes)

    assert status == 400
    assert "IPAY" in page


def test_a_request_with_another_key_is_refused(world: World) -> None:
    sealed = wire.seal("id=123401&", "FEDCBA9876543210")

    status, _, page = world.call(
        "GET", f"/kpg/PaymentHTTP.htm?trandata={sealed}&tranportalId=123401"
    )

    assert status == 400
    assert "decrypting" in page


def test_the_page_is_arabic_first_and_english_on_request_and_escapes_names(world: World) -> None:
    where = world.begin()[1]

    arabic = world.call("GET", where)[2]
    english = world.call("GET", f"{where}&lang=en")[2]
    odd = world.call("GET", f"{where}&lang={quote('<x>')}")[2]

    assert 'lang="ar" dir="rtl"' in arabic
    assert 'lang="en" dir="ltr"' in english
    assert "MEW &lt;b&gt;" in english
    assert "<x>" not in odd


def test_the_same_seed_draws_the_same_faults() -> None:
    plans = [FaultPlan.read("lost=20,late=30", seed=7) for _ in range(2)]

    drawn = [[plan.next() for _ in range(200)] for plan in plans]

    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {Fault.LOST, Fault.LATE, Fault.NONE}


@pytest.mark.parametrize("text", ["lost=90,late=20", "lost=-1", "unheard=5"])
def test_a_plan_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        FaultPlan.read(text, seed=1)


def test_a_plan_can_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('{"duplicate": 100}')

    assert FaultPlan.read(str(file), seed=1).next() is Fault.DUPLICATE


def test_payments_survive_a_restart_when_a_file_is_given(tmp_path: Path) -> None:
    first = World(state=tmp_path / "state.json")
    first.pay()
    first.close()

    second = World(state=tmp_path / "state.json")

    assert second.inquire()["result"] == "SUCCESS"
    second.close()

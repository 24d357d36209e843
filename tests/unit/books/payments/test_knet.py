"""KNET's wire, as a merchant meets it."""

from __future__ import annotations

import string
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.books.payments.gateways import knet
from tahseel.books.payments.gateways.interface import (
    NotificationRefused,
    Outcome,
    Purchase,
    PurchaseInvalid,
)
from tahseel.kernel.errors import Fault
from tahseel.kernel.money import Money

TERMINAL = knet.Terminal(
    payment_url="https://knet.test/kpg/PaymentHTTP.htm?param=paymentInit",
    inquiry_url="https://knet.test/kpg/tranPipe.htm?param=tranInit&",
    id="123401",
    password="secret1",
    resource_key="0123456789ABCDEF",
)
TRACK = "ABC123DEF456GHJ789K"


def purchase(**changes: object) -> Purchase:
    values: dict[str, object] = {
        "track_id": TRACK,
        "amount": Money(15_750),
        "language": "ar",
        "response_url": "https://utility.test/payments/knet/response",
        "error_url": "https://utility.test/payments/knet/error",
        "note": "H-2026-000123",
    }
    return Purchase(**{**values, **changes})  # type: ignore[arg-type]


def replying(text: str) -> tuple[knet.Knet, list[tuple[str, bytes, str]]]:
    sent: list[tuple[str, bytes, str]] = []

    def post(url: str, body: bytes, content_type: str) -> bytes:
        sent.append((url, body, content_type))
        return text.encode()

    return knet.Knet(TERMINAL, post), sent


def notify(fields: dict[str, str], terminal: knet.Terminal = TERMINAL) -> bytes:
    text = "&".join(f"{k}={quote_plus(v)}" for k, v in fields.items())
    return urlencode({"trandata": knet.encrypt(text, terminal)}).encode()


def captured(**changes: str) -> dict[str, str]:
    return {"paymentid": "100", "result": "CAPTURED", "trackid": TRACK, "amt": "15.750", **changes}


def test_the_page_address_carries_the_fields_encrypted_and_in_the_order_of_the_kit() -> None:
    begun = knet.Knet(TERMINAL).begin(purchase())

    query = parse_qs(urlsplit(begun.redirect_url).query)
    plain = knet.decrypt(query["trandata"][0], TERMINAL)
    assert query["param"] == ["paymentInit"]
    assert query["tranportalId"] == ["123401"]
    assert plain == (
        "id=123401&password=secret1&action=1&langid=AR&currencycode=414&amt=15.750"
        "&responseURL=https://utility.test/payments/knet/response"
        "&errorURL=https://utility.test/payments/knet/error"
        f"&trackid={TRACK}&udf1=&udf2=&udf3=&udf4=&udf5=ptlf H-2026-000123&"
    )


def test_the_kept_request_shows_no_password() -> None:
    begun = knet.Knet(TERMINAL).begin(purchase())

    assert "secret1" not in begun.request
    assert "amt=15.750" in begun.request
    assert "secret1" not in repr(TERMINAL)


def test_the_cipher_text_is_the_one_that_openssl_makes() -> None:
    # printf 'amt=1.000' | openssl enc -aes-128-cbc -K $KEY -iv $KEY
    sealed = "8D53C9CF8B90D2138B4EB4BED65ABBC6"

    assert knet.encrypt("amt=1.000", TERMINAL) == sealed
    assert knet.decrypt(sealed.lower(), TERMINAL) == "amt=1.000"


def test_a_fixed_vector_gives_another_cipher_text_and_still_opens() -> None:
    fixed = knet.Terminal(
        payment_url=TERMINAL.payment_url,
        inquiry_url=TERMINAL.inquiry_url,
        id="1",
        password="p",
        resource_key=TERMINAL.resource_key,
        vector_mode=knet.VectorMode.FIXED,
        vector="PGKEYENCDECIVSPC",
    )

    assert knet.encrypt("a=b", fixed) != knet.encrypt("a=b", TERMINAL)
    assert knet.decrypt(knet.encrypt("a=b", fixed), fixed) == "a=b"


@given(st.text(max_size=300))
def test_what_is_encrypted_decrypts_to_itself(plain: str) -> None:
    assert knet.decrypt(knet.encrypt(plain, TERMINAL), TERMINAL) == plain


@given(st.integers(min_value=1, max_value=999_999_999))
def test_every_amount_travels_with_three_decimals(fils: int) -> None:
    begun = knet.Knet(TERMINAL).begin(purchase(amount=Money(fils)))

    fields = knet.split_fields(begun.request)
    assert Money.parse(fields["amt"]) == Money(fils)
    assert len(fields["amt"].partition(".")[2]) == 3


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("trackid", {"track_id": "has-dash"}),
        ("trackid", {"track_id": ""}),
        ("trackid", {"track_id": "A" * 41}),
        ("trackid", {"track_id": "رقم"}),
        ("amt", {"amount": Money(0)}),
        ("amt", {"amount": Money(-5)}),
        ("amt", {"amount": Money(1_000_000_000)}),
        ("langid", {"language": "fr"}),
        ("udf3", {"customer_token": "1234567"}),
        ("udf5", {"note": "a@b"}),
        ("udf5", {"note": "1/2"}),
        ("udf5", {"note": "n" * 51}),
        ("responseURL", {"response_url": "https://x.test/?a=1&b=2"}),
        ("responseURL", {"response_url": "javascript:alert(1)"}),
        ("errorURL", {"error_url": "https://x.test/" + "e" * 250}),
    ],
)
def test_what_the_page_would_refuse_is_refused_by_name(
    field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(PurchaseInvalid) as refused:
        knet.Knet(TERMINAL).begin(purchase(**changes))

    assert refused.value.facts["field"] == field
    assert refused.value.in_language("ar") != refused.value.in_language("en")


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ("CAPTURED", Outcome.CAPTURED),
        ("NOT CAPTURED", Outcome.NOT_CAPTURED),
        ("CANCELED", Outcome.CANCELLED),
        ("HOST TIMEOUT", Outcome.UNKNOWN),
        ("CANCELLED", Outcome.UNKNOWN),
        ("", Outcome.UNKNOWN),
    ],
)
def test_each_result_of_a_notification_has_one_meaning(result: str, outcome: Outcome) -> None:
    notification = knet.Knet(TERMINAL).parse_notification(notify(captured(result=result)))

    assert notification.outcome is outcome
    assert notification.track_id == TRACK
    assert notification.amount == Money(15_750)


def test_a_plus_in_a_result_is_a_space() -> None:
    trandata = knet.encrypt(f"result=NOT+CAPTURED&trackid={TRACK}&amt=1.000&", TERMINAL)

    notification = knet.Knet(TERMINAL).parse_notification(f"trandata={trandata}".encode())

    assert notification.outcome is Outcome.NOT_CAPTURED


def test_an_error_comes_in_clear_and_claims_nothing() -> None:
    body = urlencode({"ErrorText": "IPAY0200", "trackid": TRACK, "amt": "15.750"}).encode()

    notification = knet.Knet(TERMINAL).parse_notification(body)

    assert notification.outcome is Outcome.UNKNOWN


def test_a_clear_form_that_says_captured_is_not_believed() -> None:
    body = urlencode({"result": "CAPTURED", "trackid": TRACK, "amt": "15.750"}).encode()

    with pytest.raises(NotificationRefused):
        knet.Knet(TERMINAL).parse_notification(body)


def test_a_clear_error_that_also_says_captured_is_at_most_a_reason_to_inquire() -> None:
    body = urlencode({"Error": "x", "result": "CAPTURED", "trackid": TRACK}).encode()

    notification = knet.Knet(TERMINAL).parse_notification(body)

    assert notification.outcome is Outcome.UNKNOWN


def test_a_notification_made_with_an_unknown_key_is_refused() -> None:
    foreign = knet.Terminal(
        payment_url="https://x.test",
        inquiry_url="https://x.test",
        id="1",
        password="p",
        resource_key="FEDCBA9876543210",
    )

    with pytest.raises(NotificationRefused):
        knet.Knet(TERMINAL).parse_notification(notify(captured(), foreign))


@given(st.data())
def test_a_tampered_notification_never_names_another_payment_as_captured(
    data: st.DataObject,
) -> None:
    sealed = bytearray.fromhex(knet.encrypt(knet.join_fields(captured()), TERMINAL))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    try:
        told = knet.Knet(TERMINAL).parse_notification(f"trandata={sealed.hex()}".encode())
    except NotificationRefused:
        return

    # It may still read; then it is a claim about some track id, and claims are never credited.
    assert set(told.track_id) <= set(string.ascii_letters + string.digits)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_but_never_crash(body: bytes) -> None:
    try:
        track_id = knet.Knet(TERMINAL).parse_notification(body).track_id
    except NotificationRefused:
        track_id = "refused"

    assert track_id


def test_a_field_twice_in_a_notification_is_refused() -> None:
    trandata = knet.encrypt(f"result=CAPTURED&trackid={TRACK}&trackid=OTHER1&", TERMINAL)

    with pytest.raises(NotificationRefused):
        knet.Knet(TERMINAL).parse_notification(f"trandata={trandata}".encode())


def test_the_answer_to_a_notification_is_one_bare_line() -> None:
    content_type, body = knet.Knet(TERMINAL).answer_notification("https://utility.test/r/1")

    assert content_type.startswith("text/plain")
    assert body == b"REDIRECT=https://utility.test/r/1"


def test_an_inquiry_is_a_fragment_without_a_root_that_names_our_track_id() -> None:
    gateway, sent = replying("<result>SUCCESS</result><trackid>" + TRACK + "</trackid>")

    gateway.inquire(track_id=TRACK, amount=Money(15_750))

    url, body, content_type = sent[0]
    assert url.endswith("/kpg/tranPipe.htm?param=tranInit&")
    assert content_type == "application/xml"
    assert body.decode() == (
        "<id>123401</id><password>secret1</password><action>8</action><amt>15.750</amt>"
        f"<transid>{TRACK}</transid><trackid>{TRACK}</trackid><udf5>TrackID</udf5>"
    )


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("<result>SUCCESS</result>", Outcome.CAPTURED),
        ("<result>CAPTURED</result>", Outcome.CAPTURED),
        ("<result>FAILURE</result>", Outcome.NOT_CAPTURED),
        ("<result>NOT+CAPTURED</result>", Outcome.NOT_CAPTURED),
        ("<result>CANCELED</result>", Outcome.CANCELLED),
        ("<result>SUSPECTED</result>", Outcome.UNKNOWN),
        ("<result>captured</result>", Outcome.UNKNOWN),
        ("<result>CAPTURED</result><result>FAILURE</result>", Outcome.UNKNOWN),
        ("<result>CAPTURED</result><amt>fifteen</amt>", Outcome.UNKNOWN),
        ("<result>!ERROR!-IPAY0100263-Transaction not found.</result>", Outcome.NOT_FOUND),
        ("!ERROR!-IPAY0100263-Transaction not found.", Outcome.NOT_FOUND),
        ("!ERROR!-IPAY0100013-Invalid transaction data.", Outcome.UNKNOWN),
        ("<html>CAPTURED</html>", Outcome.UNKNOWN),
        ("", Outcome.UNKNOWN),
    ],
)
def test_only_success_or_captured_of_an_inquiry_is_money(reply: str, outcome: Outcome) -> None:
    gateway, _ = replying(reply)

    assert gateway.inquire(track_id=TRACK, amount=Money(1)).outcome is outcome


def test_an_inquiry_reports_amount_track_id_and_references_as_the_firm_holds_them() -> None:
    gateway, _ = replying(
        "<result>SUCCESS</result><auth>B12345</auth><ref>520100</ref><tranid>7</tranid>"
        f"<trackid>{TRACK}</trackid><payid>100</payid><amt>15.75</amt><udf1/>"
    )

    answer = gateway.inquire(track_id=TRACK, amount=Money(15_750))

    assert (answer.amount, answer.track_id) == (Money(15_750), TRACK)
    assert dict(answer.reference) == {
        "auth": "B12345",
        "ref": "520100",
        "tranid": "7",
        "payid": "100",
    }


@pytest.mark.parametrize(
    ("reply", "done"),
    [
        ("<result>CAPTURED</result>", True),
        ("<result>SUCCESS</result>", False),
        ("<result>NOT CAPTURED</result>", False),
    ],
)
def test_a_refund_is_done_only_when_captured(reply: str, done: bool) -> None:
    gateway, sent = replying(reply)

    answer = gateway.refund(track_id=TRACK, amount=Money(1_000), transaction_id="7")

    assert (answer.outcome is Outcome.CAPTURED) is done
    assert b"<action>2</action><amt>1.000</amt><transid>7</transid>" in sent[0][1]


def test_a_gateway_that_cannot_be_reached_is_a_fault_to_be_tried_again() -> None:
    terminal = knet.Terminal(
        payment_url="http://127.0.0.1:9/?a=b",
        inquiry_url="http://127.0.0.1:9/kpg/tranPipe.htm?param=tranInit&",
        id="1",
        password="p",
        resource_key="0123456789ABCDEF",
    )

    with pytest.raises(Fault) as fault:
        knet.Knet(terminal).inquire(track_id=TRACK, amount=Money(1))

    assert fault.value.retry

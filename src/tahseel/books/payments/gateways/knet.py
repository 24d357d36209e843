"""KNET's hosted payment page, RAW integration.

Facts of the wire: KNET merchant manual K-064 v1.4 (23 Aug 2023) and the public merchant kits.
The request travels through the customer's browser as `trandata`: AES-128-CBC in hex, with the
terminal's resource key as key and, in the official kit, as initialisation vector too. There is no
authentication code, so a message that decrypts proves nothing: credit follows the inquiry alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, quote, unquote_plus, urlencode

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tahseel.books.payments.gateways.interface import (
    Answer,
    Begun,
    Notification,
    NotificationRefused,
    Outcome,
    Purchase,
    PurchaseInvalid,
)
from tahseel.kernel.money import Money
from tahseel.kernel.transport import HttpPost, Post

ACTION_PURCHASE, ACTION_REFUND, ACTION_INQUIRY = "1", "2", "8"
NOTIFICATION_BYTES_MAX = 16 * 1024
BLOCK_BYTES = 16
KEY_LENGTH = 16
AMOUNT_LENGTH_MAX = 10
NOTE_LENGTH_MAX = 50
FIELD_LENGTH_MAX: Mapping[str, int] = {
    "id": 255,
    "password": 15,
    "responseURL": 255,
    "errorURL": 255,
    "trackid": 40,
    "transid": 19,
    **{f"udf{n}": 255 for n in range(1, 6)},
}
TRACK_ID = re.compile(r"[A-Za-z0-9]{1,40}")
CUSTOMER_TOKEN = re.compile(r"[0-9]{8}")
UDF_FORBIDDEN = re.compile(r"[@/&=]")
TAG = re.compile(r"<([A-Za-z0-9]{1,32})>([^<]{0,512})</\1>")

# The purchase's words (after `+` became a space) and the inquiry's. Anything else is UNKNOWN.
PURCHASE_RESULTS: Mapping[str, Outcome] = {
    "CAPTURED": Outcome.CAPTURED,
    "NOT CAPTURED": Outcome.NOT_CAPTURED,
    "CANCELED": Outcome.CANCELLED,
    "HOST TIMEOUT": Outcome.UNKNOWN,
}
INQUIRY_RESULTS: Mapping[str, Outcome] = {
    "SUCCESS": Outcome.CAPTURED,
    "CAPTURED": Outcome.CAPTURED,
    "FAILURE": Outcome.NOT_CAPTURED,
    "NOT CAPTURED": Outcome.NOT_CAPTURED,
    "CANCELED": Outcome.CANCELLED,
    "SUSPECTED": Outcome.UNKNOWN,
}
NOT_FOUND_ERROR = "IPAY0100263"
REFERENCE_FIELDS = ("paymentid", "payid", "tranid", "ref", "auth", "postdate", "authRespCode")


class VectorMode(StrEnum):
    """Where the initialisation vector comes from; terminals differ."""

    KEY = "key"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Terminal:
    """One KNET terminal: where it is and its credentials, which `repr` never shows.

    languages: our "ar"/"en" to the terminal's langid (older kits want "USA" for English).
    """

    payment_url: str
    inquiry_url: str
    id: str
    password: str = field(repr=False)
    resource_key: str = field(repr=False)
    vector_mode: VectorMode = VectorMode.KEY
    vector: str = field(default="", repr=False)
    currency: str = "414"
    languages: tuple[tuple[str, str], ...] = (("ar", "AR"), ("en", "EN"))

    def __post_init__(self) -> None:
        if len(self.resource_key.encode()) != KEY_LENGTH:
            raise ValueError(f"a resource key has {KEY_LENGTH} characters")
        if self.vector_mode is VectorMode.FIXED and len(self.vector.encode()) != BLOCK_BYTES:
            raise ValueError(f"a fixed vector has {BLOCK_BYTES} characters")

    def cipher(self) -> Cipher[modes.CBC]:
        key = self.resource_key.encode()
        vector = key if self.vector_mode is VectorMode.KEY else self.vector.encode()
        return Cipher(algorithms.AES(key), modes.CBC(vector))


def encrypt(plain: str, terminal: Terminal) -> str:
    """`trandata`: PKCS#7 padding, AES-128-CBC, upper-case hex."""
    padder = padding.PKCS7(BLOCK_BYTES * 8).padder()
    padded = padder.update(plain.encode()) + padder.finalize()
    encryptor = terminal.cipher().encryptor()
    return (encryptor.update(padded) + encryptor.finalize()).hex().upper()


def decrypt(trandata: str, terminal: Terminal) -> str:
    """The plain text. Raises ValueError when it is not hex, not whole blocks or not ours."""
    sealed = bytes.fromhex(trandata)
    if not sealed or len(sealed) % BLOCK_BYTES:
        raise ValueError("trandata is not made of whole blocks")
    decryptor = terminal.cipher().decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    unpadder = padding.PKCS7(BLOCK_BYTES * 8).unpadder()
    return (unpadder.update(padded) + unpadder.finalize()).decode()


def join_fields(fields: Mapping[str, str]) -> str:
    """`k=v&` for each field, the closing `&` included, as the kits write it."""
    return "".join(f"{name}={value}&" for name, value in fields.items())


def split_fields(text: str) -> dict[str, str]:
    """Fields of `k=v&...` with `+` and percent codes undone. Raises ValueError on a field twice."""
    fields: dict[str, str] = {}
    for pair in text.split("&"):
        if not pair:
            continue
        name, separator, value = pair.partition("=")
        if not separator or name in fields:
            raise ValueError("a field is malformed or comes twice")
        fields[name] = unquote_plus(value)
    return fields


def parse_fragment(text: str) -> dict[str, str]:
    """Fields of a reply: XML elements without a root. Raises ValueError on an element twice."""
    fields: dict[str, str] = {}
    for name, value in TAG.findall(text):
        if name in fields:
            raise ValueError(f"the reply holds {name} twice")
        fields[name] = html.unescape(value).strip()
    return fields


def build_fragment(fields: Mapping[str, str]) -> str:
    """An XML request without a root, as the transaction pipe wants it."""
    return "".join(f"<{name}>{html.escape(value)}</{name}>" for name, value in fields.items())


@dataclass(frozen=True, slots=True)
class Knet:
    """The gateway over one terminal; `post` is the way out to the network."""

    terminal: Terminal
    post: Post = field(default_factory=HttpPost)
    code: str = "knet"

    def begin(self, purchase: Purchase) -> Begun:
        """The payment page's address with its encrypted query. Raises PurchaseInvalid."""
        fields = self._purchase_fields(purchase)
        query = urlencode(
            {
                "trandata": encrypt(join_fields(fields), self.terminal),
                "tranportalId": self.terminal.id,
                "responseURL": purchase.response_url,
                "errorURL": purchase.error_url,
            },
            quote_via=quote,
        )
        masked = join_fields({**fields, "password": "•"})
        return Begun(f"{self.terminal.payment_url}&{query}", masked)

    def parse_notification(self, body: bytes) -> Notification:
        """Read the POST to our response address. Raises NotificationRefused."""
        if len(body) > NOTIFICATION_BYTES_MAX:
            raise NotificationRefused(reason="too long")
        try:
            form = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=40)
            outer = {name: values[0] for name, values in form.items()}
            fields = self._open(outer)
            track_id = fields.get("trackid", "")
            amount = Money.parse(fields["amt"]) if fields.get("amt") else None
        except ValueError as error:
            raise NotificationRefused(reason="not readable with our key") from error
        if not TRACK_ID.fullmatch(track_id):
            raise NotificationRefused(reason="no track id")
        outcome = PURCHASE_RESULTS.get(fields.get("result", ""), Outcome.UNKNOWN)
        return Notification(track_id, outcome, amount, tuple(sorted(fields.items())))

    def answer_notification(self, receipt_url: str) -> tuple[str, bytes]:
        """One bare line. HTML or an HTTP redirect instead makes KNET void the capture."""
        return "text/plain; charset=utf-8", f"REDIRECT={receipt_url}".encode()

    def inquire(self, *, track_id: str, amount: Money) -> Answer:
        """Ask by our own track id what became of a purchase. Raises Fault.

        A track id of at most 19 characters fits the inquiry's `transid` as well.
        """
        fields = {
            **self._credentials(ACTION_INQUIRY),
            "amt": amount.dinars(),
            "transid": track_id,
            "trackid": track_id,
            "udf5": "TrackID",
        }
        return self._ask(fields, INQUIRY_RESULTS)

    def refund(self, *, track_id: str, amount: Money, transaction_id: str) -> Answer:
        """Give back by the original transaction id; only CAPTURED means done. Raises Fault."""
        fields = {
            **self._credentials(ACTION_REFUND),
            "amt": amount.dinars(),
            "transid": transaction_id,
            "trackid": track_id,
            "udf5": "TransID",
        }
        return self._ask(fields, {"CAPTURED": Outcome.CAPTURED})

    def _purchase_fields(self, purchase: Purchase) -> dict[str, str]:
        fields = {
            **self._credentials(ACTION_PURCHASE),
            "langid": dict(self.terminal.languages).get(purchase.language, "EN"),
            "currencycode": self.terminal.currency,
            "amt": purchase.amount.dinars(),
            "responseURL": purchase.response_url,
            "errorURL": purchase.error_url,
            "trackid": purchase.track_id,
            **{f"udf{n}": "" for n in range(1, 6)},
            "udf3": purchase.customer_token,
            "udf5": f"ptlf {purchase.note}" if purchase.note else "",
        }
        _validate(purchase, fields)
        return fields

    def _credentials(self, action: str) -> dict[str, str]:
        return {"id": self.terminal.id, "password": self.terminal.password, "action": action}

    def _open(self, outer: Mapping[str, str]) -> dict[str, str]:
        """Encrypted fields, or the clear ones of an error, whose result nobody has to believe."""
        if outer.get("trandata"):
            return split_fields(decrypt(outer["trandata"], self.terminal))
        if outer.get("ErrorText") or outer.get("Error"):
            return {name: value for name, value in outer.items() if name != "result"}
        raise ValueError("neither trandata nor an error")

    def _ask(self, fields: Mapping[str, str], results: Mapping[str, Outcome]) -> Answer:
        masked = build_fragment({**fields, "password": "•"})
        body = build_fragment(fields).encode()
        reply = self.post(self.terminal.inquiry_url, body, "application/xml")
        text = reply.decode(errors="replace")
        try:
            return _read_reply(text, masked, results)
        except ValueError:
            return Answer(Outcome.UNKNOWN, None, None, (), masked, text)


def _read_reply(text: str, request: str, results: Mapping[str, Outcome]) -> Answer:
    fields = parse_fragment(text)
    outcome = results.get(unquote_plus(fields.get("result", "")), Outcome.UNKNOWN)
    if outcome is Outcome.UNKNOWN and NOT_FOUND_ERROR in text:
        outcome = Outcome.NOT_FOUND
    amount = Money.parse(fields["amt"]) if fields.get("amt") else None
    reference = tuple((name, fields[name]) for name in REFERENCE_FIELDS if fields.get(name))
    return Answer(outcome, fields.get("trackid"), amount, reference, request, text)


def _validate(purchase: Purchase, fields: Mapping[str, str]) -> None:
    """Everything that the page would refuse, refused here by name."""
    if not TRACK_ID.fullmatch(purchase.track_id):
        raise PurchaseInvalid(field="trackid", reason="1 to 40 letters and digits")
    if purchase.amount.fils <= 0 or len(fields["amt"]) > AMOUNT_LENGTH_MAX:
        raise PurchaseInvalid(field="amt", reason="positive, at most 10 characters")
    if purchase.language not in {"ar", "en"}:
        raise PurchaseInvalid(field="langid", reason="ar or en")
    if purchase.customer_token and not CUSTOMER_TOKEN.fullmatch(purchase.customer_token):
        raise PurchaseInvalid(field="udf3", reason="8 digits")
    if len(purchase.note) > NOTE_LENGTH_MAX:
        raise PurchaseInvalid(field="udf5", reason=f"at most {NOTE_LENGTH_MAX} characters")
    for name, value in fields.items():
        if name.startswith("udf") and UDF_FORBIDDEN.search(value):
            raise PurchaseInvalid(field=name, reason="holds @ / & or =")
        if name.endswith("URL") and not value.startswith(("http://", "https://")):
            raise PurchaseInvalid(field=name, reason="an http address")
        if name != "amt" and "&" in value:
            raise PurchaseInvalid(field=name, reason="holds &")
        if len(value) > FIELD_LENGTH_MAX.get(name, 255):
            raise PurchaseInvalid(field=name, reason=f"at most {FIELD_LENGTH_MAX[name]} characters")

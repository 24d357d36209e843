"""What every payment gateway does for us, in our own words.

A gateway begins a payment (an address for the customer's browser), reads the message with which
the firm reports back, and answers an inquiry. Only the inquiry may lead to credit: the rest of
the traffic passes through the customer's hands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money


class Outcome(StrEnum):
    """What a gateway says became of a payment. Only CAPTURED is money."""

    CAPTURED = "captured"
    NOT_CAPTURED = "not_captured"
    CANCELLED = "cancelled"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


class PurchaseInvalid(Refusal):
    """A value does not fit the gateway's wire format; nothing was sent."""

    code = "purchase_invalid"
    text_ar = "بيانات الدفع غير صالحة: {field}"
    text_en = "The payment data does not fit the gateway: {field} ({reason})"


class NotificationRefused(Refusal):
    """A message that says it comes from the gateway, but cannot be read with our key."""

    code = "notification_refused"
    text_ar = "إشعار دفع غير صالح"
    text_en = "This payment notification cannot be read"
    http_status = 400


@dataclass(frozen=True, slots=True)
class Purchase:
    """One payment to begin. `language` is "ar" or "en"; `note` is shown in the firm's reports."""

    track_id: str
    amount: Money
    language: str
    response_url: str
    error_url: str
    note: str = ""
    customer_token: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the customer, and the request as it was made (secrets masked)."""

    redirect_url: str
    request: str


@dataclass(frozen=True, slots=True)
class Notification:
    """What the gateway, or somebody in its name, told us. Never a reason to credit."""

    track_id: str
    outcome: Outcome
    amount: Money | None
    fields: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to an inquiry or a refund that we made ourselves.

    `amount` and `track_id` are what the firm holds on file, None when it did not say.
    `reference` holds payment id, transaction id, reference and authorisation as reported.
    """

    outcome: Outcome
    track_id: str | None
    amount: Money | None
    reference: tuple[tuple[str, str], ...]
    request: str = field(repr=False)
    response: str = field(repr=False)


class Gateway(Protocol):
    """One payment firm. Network trouble is a Fault (`retry` says whether to ask again)."""

    @property
    def code(self) -> str: ...

    def begin(self, purchase: Purchase) -> Begun:
        """Raises PurchaseInvalid."""
        ...

    def parse_notification(self, body: bytes) -> Notification:
        """Raises NotificationRefused."""
        ...

    def answer_notification(self, receipt_url: str) -> tuple[str, bytes]:
        """Content type and body with which the firm wants to be answered."""
        ...

    def inquire(self, *, track_id: str, amount: Money) -> Answer:
        """What became of the payment. Raises Fault."""
        ...

    def refund(self, *, track_id: str, amount: Money, transaction_id: str) -> Answer:
        """Give money back. Done only when the outcome is CAPTURED. Raises Fault."""
        ...

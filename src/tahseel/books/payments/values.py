"""The words of payments: states, tenders, what was claimed and what was found out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import Money
from tahseel.kernel.states import StateMachine


class IntentState(StrEnum):
    """Where a payment through a gateway stands. Only POSTED is money on an account."""

    CREATED = "created"
    SENT = "sent"
    CAPTURED = "captured"
    NOT_CAPTURED = "not_captured"
    CANCELLED = "cancelled"
    IN_DOUBT = "in_doubt"
    POSTED = "posted"


_FOUND_OUT = frozenset(
    {
        IntentState.CAPTURED,
        IntentState.NOT_CAPTURED,
        IntentState.CANCELLED,
        IntentState.IN_DOUBT,
    }
)

# A refused or cancelled payment may still turn out to be captured: the money is then real, and
# the gateway's own answer opens the way on. From POSTED nothing leads on: it is reversed instead.
INTENT = StateMachine(
    name="payment intent",
    initial=IntentState.CREATED,
    moves={
        IntentState.CREATED: frozenset({IntentState.SENT}),
        IntentState.SENT: _FOUND_OUT,
        IntentState.IN_DOUBT: _FOUND_OUT - {IntentState.IN_DOUBT},
        IntentState.NOT_CAPTURED: frozenset({IntentState.CAPTURED, IntentState.IN_DOUBT}),
        IntentState.CANCELLED: frozenset({IntentState.CAPTURED, IntentState.IN_DOUBT}),
        IntentState.CAPTURED: frozenset({IntentState.POSTED}),
        IntentState.POSTED: frozenset(),
    },
)


class Finality(StrEnum):
    """Whether money received by a tender may still be taken back; decides what it may release."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    NONE = "none"


class CaseKind(StrEnum):
    """Why a payment needs a person to look at it."""

    WRONG_AMOUNT = "wrong_amount"
    WRONG_TRACK = "wrong_track"
    CONTRADICTION = "contradiction"
    NO_CLEAR_ANSWER = "no_clear_answer"
    NOT_POSTED = "not_posted"


class MessageKind(StrEnum):
    """What a kept message was part of."""

    BEGIN = "begin"
    NOTIFICATION = "notification"
    INQUIRY = "inquiry"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class Tender:
    """A means of payment. `debit` is the account of the chart in which its money arrives."""

    code: str
    name_ar: str
    name_en: str
    channel: str
    finality: Finality
    debit: str
    source: str


@dataclass(frozen=True, slots=True)
class Share:
    """The part of one intent that belongs to one account, with the claims it quotes."""

    account_id: UUID
    customer_id: UUID
    amount: Money
    claim_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A payment somebody set out to make through a gateway."""

    id: UUID
    track_id: str
    gateway: str
    amount: Money
    state: IntentState
    shares: tuple[Share, ...]
    created_at: datetime
    expires_at: datetime
    hold_reference: str | None = None
    claimed: str | None = None
    inquiries: int = 0
    posted_at: datetime | None = None
    inquired_at: datetime | None = None
    notified_at: datetime | None = None
    next_inquiry_at: datetime | None = None
    reference: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def account_id(self) -> UUID:
        """The first account the payment is for."""
        return self.shares[0].account_id


@dataclass(frozen=True, slots=True)
class Started:
    """Where the customer goes to pay."""

    intent_id: UUID
    track_id: str
    redirect_url: str


@dataclass(frozen=True, slots=True)
class Received:
    """Money that came by another way than a gateway: counter, bank file, history.

    `id` is made by whoever took the money; the same id is never posted twice.
    `claim_ids` are settled first, then the oldest due.
    """

    id: UUID
    account_id: UUID
    customer_id: UUID
    amount: Money
    tender: str
    received_at: datetime
    business_date: date
    reference: str = ""
    claim_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment as posted to one account."""

    id: UUID
    account_id: UUID
    customer_id: UUID
    amount: Money
    unapplied: Money
    tender: str
    channel: str
    finality: Finality
    business_date: date
    posted_at: datetime
    intent_id: UUID | None
    reference: str


@dataclass(frozen=True, slots=True)
class SweepPolicy:
    """When a payment that nobody has heard of is asked about.

    The gateway's page stays open for `page_open`; until then an inquiry follows every
    `pause_open`, so that a lost notification is found within a minute. A payment in doubt is asked
    about at twice the last pause, from `pause_first` to `pause_max`. `inquiries_max` ends it.
    Somebody who watches the result page asks more often, but not within `pause_least`.
    """

    page_open: timedelta = timedelta(minutes=30)
    pause_open: timedelta = timedelta(seconds=30)
    pause_first: timedelta = timedelta(seconds=20)
    pause_max: timedelta = timedelta(minutes=10)
    pause_least: timedelta = timedelta(milliseconds=500)
    inquiries_max: int = 300

    def pause(self, inquiries: int) -> timedelta:
        """The pause after that many inquiries about a payment in doubt."""
        return min(self.pause_first * (1 << min(inquiries, 16)), self.pause_max)


@dataclass(frozen=True, slots=True)
class Notified:
    """A notification taken in: where the gateway sends the customer. Nothing is credited."""

    intent_id: UUID
    claimed: str
    result_url: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is known of an intent after asking. `fresh`: this very call posted it."""

    intent: PaymentIntent
    payments: tuple[Paid, ...]
    fresh: bool

    @property
    def posted(self) -> bool:
        return self.intent.state is IntentState.POSTED


@dataclass(frozen=True, slots=True)
class SweepReport:
    """One round of inquiries: how many were asked, posted, and could not be asked."""

    asked: int
    posted: int
    failed: int


@dataclass(frozen=True, slots=True)
class RecordReport:
    """One batch of received money: how many payments were new, their sum, what stayed unapplied."""

    recorded: int
    amount: Money
    unapplied: Money

    def audit_facts(self) -> dict[str, int]:
        return {
            "recorded": self.recorded,
            "amount_fils": self.amount.fils,
            "unapplied_fils": self.unapplied.fils,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a payment's timeline."""

    step: str
    at: datetime
    facts: tuple[tuple[str, str | int | None], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A payment that a person has to look at. `reported`: what the gateway says was taken."""

    id: UUID
    intent_id: UUID
    kind: CaseKind
    reported: Money | None
    opened_at: datetime
    closed_at: datetime | None


HANGING = (Hanging("payments_payment", "customer_id", key=("account_id", "id"), stays=True),)
"""A receipt keeps its payer; that it came while a merge held is told when that is taken back."""

"""Notices, the channels they go by, their deliveries, and the service that a delivery proves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tahseel.kernel.states import StateMachine


class DeliveryStatus(StrEnum):
    """How far a notice has come. `issued` is before the first delivery event."""

    ISSUED = "issued"
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    FAILED = "failed"
    RETURNED = "returned"


MACHINE: StateMachine[DeliveryStatus] = StateMachine(
    name="delivery",
    initial=DeliveryStatus.ISSUED,
    moves={
        DeliveryStatus.ISSUED: frozenset(
            {DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED}
        ),
        DeliveryStatus.SENT: frozenset(
            {DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.RETURNED}
        ),
        DeliveryStatus.DELIVERED: frozenset({DeliveryStatus.OPENED}),
        DeliveryStatus.FAILED: frozenset({DeliveryStatus.SENT, DeliveryStatus.DELIVERED}),
        DeliveryStatus.RETURNED: frozenset({DeliveryStatus.SENT}),
        DeliveryStatus.OPENED: frozenset(),
    },
)


class DispatchState(StrEnum):
    """Where a message stands on its way to the firm that carries it."""

    WAITING = "waiting"
    HANDING = "handing"
    HANDED = "handed"
    GIVEN_UP = "given_up"
    DOUBTFUL = "doubtful"


DISPATCH_MACHINE: StateMachine[DispatchState] = StateMachine(
    name="dispatch",
    initial=DispatchState.WAITING,
    moves={
        DispatchState.WAITING: frozenset({DispatchState.HANDING, DispatchState.GIVEN_UP}),
        DispatchState.HANDING: frozenset(
            {
                DispatchState.HANDED,
                DispatchState.WAITING,
                DispatchState.GIVEN_UP,
                DispatchState.DOUBTFUL,
            }
        ),
        DispatchState.HANDED: frozenset(),
        DispatchState.GIVEN_UP: frozenset(),
        DispatchState.DOUBTFUL: frozenset(),
    },
)


@dataclass(frozen=True, slots=True)
class Channel:
    """A way of telling. statutory: the law takes it for service (see source).

    serves: the states that prove service; proof: what the evidence must then hold. carried: a firm
    carries it by machine, so an issued notice that has an address waits to be handed over.
    """

    code: str
    name_ar: str
    name_en: str
    statutory: bool
    serves: frozenset[DeliveryStatus]
    proof: frozenset[str]
    source: str
    confidence: str
    carried: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What a carrier is given: one notice in the recipient's language, for its `tries`-th time."""

    notice_id: UUID
    channel: str
    address: str = field(repr=False)
    text: str = field(repr=False)
    language: str
    tries: int


HIDDEN = "••••••"
"""What stands in a stored text where the recipient alone reads a secret."""


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to be issued. subject: what it is about ("claim:<id>"), for one or several.

    address: where it goes (number, mailbox, postal address); sealed at rest, never in `repr`.
    reference: the number printed on it, by which the person and the office find it. language: the
    one in which a carried message is written. secret: what the carried text says where the stored
    one says HIDDEN; sealed until the message is on its way, then gone.
    """

    id: UUID
    kind: str
    channel: str
    recipient_customer_id: UUID
    subject: str
    body_ar: str
    body_en: str
    address: str = field(repr=False)
    reference: str
    language: str = "ar"
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """An event of delivery to be appended.

    occurred_at: when it happened, as the evidence says (aware UTC); proof: JSON without floats.
    """

    id: UUID
    notice_id: UUID
    status: str
    proof: Mapping[str, Any]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Service:
    """Proved service of a notice: terms run from the day after `served_on`.

    basis: the law that takes the channel for service, as it stood when the event was recorded.
    """

    notice_id: UUID
    channel: str
    served_at: datetime
    served_on: date
    delivery_id: UUID
    proof_hash: bytes
    basis: str


_installed: dict[str, Channel] = {}


def install_channels(channels: Iterable[Channel]) -> None:
    """Called once by `app` with the country's channels."""
    fresh = {channel.code: channel for channel in channels}
    _installed.clear()
    _installed.update(fresh)


def channels() -> Mapping[str, Channel]:
    """The installed channels by code. Raises LookupError before `install_channels`."""
    if not _installed:
        raise LookupError("no channels are installed")
    return _installed

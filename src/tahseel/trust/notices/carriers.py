"""Who carries messages: the interface, and what a process was given. `app` installs it once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tahseel.kernel.errors import Fault
from tahseel.trust.notices.values import Message


class Declined(Fault):
    """The carrier answered that it does not take the message: it was certainly not sent."""


class Carrier(Protocol):
    """Takes messages of one channel."""

    def hand_over(self, message: Message) -> Mapping[str, str | int]:
        """What the carrier answered, as proof.

        Raises Declined or `kernel.transport.NotReached` when it certainly does not have the
        message, and any other Fault when that is unknown.
        """
        ...


_installed: dict[str, Carrier] = {}


def install(carriers: Mapping[str, Carrier]) -> None:
    """Carriers by the code of their channel; called again it replaces."""
    _installed.clear()
    _installed.update(carriers)


def installed() -> Mapping[str, Carrier]:
    return dict(_installed)

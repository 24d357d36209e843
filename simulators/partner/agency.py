"""What the agency knows: who is held at which gate, and how far it has been told."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from simulators import faults

ALGORITHMS = ("Ed25519", "EdDSA")


class Fault(StrEnum):
    """What may go wrong with one message."""

    NONE = "none"
    DOWN = "down"
    ACK_LOST = "ack-lost"
    GARBAGE = "garbage"
    WRONG_ACK = "wrong-ack"
    AMNESIA = "amnesia"


class FaultPlan(faults.Plan[Fault]):
    """Draws a fault for each message."""

    kind = Fault


class RefusedError(Exception):
    """A message that is not the utility's, or that cannot be understood."""


class Agency:
    """The agency's own list of stopped persons. Threads may call it."""

    def __init__(self, code: str, key: Ed25519PublicKey, plan: FaultPlan) -> None:
        self.code, self._key, self._plan = code, key, plan
        self._lock = threading.Lock()
        self._last = 0
        self._held: dict[tuple[str, str], dict[str, Any]] = {}
        self.taken = 0

    def fault(self) -> Fault:
        return self._plan.next()

    def forget(self) -> None:
        """As after a restore from an old backup."""
        with self._lock:
            self._last, self._held = 0, {}

    def take(self, token: bytes) -> dict[str, Any]:
        """Take over one signed message; what to answer. Raises RefusedError."""
        payload = self._opened(token)
        try:
            message = json.loads(payload)
            after, last = int(message["after"]), int(message["last"])
            changes = [self._change(change) for change in message["changes"]]
            mine = message["partner"] == self.code
        except (ValueError, KeyError, TypeError) as error:
            raise RefusedError("not a message of the agreed form") from error
        if not mine:
            raise RefusedError("meant for another agency")
        with self._lock:
            if after > self._last:
                return {"acknowledged": None, "lacking": True, "last": self._last}
            if after == 0:
                self._held = {}
            if last >= self._last:
                for key, state in changes:
                    self._apply(key, state)
            self._last = max(self._last, last)
            self.taken += 1
        return {"acknowledged": hashlib.sha256(payload).hexdigest()}

    def _apply(self, key: tuple[str, str], state: dict[str, Any] | None) -> None:
        if state is None:
            self._held.pop(key, None)
        else:
            self._held[key] = state

    @staticmethod
    def _change(told: Mapping[str, Any]) -> tuple[tuple[str, str], dict[str, Any] | None]:
        key = str(told["civil_id"]), str(told["gate"])
        if told["state"] == "clear":
            return key, None
        if told["state"] != "held":
            raise ValueError("a person is held or clear")
        return key, {"amount_fils": int(told["amount_fils"]), "reference": str(told["reference"])}

    def _opened(self, token: bytes) -> bytes:
        try:
            head, body, signature = token.split(b".")
            header = json.loads(_decoded(head))
            if header.get("alg") not in ALGORITHMS:
                raise RefusedError("signed by an algorithm that was not agreed")
            self._key.verify(_decoded(signature), head + b"." + body)
            return _decoded(body)
        except (ValueError, binascii.Error, InvalidSignature, AttributeError) as error:
            raise RefusedError("not signed by the utility") from error

    def is_held(self, civil_id: str, gate: str) -> dict[str, Any] | None:
        with self._lock:
            return self._held.get((civil_id, gate))

    def describe(self) -> dict[str, Any]:
        """Counts alone: the list itself is nobody's to read."""
        with self._lock:
            gates = [gate for _, gate in self._held]
            counts = {gate: gates.count(gate) for gate in sorted(set(gates))}
            return {"agency": self.code, "last": self._last, "taken": self.taken, "held": counts}


def _decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))

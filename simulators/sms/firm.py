"""What the firm knows: subscribers, their points, every message it took, and its faults."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from simulators import faults

ARABIC_PART, LATIN_PART = 70, 160
MOBILE_LENGTHS = range(8, 16)


class Fault(StrEnum):
    """What may go wrong with one message."""

    NONE = "none"
    BUSY = "busy"
    DOWN = "down"
    ANSWER_LOST = "answer-lost"
    GARBAGE = "garbage"


class FaultPlan(faults.Plan[Fault]):
    """Draws a fault for each message."""

    kind = Fault


@dataclass(frozen=True)
class Text:
    """One message that a phone has received, or that was only tried."""

    id: str
    at: str
    mobile: str
    sender: str
    message: str
    points: int
    test: bool


class Firm:
    """One subscriber and the phones. Threads may call it."""

    def __init__(self, username: str, password: str, points: int, plan: FaultPlan) -> None:
        self._credentials = (username, password)
        self._points, self._plan = points, plan
        self._lock = threading.Lock()
        self._texts: list[Text] = []

    def fault(self) -> Fault:
        return self._plan.next()

    def send(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The firm's answer; a message that it takes is on the phone at once."""
        words = {name: str(request.get(name) or "") for name in FIELDS}
        with self._lock:
            if (words["username"], words["password"]) != self._credentials:
                return _error("ERR003", "Authentication error")
            if not words["sender"]:
                return _error("ERR008", "Sender id is missing")
            if not words["message"].strip():
                return _error("ERR009", "Message is empty")
            if not words["mobile"].isdigit() or len(words["mobile"]) not in MOBILE_LENGTHS:
                return _error("ERR006", "No valid number")
            points = _parts(words["message"])
            if points > self._points:
                return _error("ERR010", "Account balance is zero")
            return self._take(words, points)

    def _take(self, words: Mapping[str, str], points: int) -> dict[str, Any]:
        test = words["test"] == "1"
        self._points -= points
        number = f"{len(self._texts) + 1:08d}"
        now = datetime.now(UTC).isoformat(timespec="seconds")
        text = Text(number, now, words["mobile"], words["sender"], words["message"], points, test)
        self._texts.append(text)
        return {
            "result": "OK",
            "msg-id": number,
            "numbers": 1,
            "points-charged": points,
            "balance-after": self._points,
        }

    def texts(self) -> list[dict[str, Any]]:
        """What phones have received, newest first."""
        with self._lock:
            return [asdict(text) for text in reversed(self._texts) if not text.test]


FIELDS = ("username", "password", "sender", "mobile", "message", "test")


def _error(code: str, description: str) -> dict[str, Any]:
    return {"result": "ERROR", "code": code, "description": description}


def _parts(message: str) -> int:
    """Points a message costs: one for each part; letters beyond Latin make parts shorter."""
    size = LATIN_PART if message.isascii() else ARABIC_PART
    return -(-len(message) // size)

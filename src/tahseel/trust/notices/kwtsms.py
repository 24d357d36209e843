"""Text messages through kwtSMS, the carrier most used in Kuwait.

Facts of the wire: the firm's public client libraries. One POST of JSON a message; `result` is OK
or ERROR, an error has a code ERR001 and so on; the sender KWT-SMS is for tests only. Which codes
are worth another try is the country's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from tahseel.kernel.errors import Fault
from tahseel.kernel.transport import HttpPost, Post
from tahseel.trust.notices.carriers import Declined
from tahseel.trust.notices.values import Message

UNKNOWN_CODE = "ERR???"
CODE_LENGTH_MAX = 12


@dataclass(frozen=True, slots=True)
class Subscription:
    """The contract with the firm. test: accepted and charged to nobody, never delivered."""

    url: str
    username: str
    password: str = field(repr=False)
    sender: str
    test: bool = False


@dataclass(frozen=True, slots=True)
class KwtSms:
    """A carrier for the channel "sms". retry_codes: errors that may pass by themselves."""

    subscription: Subscription
    retry_codes: frozenset[str]
    post: Post = field(default_factory=lambda: HttpPost(timeout_s=10))

    def hand_over(self, message: Message) -> Mapping[str, str | int]:
        """Raises Declined, NotReached, and Fault when the answer says nothing."""
        reply = self.post(self.subscription.url, self._request(message), "application/json")
        answer = _read(reply)
        if answer.get("result") == "OK":
            return {
                "carrier": "kwtsms",
                "message_id": str(answer.get("msg-id", "")),
                "points": int(answer.get("points-charged") or 0),
                "test": int(self.subscription.test),
            }
        if answer.get("result") != "ERROR":
            raise Fault("the carrier's answer says neither OK nor ERROR", retry=False)
        code = str(answer.get("code") or UNKNOWN_CODE)[:CODE_LENGTH_MAX]
        raise Declined(f"the carrier declines: {code}", retry=code in self.retry_codes)

    def _request(self, message: Message) -> bytes:
        mine = self.subscription
        return orjson.dumps(
            {
                "username": mine.username,
                "password": mine.password,
                "sender": mine.sender,
                "mobile": message.address,
                "message": message.text,
                "test": "1" if mine.test else "0",
            }
        )


def _read(reply: bytes) -> Mapping[str, Any]:
    try:
        answer = orjson.loads(reply)
    except orjson.JSONDecodeError as error:
        raise Fault("the carrier's answer is not JSON", retry=False) from error
    if not isinstance(answer, dict):
        raise Fault("the carrier's answer is not an object", retry=False)
    return answer

"""Asking the gateway over its private Unix socket, as the desk does."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from tahseel.kernel.errors import Fault
from tahseel.kernel.ids import CivilId
from tahseel.recovery.clearance.values import Gate

TIMEOUT_S = 2.0
CHECKS_PATH = "/v1/clearance/checks"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway said. `answer` is "clear", "held" or "unknown"; `age_ms` how old it is."""

    answer: str
    scope: tuple[str, ...]
    amount_fils: int
    reference: str | None
    as_of_sequence: int
    as_of: datetime
    age_ms: int


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket; kept open between checks."""

    def __init__(self, socket_path: Path, timeout_s: float = TIMEOUT_S) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = str(socket_path)
        self._timeout_s = timeout_s

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self._timeout_s)
        self.sock.connect(self._path)


def check(
    *, socket_path: Path, civil_id: CivilId | str, gate: Gate, purpose: str, reference: str
) -> Answer:
    """Ask once. Raises Fault (retry) when the gateway does not answer or is not ready."""
    connection = SocketConnection(socket_path)
    try:
        return ask(connection, civil_id=civil_id, gate=gate, purpose=purpose, reference=reference)
    finally:
        connection.close()


def ask(
    connection: SocketConnection,
    *,
    civil_id: CivilId | str,
    gate: Gate,
    purpose: str,
    reference: str,
) -> Answer:
    """Ask over a connection that stays open. Raises Fault as `check` does."""
    digits = civil_id.digits if isinstance(civil_id, CivilId) else civil_id
    request = {"civil_id": digits, "gate": gate, "purpose": purpose, "reference": reference}
    try:
        connection.request("POST", CHECKS_PATH, body=orjson.dumps(request))
        response = connection.getresponse()
        body = orjson.loads(response.read())
    except (OSError, http.client.HTTPException, orjson.JSONDecodeError) as error:
        connection.close()  # a half-done exchange would refuse every later one
        raise Fault("the clearance gateway does not answer", retry=True) from error
    if response.status != 200:
        retry = response.status >= http.client.INTERNAL_SERVER_ERROR
        raise Fault(f"the clearance gateway refused: {body.get('code')}", retry=retry)
    return Answer(
        answer=body["answer"],
        scope=tuple(body["scope"]),
        amount_fils=body["amount_fils"],
        reference=body["reference"],
        as_of_sequence=body["as_of_sequence"],
        as_of=datetime.fromisoformat(body["as_of"]),
        age_ms=body["age_ms"],
    )

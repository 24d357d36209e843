"""The agency's web interface."""

from __future__ import annotations

from typing import Any

from simulators import serving
from simulators.partner.agency import Agency, Fault, RefusedError


class Server(serving.Server):
    """Serves one agency."""

    def __init__(self, address: tuple[str, int], agency: Agency, *, quiet: bool) -> None:
        self.agency = agency
        super().__init__(address, Handler, quiet=quiet)


class Handler(serving.Handler):
    server: Server
    server_version = "partner-simulator"
    body_bytes_max = 16 * 1024 * 1024

    def get(self) -> None:
        query = self.query
        if self.route == "/healthz":
            self.send_text(200, "ok\n")
        elif self.route == "/simulator/state":
            self.send_json(200, self.server.agency.describe())
        elif self.route == "/simulator/person":
            held = self.server.agency.is_held(query.get("civil_id", ""), query.get("gate", ""))
            self.send_json(200, {"held": held is not None, **(held or {})})
        else:
            self.send_json(404, {"error": "not found"})

    def post(self) -> None:
        body = self.read_body()
        if body is None or self.route != "/clearance/changes":
            self.close_connection = True
            self.send_json(404, {"error": "not found"})
            return
        fault = self.server.agency.fault()
        if fault is Fault.DOWN:
            self.send_json(503, {"error": "maintenance"})
            return
        if fault is Fault.AMNESIA:
            self.server.agency.forget()
        try:
            answer = self.server.agency.take(body)
        except RefusedError as refused:
            self.send_json(400, {"error": str(refused)})
            return
        self._answer(answer, fault)

    def _answer(self, answer: dict[str, Any], fault: Fault) -> None:
        if fault is Fault.ACK_LOST:
            self.hang_up()
        elif fault is Fault.GARBAGE:
            self.send_whole(200, b"<html>", "text/html; charset=utf-8")
        elif fault is Fault.WRONG_ACK:
            self.send_json(200, {"acknowledged": "0" * 64})
        else:
            self.send_json(200, answer)

"""The agency's web interface."""

from __future__ import annotations

import http.server
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from simulators.partner.agency import Agency, Fault, RefusedError

BODY_BYTES_MAX = 16 * 1024 * 1024


class Server(http.server.ThreadingHTTPServer):
    """Serves one agency."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], agency: Agency, *, quiet: bool) -> None:
        self.agency, self.quiet = agency, quiet
        super().__init__(address, Handler)


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "partner-simulator"
    sys_version = ""
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        if not self.server.quiet:
            super().log_message(format, *args)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/healthz":
            self._send(200, b"ok\n", "text/plain; charset=utf-8")
        elif url.path == "/simulator/state":
            self._json(200, self.server.agency.describe())
        elif url.path == "/simulator/person":
            held = self.server.agency.is_held(query.get("civil_id", ""), query.get("gate", ""))
            self._json(200, {"held": held is not None, **(held or {})})
        else:
            self._json(404, {"error": "not found"})

    def do_POST(self) -> None:
        body = self._body()
        if body is None or urlsplit(self.path).path != "/clearance/changes":
            self.close_connection = True
            self._json(404, {"error": "not found"})
            return
        fault = self.server.agency.fault()
        if fault is Fault.DOWN:
            self._json(503, {"error": "maintenance"})
            return
        if fault is Fault.AMNESIA:
            self.server.agency.forget()
        try:
            answer = self.server.agency.take(body)
        except RefusedError as refused:
            self._json(400, {"error": str(refused)})
            return
        self._answer(answer, fault)

    def _answer(self, answer: dict[str, Any], fault: Fault) -> None:
        if fault is Fault.ACK_LOST:
            self.close_connection = True
            self.connection.close()
        elif fault is Fault.GARBAGE:
            self._send(200, b"<html>", "text/html; charset=utf-8")
        elif fault is Fault.WRONG_ACK:
            self._json(200, {"acknowledged": "0" * 64})
        else:
            self._json(200, answer)

    def _body(self) -> bytes | None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            return None
        return self.rfile.read(length) if 0 <= length <= BODY_BYTES_MAX else None

    def _json(self, status: int, value: Any) -> None:
        self._send(status, json.dumps(value).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

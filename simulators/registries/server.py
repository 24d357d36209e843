"""The registries over HTTP: `/REGISTRY/records`, `/REGISTRY/control`, and what a test may order."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from simulators import serving
from simulators.registries import signing
from simulators.registries.faults import Fault, FaultPlan
from simulators.registries.records import RecordError
from simulators.registries.register import PAGE_MAX, Register, publish

JSON = "application/json; charset=utf-8"


class Server(serving.Server):
    """Serves all registers of the State."""

    def __init__(
        self,
        address: tuple[str, int],
        registers: Mapping[str, Register],
        plan: FaultPlan,
        *,
        slow_ms: int,
        quiet: bool,
    ) -> None:
        self.registers = registers
        self.plan = plan
        self.slow_ms = slow_ms
        super().__init__(address, Handler, quiet=quiet)


class Handler(serving.Handler):
    server: Server
    server_version = "registries-simulator"

    def get(self) -> None:
        registry, _, what = self.route.strip("/").partition("/")
        register = self.server.registers.get(registry)
        if self.route == "/healthz":
            self.send_text(200, "ok\n")
        elif self.route == "/simulator/keys":
            keys = {name: signing.key_of(name).public_text for name in self.server.registers}
            self._send(200, json.dumps(keys).encode(), JSON)
        elif register is not None and what == "records":
            self._page(register, self.query)
        elif register is not None and what == "control":
            self._answer(register, register.control(self.query.get("day", "")))
        else:
            self._send(404, b"{}", JSON)

    def post(self) -> None:
        """`/simulator/records`: publish one more record; `/simulator/faults`: order the next."""
        body = self.read_body() or b""
        try:
            given = json.loads(body)
            if self.path == "/simulator/records":
                record = publish(self.server.registers, given)
                answer: dict[str, object] = {"number": record.number, "version": record.version}
            elif self.path == "/simulator/faults":
                self.server.plan.order(*[Fault(name) for name in given])
                answer = {"ordered": given}
            else:
                self._send(404, b"{}", JSON)
                return
        except (RecordError, ValueError, KeyError, TypeError) as wrong:
            self._send(422, json.dumps({"wrong": str(wrong)}).encode(), JSON)
            return
        self._send(201, json.dumps(answer).encode(), JSON)

    def _page(self, register: Register, query: Mapping[str, str]) -> None:
        try:
            after, limit = int(query.get("after") or 0), int(query.get("limit") or PAGE_MAX)
        except ValueError:
            self._send(400, b"{}", JSON)
            return
        fault = self.server.plan.next()
        page = register.page(after, limit)
        if fault is Fault.SHUFFLED:
            self.server.plan.shuffle(page["records"])
        if fault is Fault.TWICE and page["records"]:
            page["next"], page["more"] = page["after"], True
        if fault is Fault.SLOW:
            time.sleep(self.server.slow_ms / 1000)
        if fault is Fault.SERVER_ERROR:
            self._send(500, b'{"error":"internal"}', JSON)
            return
        self._answer(register, page, fault)

    def _answer(
        self, register: Register, value: Mapping[str, Any], fault: Fault = Fault.NONE
    ) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        url = urlsplit(self.path)
        phrase = "nobody" if fault is Fault.FORGED else "simulated registries"
        fields = signing.sign(
            signing.key_of(register.registry, phrase),
            status=200,
            path=url.path,
            query=url.query,
            body=body,
            created=int(time.time()),
        )
        if fault is Fault.ALTERED:
            body = body.replace(b'"issued"', b'"Issued"', 1) + b" "
        self._send(200, body, JSON, fields, cut=fault is Fault.TRUNCATED)

    def _send(
        self,
        status: int,
        body: bytes,
        content_type: str,
        fields: Mapping[str, str] | None = None,
        *,
        cut: bool = False,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        for name, value in (fields or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

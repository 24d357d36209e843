"""What every simulator does alike as a server: threads of the standard library, bounded bodies."""

from __future__ import annotations

import http.server
import json
import signal
import sys
import threading
from collections.abc import Mapping
from types import FrameType
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit


class Server(http.server.ThreadingHTTPServer):
    """A simulator's server. quiet: no line for each request."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[Handler], *, quiet: bool) -> None:
        self.quiet = quiet
        super().__init__(address, handler)


class Handler(http.server.BaseHTTPRequestHandler):
    """Reads a bounded body and sends whole answers with the simulator's headers."""

    server: Server
    protocol_version = "HTTP/1.1"
    sys_version = ""
    timeout = 30
    body_bytes_max: ClassVar[int] = 64 * 1024
    answer_headers: ClassVar[Mapping[str, str]] = {"Cache-Control": "no-store"}

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        if not self.server.quiet:
            super().log_message(format, *args)

    def do_GET(self) -> None:
        self.get()

    def do_POST(self) -> None:
        self.post()

    def get(self) -> None:
        """Answer a GET; a simulator says how."""
        self.send_text(404, "not found\n")

    def post(self) -> None:
        """Answer a POST; a simulator says how."""
        self.send_text(404, "not found\n")

    @property
    def route(self) -> str:
        return urlsplit(self.path).path

    @property
    def query(self) -> dict[str, str]:
        """The first value of each field of the address."""
        return {n: values[0] for n, values in parse_qs(urlsplit(self.path).query).items()}

    def read_body(self) -> bytes | None:
        """The body, or None for one that is too long or says no length."""
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            return None
        return self.rfile.read(length) if 0 <= length <= self.body_bytes_max else None

    def send_text(self, status: int, text: str) -> None:
        self.send_whole(status, text.encode(), "text/plain; charset=utf-8")

    def send_json(self, status: int, value: object) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        self.send_whole(status, body, "application/json; charset=utf-8")

    def send_whole(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in self.answer_headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """End the connection without an answer."""
        self.close_connection = True
        self.connection.close()


def run(server: Server, name: str) -> int:
    """Say the address on one line, serve until SIGTERM or SIGINT, and end."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    host, port = server.server_address[:2]
    sys.stdout.write(f"{name} simulator on http://{host!s}:{port}\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.2)
    server.server_close()
    return 0

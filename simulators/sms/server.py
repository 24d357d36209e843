"""The firm's web interface, and a page that shows what the phones have received."""

from __future__ import annotations

import html
import http.server
import json
from typing import Any
from urllib.parse import urlsplit

from simulators.sms.firm import Fault, Firm

BODY_BYTES_MAX = 16 * 1024
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
STYLE = """
:root{color-scheme:light dark;font:1rem/1.6 "IBM Plex Sans Arabic",system-ui,sans-serif}
body{margin:0 auto;max-inline-size:28rem;padding:1.5rem 1rem}
h1{font-size:1.2rem}
article{border-radius:1rem;padding:.75rem 1rem;margin-block:.75rem;
background:color-mix(in srgb,CanvasText 8%,Canvas);overflow-wrap:anywhere}
p{margin:0}
small{color:color-mix(in srgb,CanvasText 70%,Canvas)}
bdi{unicode-bidi:isolate;white-space:nowrap}
"""


class Server(http.server.ThreadingHTTPServer):
    """Serves one firm."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], firm: Firm, *, quiet: bool) -> None:
        self.firm, self.quiet = firm, quiet
        super().__init__(address, Handler)


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "sms-simulator"
    sys_version = ""
    timeout = 30

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        if not self.server.quiet:
            super().log_message(format, *args)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/healthz":
            self._send(200, b"ok\n", "text/plain; charset=utf-8")
        elif path == "/simulator/messages":
            self._json(self.server.firm.texts())
        elif path == "/":
            self._send(200, phone(self.server.firm).encode(), "text/html; charset=utf-8")
        else:
            self._send(404, b"not found\n", "text/plain; charset=utf-8")

    def do_POST(self) -> None:
        body = self._body()
        if body is None or urlsplit(self.path).path != "/API/send/":
            self.close_connection = True
            self._send(404, b"not found\n", "text/plain; charset=utf-8")
            return
        self._take(body)

    def _take(self, body: bytes) -> None:
        fault = self.server.firm.fault()
        if fault is Fault.BUSY:
            self._json({"result": "ERROR", "code": "ERR028", "description": "Please wait"})
        elif fault is Fault.DOWN:
            self._send(503, b"maintenance\n", "text/plain; charset=utf-8")
        else:
            answer = self.server.firm.send(_read(body))
            if fault is Fault.ANSWER_LOST:
                self.close_connection = True
                self.connection.close()
            elif fault is Fault.GARBAGE:
                self._send(200, b"<html>sent?", "text/html; charset=utf-8")
            else:
                self._json(answer)

    def _body(self) -> bytes | None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            return None
        return self.rfile.read(length) if 0 <= length <= BODY_BYTES_MAX else None

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value, ensure_ascii=False).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def phone(firm: Firm) -> str:
    """Every phone of the demonstration on one page, newest message first."""
    shown = (
        "".join(_bubble(text) for text in firm.texts()) or "<p>لا رسائل بعد · No messages yet</p>"
    )
    return (
        '<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>الهاتف (محاكاة)</title>'
        f"<style>{STYLE}</style></head><body><h1>الهاتف (محاكاة)</h1>"
        f"{shown}</body></html>"
    )


def _bubble(text: dict[str, Any]) -> str:
    when = text["at"][:16].replace("T", " ")
    head = " · ".join(
        f'<bdi dir="ltr">{html.escape(word)}</bdi>'
        for word in (text["sender"], text["mobile"], when)
    )
    message = html.escape(text["message"])
    return f'<article><small>{head}</small><p dir="auto">{message}</p></article>'

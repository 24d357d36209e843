"""The firm's web interface, and a page that shows what the phones have received."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from simulators import serving
from simulators.sms.firm import Fault, Firm

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


class Server(serving.Server):
    """Serves one firm."""

    def __init__(self, address: tuple[str, int], firm: Firm, *, quiet: bool) -> None:
        self.firm = firm
        super().__init__(address, Handler, quiet=quiet)


class Handler(serving.Handler):
    server: Server
    server_version = "sms-simulator"
    body_bytes_max = 16 * 1024
    answer_headers: ClassVar[Mapping[str, str]] = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
    }

    def get(self) -> None:
        path = self.route
        if path == "/healthz":
            self.send_text(200, "ok\n")
        elif path == "/simulator/messages":
            self.send_json(200, self.server.firm.texts())
        elif path == "/":
            self.send_whole(200, phone(self.server.firm).encode(), "text/html; charset=utf-8")
        else:
            self.send_text(404, "not found\n")

    def post(self) -> None:
        body = self.read_body()
        if body is None or self.route != "/API/send/":
            self.close_connection = True
            self.send_text(404, "not found\n")
            return
        self._take(body)

    def _take(self, body: bytes) -> None:
        fault = self.server.firm.fault()
        if fault is Fault.BUSY:
            self.send_json(200, {"result": "ERROR", "code": "ERR028", "description": "Please wait"})
        elif fault is Fault.DOWN:
            self.send_text(503, "maintenance\n")
        else:
            answer = self.server.firm.send(_read(body))
            if fault is Fault.ANSWER_LOST:
                self.hang_up()
            elif fault is Fault.GARBAGE:
                self.send_whole(200, b"<html>sent?", "text/html; charset=utf-8")
            else:
                self.send_json(200, answer)


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

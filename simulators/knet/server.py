"""The firm's web server: page, notification, inquiry pipe; threads of the standard library."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from simulators import serving
from simulators.knet import pages, wire
from simulators.knet.bank import TEST_CARD, Bank, Payment
from simulators.knet.faults import Fault
from simulators.knet.notifier import Notifier

CSS = (Path(__file__).parent / "knet.css").read_bytes()
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)


class Server(serving.Server):
    """Serves one bank. `merchant` is the name shown on the page."""

    def __init__(
        self, address: tuple[str, int], bank: Bank, *, late_ms: int, merchant: str, quiet: bool
    ) -> None:
        self.bank = bank
        self.notifier = Notifier(bank, late_ms)
        self.merchant = merchant
        super().__init__(address, Handler, quiet=quiet)


class Handler(serving.Handler):
    server: Server
    server_version = "knet-simulator"
    answer_headers: ClassVar[Mapping[str, str]] = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }

    def get(self) -> None:
        query = self.query
        if self.route == "/knet.css":
            self.send_whole(200, CSS, "text/css; charset=utf-8")
        elif self.route == "/healthz":
            self.send_text(200, "ok\n")
        elif self.route == "/simulator/payments":
            self.send_json(200, self.server.bank.describe())
        elif self.route == "/kpg/PaymentHTTP.htm":
            self._begin(query)
        elif self.route == "/kpg/paymentpage.htm":
            self._page(query)
        else:
            self._error(404, "404", "Not found")

    def post(self) -> None:
        body = self._body()
        path = self.route
        if body is None:
            self.close_connection = True
            self._error(413, "413", "Too long")
        elif path == "/kpg/tranPipe.htm":
            reply = self.server.bank.pipe(body)
            self.send_whole(200, reply.encode(), "application/xml; charset=utf-8")
        elif path == "/kpg/paymentpage.htm":
            self._pay({name: values[0] for name, values in parse_qs(body).items()})
        elif path == "/kpg/PaymentHTTP.htm":
            query = parse_qs(urlsplit(self.path).query) | parse_qs(body)
            self._begin({name: values[0] for name, values in query.items()})
        else:
            self._error(404, "404", "Not found")

    def _begin(self, query: dict[str, str]) -> None:
        try:
            payment = self.server.bank.begin(
                query.get("tranportalId", ""), query.get("trandata", "")
            )
        except wire.WireError as error:
            self._error(400, error.code, error.text, back=query.get("errorURL", ""))
            return
        self._redirect(f"/kpg/paymentpage.htm?PaymentID={payment.payment_id}")

    def _page(self, query: dict[str, str]) -> None:
        payment = self.server.bank.find(query.get("PaymentID", ""))
        if payment is None:
            self._error(404, "IPAY0100263", "Transaction not found.")
            return
        if payment.result:
            self._error(409, "IPAY0100049", "This payment is finished", back=payment.redirect)
            return
        language = query.get("lang") or pages.language_of(payment.request.get("langid", ""))
        language = language if language in pages.WORDS else "ar"
        page = pages.payment_page(payment, language=language, merchant=self.server.merchant)
        self._html(200, page)

    def _pay(self, form: dict[str, str]) -> None:
        payment = self.server.bank.find(form.get("PaymentID", ""))
        if payment is None:
            self._error(404, "IPAY0100263", "Transaction not found.")
            return
        if not self._decide(payment, form):
            self._error(409, "IPAY0100049", "This payment is finished", back=payment.redirect)
            return
        self._redirect(self.server.notifier.tell(payment))

    def _decide(self, payment: Payment, form: dict[str, str]) -> bool:
        postdate = datetime.now(UTC).strftime("%m%d")
        if form.get("do") == "cancel":
            return self.server.bank.cancel(payment, postdate)
        card, _, wanted = form.get("card", TEST_CARD).partition("|")
        fault = Fault(wanted) if wanted in set(Fault) else Fault.NONE
        expiry = form.get("month", ""), form.get("year", "")
        return self.server.bank.settle(
            payment, card=card, expiry=expiry, fault=fault, postdate=postdate
        )

    def _body(self) -> str | None:
        body = self.read_body()
        return None if body is None else body.decode(errors="replace")

    def _error(self, status: int, code: str, text: str, back: str = "") -> None:
        back = back if back.startswith(("http://", "https://")) else ""
        language = "en" if "en" in self.headers.get("Accept-Language", "")[:2] else "ar"
        self._html(status, pages.error_page(code, text, language=language, back=back))

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address.replace("\r", "").replace("\n", ""))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _html(self, status: int, page: str) -> None:
        self.send_whole(status, page.encode(), "text/html; charset=utf-8")

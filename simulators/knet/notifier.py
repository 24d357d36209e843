"""Tells the merchant, server to server, and insists on the answer `REDIRECT=<address>`."""

from __future__ import annotations

import http.client
import re
import threading
from urllib.parse import quote_plus, urlsplit

from simulators.knet import wire
from simulators.knet.bank import Bank, Payment
from simulators.knet.faults import Fault

TIMEOUT_S = 20
ANSWER_BYTES_MAX = 4096
FOREIGN_KEY = "ZZZZZZZZZZZZZZZZ"
BARE_LINE = re.compile(r"REDIRECT=https?://[^\s<>\"]{1,2000}")


def post_form(url: str, body: str) -> tuple[int, str]:
    """Status and text of the answer; status 0 when nobody answered."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, body.encode(), headers)
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_BYTES_MAX).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, type(error).__name__
    finally:
        connection.close()


class Notifier:
    """Sends what a payment's fault says: once, twice, late, never, or in a stranger's name."""

    def __init__(self, bank: Bank, late_ms: int) -> None:
        self._bank = bank
        self._late_s = late_ms / 1000

    def tell(self, payment: Payment) -> str:
        """Where the browser goes next: the merchant's receipt, or its error page."""
        if payment.fault == Fault.FORGED:
            self._send(payment, result="CAPTURED", key=FOREIGN_KEY)
            return self._error_page(payment)
        if payment.fault == Fault.LOST:
            return self._error_page(payment)
        if payment.fault == Fault.LATE:
            timer = threading.Timer(self._late_s, self._deliver, [payment])
            timer.daemon = True
            timer.start()
            return self._error_page(payment)
        redirect = self._deliver(payment)
        if payment.fault == Fault.DUPLICATE:
            redirect = self._deliver(payment) or redirect
        return redirect or self._error_page(payment)

    def _deliver(self, payment: Payment) -> str:
        key = self._bank.terminals[payment.terminal_id].resource_key
        status, answer = self._send(payment, result=_told(payment), key=key)
        if status == http.client.OK and BARE_LINE.fullmatch(answer.strip()):
            self._bank.accept(payment, answer.strip())
            return answer.strip().removeprefix("REDIRECT=")
        self._bank.void(payment, f"{status} {answer}")
        return ""

    def _send(self, payment: Payment, *, result: str, key: str) -> tuple[int, str]:
        amount = payment.request["amt"]
        if payment.paid_fils and result == "CAPTURED":
            amount = wire.dinars(payment.paid_fils)
        fields = payment.response_fields(result=result, amount=amount)
        trandata = wire.seal(wire.write_response(fields), key)
        return post_form(payment.request["responseURL"], f"trandata={trandata}")

    def _error_page(self, payment: Payment) -> str:
        address = payment.request.get("errorURL") or payment.request["responseURL"]
        mark = "&" if "?" in address else "?"
        return (
            f"{address}{mark}paymentid={quote_plus(payment.payment_id)}"
            f"&trackid={quote_plus(payment.track_id)}"
        )


def _told(payment: Payment) -> str:
    if payment.fault == Fault.HOST_TIMEOUT:
        return "HOST TIMEOUT"
    if payment.fault == Fault.CONTRADICTION:
        return "CAPTURED"
    if payment.fault == Fault.DENIED_BUT_PAID:
        return "NOT CAPTURED"
    return payment.result

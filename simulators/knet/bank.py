"""The books of the simulated firm: payments by id and track id, and what an inquiry says of them.

One lock guards everything; nothing here talks to the network.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from simulators.knet import wire
from simulators.knet.faults import Fault, FaultPlan

PAYMENTS_MAX = 200_000
TEST_CARD = "KNET Test Card [KNET1]"
GOOD_EXPIRY = ("09", "2021")
FIRST_PAYMENT_ID = 100_202_600_000_000
REPLY_FIELDS = ("auth", "ref", "avr", "postdate", "tranid", "trackid", "payid", "amt")


@dataclass(frozen=True)
class Terminal:
    """A merchant's credentials."""

    id: str
    password: str
    resource_key: str


@dataclass
class Payment:
    """One payment. `result` is "" while the page is open; `paid_fils` is what was really taken."""

    payment_id: str
    terminal_id: str
    request: dict[str, str]
    fault: str = Fault.NONE
    result: str = ""
    paid_fils: int = 0
    refunded_fils: int = 0
    postdate: str = ""
    voided: bool = False
    inquiries: int = 0
    redirect: str = ""
    answers: list[str] = field(default_factory=list)

    @property
    def track_id(self) -> str:
        return self.request["trackid"]

    @property
    def number(self) -> int:
        return int(self.payment_id) - FIRST_PAYMENT_ID

    def response_fields(self, *, result: str, amount: str) -> dict[str, str]:
        """The fields of a notification, in the manual's order."""
        captured = result == "CAPTURED"
        return {
            "paymentid": self.payment_id,
            "result": result,
            "auth": f"B{self.number:05d}" if captured else "",
            "avr": "N",
            "ref": f"5201{self.number:08d}",
            "tranid": f"2026{self.number:011d}",
            "postdate": self.postdate,
            "trackid": self.track_id,
            **{f"udf{n}": self.request.get(f"udf{n}", "") for n in range(1, 6)},
            "amt": amount,
            "authRespCode": "00" if captured else "05",
        }


class Bank:
    """All payments of a run. Every public method takes the lock."""

    def __init__(
        self, terminals: list[Terminal], plan: FaultPlan, state_file: Path | None = None
    ) -> None:
        self.terminals = {terminal.id: terminal for terminal in terminals}
        self._plan = plan
        self._lock = threading.RLock()
        self._payments: dict[str, Payment] = {}
        self._by_track: dict[tuple[str, str], Payment] = {}
        self._file = state_file
        if state_file is not None and state_file.exists():
            for row in json.loads(state_file.read_text(encoding="utf-8")):
                self._keep(Payment(**row))

    def begin(self, terminal_id: str, trandata: str) -> Payment:
        """Open a payment page. The same unpaid request opens the same page. Raises WireError."""
        terminal = self.terminals.get(terminal_id)
        if terminal is None:
            raise wire.WireError("IPAY0100003", "Terminal not enabled")
        request = wire.read_request(wire.unseal(trandata, terminal.resource_key))
        if (request["id"], request["password"]) != (terminal.id, terminal.password):
            raise wire.WireError("IPAY0100004", "Invalid terminal credentials")
        with self._lock:
            known = self._by_track.get((terminal_id, request["trackid"]))
            if known is not None:
                if known.result or known.request != request:
                    raise wire.WireError("IPAY0100049", "Track id was used before")
                return known
            if len(self._payments) >= PAYMENTS_MAX:
                raise wire.WireError("IPAY0200001", "The simulator is full")
            number = FIRST_PAYMENT_ID + len(self._payments) + 1
            payment = Payment(str(number), terminal_id, request, self._plan.next())
            self._keep(payment)
            self._save()
            return payment

    def find(self, payment_id: str) -> Payment | None:
        with self._lock:
            return self._payments.get(payment_id)

    def settle(
        self, payment: Payment, *, card: str, expiry: tuple[str, str], fault: Fault, postdate: str
    ) -> bool:
        """Decide the payment once; False when it was decided before."""
        good = card == TEST_CARD and expiry == GOOD_EXPIRY
        with self._lock:
            if payment.result:
                return False
            if fault is not Fault.NONE:
                payment.fault = fault
            payment.postdate = postdate
            if payment.fault == Fault.FORGED:
                good = False
            payment.result = "CAPTURED" if good else "NOT CAPTURED"
            if good:
                excess = 500 if payment.fault == Fault.WRONG_AMOUNT else 0
                payment.paid_fils = wire.fils(payment.request["amt"]) + excess
            if payment.fault == Fault.CONTRADICTION:
                payment.paid_fils = 0
            self._save()
            return True

    def cancel(self, payment: Payment, postdate: str) -> bool:
        with self._lock:
            if payment.result:
                return False
            payment.result, payment.postdate = "CANCELED", postdate
            self._save()
            return True

    def void(self, payment: Payment, answer: str) -> None:
        """The merchant did not answer with the bare line: the money goes back."""
        with self._lock:
            payment.answers.append(answer[:200])
            if payment.paid_fils:
                payment.voided = True
                payment.paid_fils = 0
            self._save()

    def accept(self, payment: Payment, answer: str) -> None:
        with self._lock:
            payment.answers.append(answer[:200])
            payment.redirect = answer.removeprefix("REDIRECT=")
            self._save()

    def pipe(self, text: str) -> str:
        """Answer an inquiry (action 8) or a refund (action 2)."""
        asked = wire.read_fragment(text)
        terminal = self.terminals.get(asked.get("id", ""))
        if terminal is None or asked.get("password") != terminal.password:
            return _error("IPAY0100004", "Invalid terminal credentials")
        with self._lock:
            payment = self._look_up(terminal.id, asked)
            if payment is None or not payment.result:
                return _error("IPAY0100263", "Transaction not found.")
            if asked.get("action") == "8":
                return self._inquire(payment, asked)
            if asked.get("action") == "2":
                return self._refund(payment, asked)
        return _error("IPAY0100013", "Invalid action")

    def describe(self) -> list[dict[str, object]]:
        """Every payment, for tests and demonstrations; passwords left out."""
        with self._lock:
            rows = [asdict(payment) for payment in self._payments.values()]
        for row in rows:
            row["request"] = {k: v for k, v in row["request"].items() if k != "password"}
        return rows

    def _keep(self, payment: Payment) -> None:
        self._payments[payment.payment_id] = payment
        self._by_track[payment.terminal_id, payment.track_id] = payment

    def _look_up(self, terminal_id: str, asked: Mapping[str, str]) -> Payment | None:
        kind, value = asked.get("udf5") or "TransID", asked.get("transid", "")
        if kind == "TrackID":
            return self._by_track.get((terminal_id, value))
        names = {"TransID": "tranid", "PaymentID": "paymentid", "RefID": "ref", "SeqNum": "ref"}
        payment = self._by_track.get((terminal_id, asked.get("trackid", "")))
        if payment is None or kind not in names:
            return None
        held = payment.response_fields(result="", amount="")[names[kind]]
        return payment if held == value else None

    def _inquire(self, payment: Payment, asked: Mapping[str, str]) -> str:
        if asked.get("amt") != payment.request["amt"]:
            return _error("IPAY0100010", "Invalid amount")
        payment.inquiries += 1
        fields = payment.response_fields(
            result="CAPTURED" if payment.paid_fils else payment.result,
            amount=wire.dinars(payment.paid_fils) if payment.paid_fils else payment.request["amt"],
        )
        result = "SUCCESS" if payment.paid_fils else "FAILURE"
        if payment.fault == Fault.HOST_TIMEOUT and payment.inquiries == 1:
            result = "SUSPECTED"
        fields["payid"] = fields["paymentid"]
        return wire.write_fragment({"result": result, **{k: fields[k] for k in REPLY_FIELDS}})

    def _refund(self, payment: Payment, asked: Mapping[str, str]) -> str:
        amount = wire.fils(asked.get("amt") or "0.000")
        left = payment.paid_fils - payment.refunded_fils
        result = "CAPTURED" if 0 < amount <= left else "NOT CAPTURED"
        if result == "CAPTURED":
            payment.refunded_fils += amount
            self._save()
        fields = payment.response_fields(result=result, amount=wire.dinars(amount))
        fields["payid"] = fields["paymentid"]
        return wire.write_fragment({"result": result, **{k: fields[k] for k in REPLY_FIELDS}})

    def _save(self) -> None:
        if self._file is None:
            return
        rows = [asdict(payment) for payment in self._payments.values()]
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(rows), encoding="utf-8")
        fresh.replace(self._file)


def _error(code: str, text: str) -> str:
    return wire.write_fragment({"result": f"!ERROR!-{code}-{text}"})

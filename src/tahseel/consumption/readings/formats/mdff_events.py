"""What NEM12 says of a meter beside its values: reasons of a day or a part of it, and works.

A reason stands on a 300 or a 400 record, a work on a 500 record (B2B details). Neither changes a
value: one that is not well formed is a warning and no event.

Source: AEMO Meter Data File Format Specification NEM12 & NEM13, appendices on transaction and
reason codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tahseel.consumption.readings.formats import mdff, refusals
from tahseel.consumption.readings.values import MeterEvent

EVENTS_MAX = 1_000_000
TEXT_MAX = 240
BAD_REASON, BAD_WORK = "reason_code", "b2b_details"
# Reads and other matters are no events: only what was done to the meter or its supply.
TRANSACTIONS = frozenset("ACDEGNORS")
WORKS = frozenset("CDGR")
_REASON = re.compile(r"[0-9]{1,3}", re.ASCII)


@dataclass(slots=True)
class Events:
    """Gathers the events of a file; where it is only counted, they are looked at and let go."""

    file: str
    keep: bool
    found: list[MeterEvent] = field(default_factory=list)

    def reason(
        self, code: str, text: str, *, point: str, serial: str, span: tuple[int, int], line: int
    ) -> str | None:
        """Take the reason of some time; the warning where it is none. Empty says nothing."""
        if not code or (code.strip("0") == "" and not text):
            return None
        if not _REASON.fullmatch(code):
            return BAD_REASON
        details = {"text": text[:TEXT_MAX]} if text else {}
        told = MeterEvent(serial, point, span[0], f"nem12:{int(code)}", line, span[1], details)
        self._add(told)
        return None

    def work(self, row: list[str], *, point: str, serial: str, line: int) -> str | None:
        """Take a 500 record: transaction, service order, instant, index."""
        _, code, order, when, index = (row + [""] * 5)[:5]
        at = mdff.instant(when)
        if code.upper() not in TRANSACTIONS or (when and at is None):
            return BAD_WORK
        if at is not None and code.upper() in WORKS:
            details = {"order": order[:TEXT_MAX], "index": index[:TEXT_MAX]}
            told = {name: value for name, value in details.items() if value}
            event = MeterEvent(serial, point, at, f"nem12:{code.upper()}", line, None, told)
            self._add(event)
        return None

    def _add(self, event: MeterEvent) -> None:
        if not self.keep:
            return
        if len(self.found) >= EVENTS_MAX:
            raise refusals.TooManyReads(file=self.file, line=event.line, reads_max=EVENTS_MAX)
        self.found.append(event)

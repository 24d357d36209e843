"""What a dial shows, in base units, and whether that is what its own history lets expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from tahseel.consumption.field.values import Dial, Expecting, Seen, Span
from tahseel.consumption.readings.rules import advance
from tahseel.kernel.money import round_half_up
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import rules as meters
from tahseel.registry.meters.values import BASE_PER_UNIT, RegisterKind, RegisterView

DAY_S = 86_400
_ANY = UUID(int=0)


class Judgement(StrEnum):
    """What a value is against the read before it and against what was expected."""

    FINE = "fine"
    OUT_OF_RANGE = "out_of_range"
    WENT_BACK = "went_back"


def base_of(text: str, dial: Dial) -> int:
    """A dial's text in base units (Wh, litres). Raises ValueError when the dial cannot show it."""
    value = meters.dial_value(text, _register(dial))
    return round_half_up(*(value * BASE_PER_UNIT[dial.unit]).as_integer_ratio())


def shown(value: int, dial: Dial) -> str:
    """Base units as the dial shows them, leading zeros included."""
    units = Decimal(value) / BASE_PER_UNIT[dial.unit]
    places = Decimal(1).scaleb(-dial.decimals)
    width = dial.digits + (dial.decimals + 1 if dial.decimals else 0)
    return f"{units.quantize(places):f}".zfill(width)


def modulus(dial: Dial) -> int:
    """The value at which the dial starts again at zero, in base units."""
    whole = Decimal(10) ** dial.digits * BASE_PER_UNIT[dial.unit]
    return round_half_up(*whole.as_integer_ratio())


def expected(
    *, reads: Sequence[Seen], at: datetime, size: int, service: Service, by: Expecting
) -> Span | None:
    """How far a dial should have moved between its last read and an instant; None: unknown.

    reads: oldest first. size: the dial's range. The slowest and the fastest of its own spans, each
    with a margin; a slow meter is not doubted below the floor of its service.
    """
    spans = [
        (moved, seconds)
        for first, last in pairwise(reads)
        if (seconds := _seconds(first.at, last.at)) >= by.span_days_min * DAY_S
        and (moved := advance(first.value, last.value, size)) is not None
    ]
    if len(spans) < by.spans_min:
        return None
    since = max(_seconds(reads[-1].at, at), 0)
    low = min(moved * since * by.low_percent // (seconds * 100) for moved, seconds in spans)
    high = max(-(-moved * since * by.high_percent // (seconds * 100)) for moved, seconds in spans)
    return Span(low, max(high, -(-by.floors[service] * since // DAY_S)))


def judge(value: int, dial: Dial) -> Judgement:
    """Against the read before and what was expected. A dial that went over its last digit moved."""
    if dial.last is None:
        return Judgement.FINE
    moved = advance(dial.last.value, value, modulus(dial))
    if moved is None:
        return Judgement.WENT_BACK
    if dial.expected is None or dial.expected.low <= moved <= dial.expected.high:
        return Judgement.FINE
    return Judgement.OUT_OF_RANGE


def range_shown(dial: Dial) -> tuple[str, str]:
    """From which value to which the dial should stand, as it shows them; ("", "") where unknown."""
    if dial.last is None or dial.expected is None:
        return "", ""
    last, size = dial.last.value, modulus(dial)
    low, high = ((last + moved) % size for moved in dial.expected)
    return shown(low, dial), shown(high, dial)


def signature(dials: Mapping[str, str]) -> str:
    """The values of a form as one text, to know them again when they are confirmed."""
    return " ".join(f"{register}={value}" for register, value in sorted(dials.items()))[:400]


def _seconds(first: datetime, last: datetime) -> int:
    return int((last - first).total_seconds())


def _register(dial: Dial) -> RegisterView:
    return RegisterView(
        _ANY, dial.register, RegisterKind.IMPORT, dial.unit, dial.digits, dial.decimals, 1
    )

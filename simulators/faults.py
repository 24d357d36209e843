"""What simulators do alike about faults: one is drawn for each turn, percents by name, seeded."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

F = TypeVar("F", bound=StrEnum)


class Plan(Generic[F]):
    """Draws a fault for each turn. A simulator names its own faults by a subclass with `kind`,
    one of which is "none". Threads may draw.
    """

    kind: ClassVar[type[StrEnum]]

    def __init__(self, percent: Mapping[F, int], seed: int) -> None:
        if sum(percent.values()) > 100 or min(percent.values(), default=0) < 0:
            raise ValueError("the faults' shares are percents and add up to at most 100")
        self._percent, self._draw = dict(percent), random.Random(seed)
        self._lock = threading.Lock()
        self._ordered: list[F] = []

    @classmethod
    def read(cls, text: str, seed: int) -> Self:
        """From `lost=10,late=5`, or a JSON file {"lost": 10, "late": 5}. Raises ValueError."""
        if text and "=" not in text:
            shares = json.loads(Path(text).read_text(encoding="utf-8"))
        else:
            shares = dict(part.partition("=")[::2] for part in text.split(",") if part)
        return cls({cls.fault(name.strip()): int(share) for name, share in shares.items()}, seed)

    @classmethod
    def fault(cls, name: str) -> F:
        """Raises ValueError for a name that is none of this simulator's."""
        return cls.kind(name)  # type: ignore[return-value]  # a ClassVar holds no type variable

    def order(self, *faults: F) -> None:
        """Have the next turns go wrong in a known way."""
        with self._lock:
            self._ordered.extend(faults)

    def next(self) -> F:
        with self._lock:
            if self._ordered:
                return self._ordered.pop(0)
            roll = self._draw.randrange(100)
            for fault, share in self._percent.items():
                if roll < share:
                    return fault
                roll -= share
            return self.fault("none")

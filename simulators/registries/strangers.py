"""Records of people whom a utility has never heard of, among them the registries' own mistakes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from simulators.registries.records import Record

WEIGHTS = (2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
GIVEN = (("محمد", "Mohammed"), ("مريم", "Mariam"), ("علي", "Ali"), ("نورة", "Noura"))
FAMILY = (("العنزي", "Al-Enezi"), ("المطيري", "Al-Mutairi"), ("الكندري", "Al-Kandari"))
LETTERS = {"death": "DTH", "name": "NAM", "departure": "DEP", "return": "RET", "title": "TTL"}
PERCENT_CORRECTED = 8
PERCENT_WITHDRAWN = 4
PERCENT_WRONG_DIGIT = 3


class Strangers:
    """Draws records from a seed; the same seed and days give the same ones."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(f"strangers/{seed}")
        self._count = 0

    def of_day(self, day: date, records: int) -> Iterator[Record]:
        """About `records` records published on a day; a few of them come again, changed."""
        for _ in range(records):
            first = self._record(day)
            yield first
            roll = self._draw.randrange(100)
            if roll < PERCENT_CORRECTED:
                yield self._again(first, "corrected", day)
            elif roll < PERCENT_CORRECTED + PERCENT_WITHDRAWN:
                yield self._again(first, "withdrawn", day)

    def _record(self, day: date) -> Record:
        kind = self._draw.choice(tuple(LETTERS))
        self._count += 1
        number = f"{LETTERS[kind]}-{90_000_000 + self._count:08d}"
        return Record(number, 1, kind, "issued", day.isoformat(), self._facts(kind, day))

    def _facts(self, kind: str, day: date) -> dict[str, str | bool]:
        before = (day - timedelta(days=self._draw.randint(1, 20))).isoformat()
        person = self.civil_id()
        if kind == "death":
            return {"civil_id": person, "died_on": before, "certificate": f"C{self._count:06d}"}
        if kind == "name":
            own, family = self._draw.choice(GIVEN), self._draw.choice(FAMILY)
            arabic, latin = f"{own[0]} {family[0]}", f"{own[1]} {family[1]}"
            return {"civil_id": person, "name_ar": arabic, "name_en": latin, "from_day": before}
        if kind == "departure":
            return {"civil_id": person, "left_on": before, "final": self._draw.random() < 0.5}
        if kind == "return":
            return {"civil_id": person, "returned_on": before}
        unit = f"{self._draw.randrange(10**8):08d}"
        return {
            "deed": f"{self._count}/{day.year}",
            "paci_number": unit,
            "from_civil_id": person,
            "to_civil_id": self.civil_id(),
            "from_day": before,
        }

    def _again(self, first: Record, state: str, day: date) -> Record:
        facts = dict(first.facts)
        for name in ("died_on", "left_on", "returned_on", "from_day"):
            if name in facts and state == "corrected":
                moved = date.fromisoformat(str(facts[name])) - timedelta(days=1)
                facts[name] = moved.isoformat()
        return Record(first.number, first.version + 1, first.kind, state, day.isoformat(), facts)

    def civil_id(self) -> str:
        """A number whose form is right; now and then its check digit is not."""
        while True:
            born = date(1940, 1, 1) + timedelta(days=self._draw.randrange(20_000))
            prefix = f"2{born:%y%m%d}{self._draw.randrange(10_000):04d}"
            rest = sum(w * int(d) for w, d in zip(WEIGHTS, prefix, strict=True)) % 11
            digit = (11 - rest) % 11
            if digit > 9:
                continue
            wrong = self._draw.randrange(100) < PERCENT_WRONG_DIGIT
            return f"{prefix}{(digit + 1) % 10 if wrong else digit}"

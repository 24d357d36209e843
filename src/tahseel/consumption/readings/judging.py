"""The interval rules as a country has them: by name and service, switched by sector. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from tahseel.consumption.readings import vee
from tahseel.kernel.quantity import Service

MINUTE_S = 60
CODES = {rule.name.lower(): rule for rule in vee.Rule}


@dataclass(frozen=True, slots=True)
class NamedRule:
    """One rule as a country has it. off_for: sectors where it is switched off; figures: its own."""

    code: str
    name_ar: str
    name_en: str
    off_for: frozenset[str]
    figures: Mapping[str, int]
    source: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All interval rules, by code, and the longest gap that a straight line closes (seconds)."""

    rules: Mapping[str, NamedRule]
    linear_s: int

    def limits(self, service: Service, sector: str, interval_s: int) -> vee.Limits:
        """What a meter of this service and sector is judged by, with intervals of one length."""
        spike, stuck, high = (self.rules[code].figures for code in ("spike", "stuck", "high"))
        total = self.rules["sum"].figures
        return vee.Limits(
            rules=sum(1 << CODES[r.code] for r in self.rules.values() if sector not in r.off_for),
            spike_peak_percent=spike["peak_percent"],
            spike_third_percent=spike["third_percent"],
            spike_floor=spike[f"floor_{service}"],
            stuck_slots=_slots(stuck["minutes"], interval_s),
            stuck_percent=stuck["mean_percent"],
            zero_slots=_slots(self.rules["zero"].figures["minutes"], interval_s),
            high_percent=high["usual_percent"],
            low_percent=self.rules["low"].figures["usual_percent"],
            sum_percent=total["percent"],
            sum_floor=total[f"floor_{service}"],
            linear_slots=self.linear_s // interval_s,
        )


def _slots(minutes: int, interval_s: int) -> int:
    """So many whole intervals, two at least: one value alone is no run."""
    return max(2, minutes * MINUTE_S // interval_s)


_installed: list[RuleBook] = []


def load_rules(toml: bytes) -> RuleBook:
    """Read the rules; every one must be there once. Raises KeyError, ValueError."""
    content = tomllib.loads(toml.decode())
    rules = [_named(entry) for entry in content["rule"]]
    if sorted(rule.code for rule in rules) != sorted(CODES):
        raise ValueError("each interval rule is written down once")
    book = RuleBook(
        {rule.code: rule for rule in rules}, content["estimation"]["linear_minutes"] * MINUTE_S
    )
    for service in Service:
        book.limits(service, "", 900)
    return book


def _named(entry: dict[str, object]) -> NamedRule:
    off = entry["off_for"]
    if not isinstance(off, list):
        raise ValueError("off_for is a list of sectors")
    return NamedRule(
        str(entry["code"]),
        str(entry["name_ar"]),
        str(entry["name_en"]),
        frozenset(str(sector) for sector in off),
        {name: value for name, value in entry.items() if isinstance(value, int)},
        str(entry["source"]),
    )


def install_rules(book: RuleBook) -> None:
    """Called once by `app` with the country's rules."""
    _installed[:] = [book]


def rules() -> RuleBook:
    """The installed rules. Raises LookupError before `install_rules`."""
    if not _installed:
        raise LookupError("no interval rules are installed")
    return _installed[0]

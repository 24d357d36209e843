"""The interval rules as a country has them: by name and service, switched by sector. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from tahseel.consumption.readings import vee
from tahseel.consumption.readings.likeness import GapRule
from tahseel.kernel.quantity import Service

MINUTE_S = 60
NEVER = 2**31
CODES = {rule.name.lower(): rule for rule in vee.Rule}
# Rules of `comparing`, `presence`, `tampering` and `nesting`, and one beside the intervals, of the
# dial: none has a bit in a mark.
COMPARING = (
    "sibling", "order", "prolonged", "duplicate", "inactive", "tamper", "clock_drift",
    "sub_meters",
)  # fmt: skip
MULTIPLIER = "multiplier"


@dataclass(frozen=True, slots=True)
class NamedRule:
    """One rule as a country has it. off_for: sectors where it is switched off; figures: its own.

    estimated_for: sectors where what it finds in a month that is over is estimated without asking.
    """

    code: str
    name_ar: str
    name_en: str
    off_for: frozenset[str]
    figures: Mapping[str, int]
    source: str
    estimated_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Estimation:
    """linear_s: longest gap a straight line closes, seconds; share_max_percent: of a whole span."""

    linear_s: int
    share_max_percent: int

    def limits(self, interval_s: int) -> vee.Limits:
        """Estimates what did not come, and judges nothing that did."""
        return vee.Limits(
            rules=0,
            spike_peak_percent=0,
            spike_third_percent=0,
            spike_floor=0,
            stuck_slots=NEVER,
            stuck_percent=0,
            zero_slots=NEVER,
            high_percent=0,
            low_percent=0,
            sum_percent=0,
            sum_floor=0,
            linear_slots=self.linear_s // interval_s,
            stuck_moves=0,
            stuck_steps=0,
            stuck_step_percent=0,
            stuck_level_percent=0,
            high_own_percent=0,
        )


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All interval rules, by code, and how what did not come is estimated."""

    rules: Mapping[str, NamedRule]
    estimation: Estimation
    gaps: GapRule | None = None

    def gap_rule(self) -> GapRule:
        """How a month that nobody read is guessed. Raises LookupError where nobody says."""
        if self.gaps is None:
            raise LookupError("nobody says how a month without reads is guessed")
        return self.gaps

    def limits(self, service: Service, sector: str, interval_s: int) -> vee.Limits:
        """What a meter of this service and sector is judged by, with intervals of one length."""
        spike, stuck, high = (self.rules[code].figures for code in ("spike", "stuck", "high"))
        total = self.rules["sum"].figures
        return vee.Limits(
            rules=sum(
                1 << rule for code, rule in CODES.items() if sector not in self.rules[code].off_for
            ),
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
            linear_slots=self.estimation.linear_s // interval_s,
            stuck_moves=stuck["moves"],
            stuck_steps=stuck["steps"],
            stuck_step_percent=stuck["step_percent"],
            stuck_level_percent=stuck["level_percent"],
            high_own_percent=high["own_percent"],
        )


def _slots(minutes: int, interval_s: int) -> int:
    """So many whole intervals, two at least: one value alone is no run."""
    return max(2, minutes * MINUTE_S // interval_s)


_installed: list[RuleBook] = []


def load_rules(toml: bytes) -> RuleBook:
    """Read the rules; every one must be there once. Raises KeyError, ValueError."""
    content = tomllib.loads(toml.decode())
    rules = [_named(entry) for entry in content["rule"]]
    if sorted(rule.code for rule in rules) != sorted([*CODES, *COMPARING, MULTIPLIER]):
        raise ValueError("each interval rule is written down once")
    estimation = content["estimation"]
    book = RuleBook(
        {rule.code: rule for rule in rules}, _estimation(estimation), _gaps(estimation["gaps"])
    )
    for service in Service:
        book.limits(service, "", 900)
    return book


def _estimation(entry: dict[str, object]) -> Estimation:
    minutes, share = int(str(entry["linear_minutes"])), int(str(entry["share_max_percent"]))
    if minutes < 0 or not 0 <= share <= 100:
        raise ValueError("a gap has a length, and a share lies between 0 and 100 percent")
    return Estimation(minutes * MINUTE_S, share)


def _gaps(entry: dict[str, object]) -> GapRule:
    done = entry["done_for"]
    if not isinstance(done, list):
        raise ValueError("done_for is a list of sectors")
    rule = GapRule(
        trend_months=int(str(entry["trend_months"])),
        trend_percent_min=int(str(entry["trend_percent_min"])),
        trend_percent_max=int(str(entry["trend_percent_max"])),
        own_months_min=int(str(entry["own_months_min"])),
        neighbours_min=int(str(entry["neighbours_min"])),
        done_for=frozenset(str(sector) for sector in done),
        wait_days=int(str(entry["wait_days"])),
        wait_months=int(str(entry["wait_months"])),
    )
    if rule.wait_days < 0 or rule.wait_months < 1:
        raise ValueError("a month waits for some days, and a month at least is looked at")
    least = min(rule.trend_months, rule.own_months_min, rule.neighbours_min)
    if least < 1 or not 0 < rule.trend_percent_min <= rule.trend_percent_max:
        raise ValueError("a guess rests on one month and one neighbour at least, and on a trend")
    return rule


def _named(entry: dict[str, object]) -> NamedRule:
    off, estimated = entry["off_for"], entry.get("estimated_for", [])
    if not isinstance(off, list) or not isinstance(estimated, list):
        raise ValueError("off_for and estimated_for are lists of sectors")
    return NamedRule(
        str(entry["code"]),
        str(entry["name_ar"]),
        str(entry["name_en"]),
        frozenset(str(sector) for sector in off),
        {name: value for name, value in entry.items() if isinstance(value, int)},
        str(entry["source"]),
        frozenset(str(sector) for sector in estimated),
    )


def install_rules(book: RuleBook) -> None:
    """Called once by `app` with the country's rules."""
    _installed[:] = [book]


def rules() -> RuleBook:
    """The installed rules. Raises LookupError before `install_rules`."""
    if not _installed:
        raise LookupError("no interval rules are installed")
    return _installed[0]

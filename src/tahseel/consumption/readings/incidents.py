"""What happened to meters, in our words: kinds as data, and events as they are kept.

A sender says it in his own code (`nem12:61`, `cim:12.141.212`); which kind that is, and what kinds
are about, is data. Pure, but for the list that `app` installs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

ABOUT = ("tamper", "clock_wrong", "clock_right", "clock_told", "supply", "work")
OTHER = "other"
DRIFT_MAX_S = 10 * 366 * 86_400
_SECONDS = re.compile(r"[+-]?[0-9]{1,12}", re.ASCII)
_SPAN = re.compile(
    r"([+-]?)P(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?"
    r"(?:([0-9]{1,10})(?:\.[0-9]{1,9})?S)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class IncidentKind:
    """A kind of event as a country has it. codes: what senders call it; about: one of ABOUT."""

    code: str
    name_ar: str
    name_en: str
    about: str
    codes: frozenset[str]
    source: str


@dataclass(frozen=True, slots=True)
class IncidentBook:
    """All kinds, by code; drift_details: names under which senders tell how far a clock is off."""

    kinds: Mapping[str, IncidentKind]
    by_code: Mapping[str, str]
    drift_details: frozenset[str]

    def kind_of(self, code: str) -> str:
        """The kind that a sender's code means; `other` where nobody said."""
        return self.by_code.get(code, OTHER)

    def about(self, *matters: str) -> list[str]:
        """The kinds that are about any of these matters."""
        return sorted(one.code for one in self.kinds.values() if one.about in matters)

    def drift_of(self, details: Mapping[str, str]) -> int | None:
        """How far the clock is off by what was said: seconds, or an ISO 8601 duration."""
        told = next((v for name, v in details.items() if name.lower() in self.drift_details), "")
        found = _seconds(told.strip())
        return found if found is not None and abs(found) <= DRIFT_MAX_S else None


def _seconds(text: str) -> int | None:
    if _SECONDS.fullmatch(text):
        return int(text)
    span = _SPAN.fullmatch(text)
    if span is None or not any(span.groups()[1:]):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in span.groups()[1:])
    whole = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return -whole if span[1] == "-" else whole


_installed: list[IncidentBook] = []


def load(toml: bytes) -> IncidentBook:
    """Read the kinds. Raises KeyError, ValueError: a code means one kind, whose matter is known."""
    content = tomllib.loads(toml.decode())
    kinds = [_kind(entry) for entry in content["kind"]]
    by_code = {code: one.code for one in kinds for code in one.codes}
    if len(by_code) != sum(len(one.codes) for one in kinds):
        raise ValueError("a sender's code means one kind of event")
    if len({one.code for one in kinds}) != len(kinds) or OTHER in by_code.values():
        raise ValueError("each kind of event is written down once")
    names = frozenset(str(name).lower() for name in content["clock"]["drift_details"])
    return IncidentBook({one.code: one for one in kinds}, by_code, names)


def _kind(entry: Mapping[str, object]) -> IncidentKind:
    about, codes = str(entry["about"]), entry["codes"]
    if about not in ABOUT or not isinstance(codes, Collection) or isinstance(codes, str):
        raise ValueError("a kind of event is about a known matter and has a list of codes")
    return IncidentKind(
        str(entry["code"]),
        str(entry["name_ar"]),
        str(entry["name_en"]),
        about,
        frozenset(str(code) for code in codes),
        str(entry["source"]),
    )


def install(book: IncidentBook) -> None:
    """Called once by `app` with the country's kinds."""
    _installed[:] = [book]


def book() -> IncidentBook:
    """The installed kinds. Raises LookupError before `install`."""
    if not _installed:
        raise LookupError("no kinds of meter events are installed")
    return _installed[0]

"""Certificates that make a factory or farm productive: kinds from data, and the days they cut.

Pure. A certificate changes a price only where it meets the sector that its kind is for.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tahseel.registry.premises.values import (
    CertificateKind,
    CertificateLetter,
    CertificatePolicy,
    CertificateView,
    Sector,
    SectorSpan,
)

_installed: list[CertificatePolicy] = []


def load_policy(toml: bytes) -> CertificatePolicy:
    """Read the country's certificates. Raises KeyError, ValueError naming the entry."""
    data = tomllib.loads(toml.decode())
    kinds = {entry["code"]: _kind(entry) for entry in data["certificate"]}
    warn_days = data["warning"]["days_before"]
    if not isinstance(warn_days, int) or warn_days < 1:
        raise ValueError("warning: days_before is a number of days")
    return CertificatePolicy(kinds, warn_days, _letter(data["warning"]), _letter(data["fallback"]))


def _kind(entry: Mapping[str, Any]) -> CertificateKind:
    names = {name: entry[name] for name in ("name_ar", "name_en", "issuer_ar", "issuer_en")}
    re.compile(entry["number_pattern"])
    return CertificateKind(
        code=entry["code"],
        sector=Sector(entry["sector"]),
        number_pattern=entry["number_pattern"],
        years_max=int(entry["years_max"]),
        **names,
    )


def _letter(entry: Mapping[str, Any]) -> CertificateLetter:
    texts = ("channel", "subject_ar", "subject_en", "body_ar", "body_en")
    return CertificateLetter(**{name: str(entry[name]) for name in texts})


def install_policy(policy: CertificatePolicy) -> None:
    """Called once by `app` with the country's certificates."""
    _installed[:] = [policy]


def policy() -> CertificatePolicy:
    """The installed policy. Raises LookupError before `install_policy`."""
    if not _installed:
        raise LookupError("no kinds of certificates are installed")
    return _installed[0]


def kind_for(sector: Sector) -> CertificateKind | None:
    """The certificate by which units of a sector become productive."""
    return next((kind for kind in policy().kinds.values() if kind.sector == sector), None)


def believable(kind: CertificateKind, number: str, valid_from: date, until: date | None) -> bool:
    """The number has the kind's form, and the days are in order and not too far apart."""
    if not re.fullmatch(kind.number_pattern, number):
        return False
    return until is None or valid_from < until <= _years_on(valid_from, kind.years_max)


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # from 29 February to a year that has none
        return day.replace(year=day.year + years, month=3, day=1)


def certified(
    spans: Sequence[SectorSpan], certificates: Sequence[CertificateView]
) -> list[SectorSpan]:
    """The spans of one unit, cut wherever a certificate of their sector begins or ends."""
    return [piece for span in spans for piece in _pieces(span, certificates)]


def _pieces(span: SectorSpan, certificates: Sequence[CertificateView]) -> Iterator[SectorSpan]:
    kinds = policy().kinds
    fitting = [c for c in certificates if kinds[c.kind].sector == span.sector]
    begin = span.from_day
    for one in sorted(fitting, key=lambda c: c.valid_from):
        start = max(one.valid_from, begin)
        end = _earlier(one.valid_until, span.until_day)
        if (end is not None and end <= start) or _is_over(span, start):
            continue
        if begin < start:
            yield replace(span, from_day=begin, until_day=start)
        yield replace(
            span,
            from_day=start,
            until_day=end,
            certificate=one.number,
            certificate_until=one.valid_until,
        )
        if end is None:
            return
        begin = end
    if not _is_over(span, begin):
        yield replace(span, from_day=begin)


def _is_over(span: SectorSpan, day: date) -> bool:
    return span.until_day is not None and span.until_day <= day


def _earlier(one: date | None, other: date | None) -> date | None:
    days = [day for day in (one, other) if day is not None]
    return min(days, default=None)

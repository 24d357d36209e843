"""Units without a meter of their own, supplied through the point of another: what that means.

Pure. A landlord's meter stands for every home behind it, and a shop behind it makes the whole of
it pay as a shop does, where the country's data say so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from tahseel.registry.premises.values import (
    HOME_KINDS,
    FedUnit,
    MixedRule,
    Sector,
    SectorSpan,
)

_installed: list[MixedRule] = []


def load_rule(toml: bytes) -> MixedRule:
    """Read what a shared meter turns into what. Raises KeyError, ValueError."""
    entry = tomllib.loads(toml.decode())["mixed"]
    turns = frozenset(Sector(code) for code in entry["turns"])
    return MixedRule(Sector(entry["shared_with"]), turns)


def install_rule(rule: MixedRule) -> None:
    """Called once by `app` with the country's rule."""
    _installed[:] = [rule]


def rule() -> MixedRule:
    """The installed rule. Raises LookupError before `install_rule`."""
    if not _installed:
        raise LookupError("no rule for mixed buildings is installed")
    return _installed[0]


def shared(
    spans: Sequence[SectorSpan],
    fed: Sequence[FedUnit],
    sectors_of: Mapping[UUID, Sequence[SectorSpan]],
    mixed: MixedRule,
) -> list[SectorSpan]:
    """The spans of one unit with the units behind its meter counted in, cut where that changes."""
    if not fed:
        return list(spans)
    limits = [(one.from_day, one.until_day) for one in fed]
    limits += [(s.from_day, s.until_day) for one in fed for s in sectors_of.get(one.unit_id, ())]
    days = {day for limit in limits for day in limit if day is not None}
    return [
        _counted(piece, fed, sectors_of, mixed)
        for span in spans
        for piece in _cut(span, sorted(days))
    ]


def _cut(span: SectorSpan, days: Sequence[date]) -> Iterator[SectorSpan]:
    begin = span.from_day
    for day in days:
        if begin < day and (span.until_day is None or day < span.until_day):
            yield replace(span, from_day=begin, until_day=day)
            begin = day
    yield replace(span, from_day=begin)


def _counted(
    piece: SectorSpan,
    fed: Sequence[FedUnit],
    sectors_of: Mapping[UUID, Sequence[SectorSpan]],
    mixed: MixedRule,
) -> SectorSpan:
    day = piece.from_day
    here = [one for one in fed if day in one]
    homes = {one.unit_id for one in here if one.kind in HOME_KINDS}
    theirs = {
        span.sector for one in here for span in sectors_of.get(one.unit_id, ()) if day in span
    }
    turned = mixed.shared_with in theirs and piece.sector in mixed.turns
    return replace(
        piece,
        sector=mixed.shared_with if turned else piece.sector,
        dwellings=piece.dwellings + len(homes),
    )


def allotted(quantity: int, shares: Mapping[UUID, int]) -> dict[UUID, int]:
    """A quantity among units by their shares, to the last unit of it: largest remainders first.

    Raises ValueError without shares or with a share below one.
    """
    if not shares or min(shares.values()) < 1:
        raise ValueError("every share is one or more")
    whole = sum(shares.values())
    parts = {unit: divmod(quantity * share, whole) for unit, share in shares.items()}
    given = {unit: part for unit, (part, _) in parts.items()}
    left = quantity - sum(given.values())
    for unit in sorted(parts, key=lambda u: (-parts[u][1], u))[:left]:
        given[unit] += 1
    return given

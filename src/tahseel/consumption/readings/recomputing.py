"""Determinants made again from the very versions they were made from. Writes nothing.

Reads are found by the version that stood, intervals are those up to the lake's version then; what
came later, corrected or not, changes nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from tahseel.consumption.readings import bands, guessing, measuring, netting, summing
from tahseel.consumption.readings.basis import (
    ByIntervals,
    ByLikeness,
    ByRegister,
    Ends,
    Less,
    Part,
    Read,
)
from tahseel.consumption.readings.judging import Estimation
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.rules import Dial
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel.period import Period

_READS = """
select r.meter_id, r.register, r.at, r.version, r.value, r.quality
from unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::integer[])
  as asked (meter_id, register, at, version)
join readings_register_read r using (meter_id, register, at, version)
"""
Key = tuple[UUID, str, datetime, int]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A determinant as it stands, and what its versions come to now: a quantity, or a reason."""

    stored: Determinant
    again: Determinant | str

    @property
    def holds(self) -> bool:
        """True where quantity, method and share are the stored ones."""
        return isinstance(self.again, Determinant) and self.again == self.stored


def recompute(determinants: Sequence[Determinant]) -> list[Recomputed]:
    """Each of them from its own basis. One without a basis was written before these were kept; it
    answers `basis_unknown`.
    """
    dials = _dials(determinants)
    return [Recomputed(one, _again(one, dials)) for one in determinants]


def _again(one: Determinant, dials: Mapping[Key, Dial]) -> measuring.Found:
    if not one.basis:
        return "basis_unknown"
    own = [part for part in one.basis if not isinstance(part, Less)]
    found = measuring.added_up([_part(one, part, dials) for part in own])
    taken = []
    for less in (part for part in one.basis if isinstance(part, Less)):
        sub = replace(one, meter_id=less.meter_id, profile=None)
        measured = measuring.added_up([_part(sub, part, dials) for part in less.parts])
        if isinstance(measured, str):
            return measured
        taken.append((less, measured))
    if isinstance(found, str):
        return found
    found = netting.less_subs(found, taken)
    told = found.profile if one.profile else None
    return replace(measuring.as_version(found, one.version), profile=told)


def _part(one: Determinant, part: Part, dials: Mapping[Key, Dial]) -> measuring.Found:
    if isinstance(part, ByRegister):
        span = _span(one, part, dials)
        if span is None:
            return "read_unknown"
        found = measuring.by_registers(span, one.month)
        if one.profile is None or isinstance(found, str):
            return found
        profile = one.profile
        made = ByIntervals(
            part.first,
            part.end,
            profile.lake_version,
            profile.linear_s,
            profile.share_max_percent,
        )
        again = _intervals(one, span, made)
        return found if isinstance(again, str) else measuring.with_profile(found, again.profile)
    if isinstance(part, ByLikeness):
        return guessing.again(one, part)
    assert isinstance(part, ByIntervals)
    span = Span(
        one.account_id, one.meter_id, one.service, 1, 1, part.first, part.end, (None, None),
        (None, None), "",
    )  # fmt: skip
    return _intervals(one, span, part)


def _intervals(one: Determinant, span: Span, part: ByIntervals) -> measuring.Found:
    lake = Lake(settings.LAKE, as_of=part.version)
    rule = Estimation(part.linear_s, part.share_max_percent)
    told = bands.by_code(one.profile.band_set) if one.profile else None
    hours = {told.service: told.of_hours(one.month)} if told else {}
    sums = summing.sums(lake, [span], Period(part.first, part.end), rule, hours)
    found = sums.get(summing.key_of(span))
    if found is None:
        return "blocks_unknown"
    return measuring.measured(span, found, one.month, part, told)


def _span(one: Determinant, part: ByRegister, dials: Mapping[Key, Dial]) -> Span | None:
    def dial(read: Read | None) -> Dial | None:
        if read is None or read.value is not None:
            return None if read is None else Dial(read.at, read.value or 0)
        return dials[one.meter_id, part.register, read.at, read.version]

    try:
        opened = dial(part.opened[0]), dial(part.opened[1])
        closed = dial(part.closed[0]), dial(part.closed[1])
    except KeyError:
        return None
    return Span(
        one.account_id,
        one.meter_id,
        one.service,
        part.modulus,
        part.multiplier,
        part.first,
        part.end,
        opened,
        closed,
        part.register,
    )


def _dials(determinants: Iterable[Determinant]) -> dict[Key, Dial]:
    keys = {
        (meter_id, part.register, read.at, read.version)
        for one in determinants
        for meter_id, part in _parts(one)
        if isinstance(part, ByRegister)
        for read in _reads(part.opened, part.closed)
    }
    if not keys:
        return {}
    columns: Sequence[Sequence[Any]] = list(zip(*keys, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_READS, [list(column) for column in columns])
        return {
            (meter, register, at, version): Dial(at, value, quality == "estimated", version)
            for meter, register, at, version, value, quality in cursor.fetchall()
        }


def _parts(one: Determinant) -> Iterator[tuple[UUID, Part]]:
    """Every part with the meter that measured it, sub-meters' too."""
    for part in one.basis:
        if isinstance(part, Less):
            yield from ((part.meter_id, sub) for sub in part.parts)
        else:
            yield one.meter_id, part


def _reads(*ends: Ends) -> list[Read]:
    return [read for pair in ends for read in pair if read is not None and read.value is None]

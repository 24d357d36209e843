"""Channels of several files that are one file: what has the same name is one channel."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from fractions import Fraction

from tahseel.consumption.readings.formats.numbers import packed
from tahseel.consumption.readings.values import Channel


def joined(channels: list[Channel]) -> list[Channel]:
    """One channel per id; the same id in another unit gets the unit's name behind it."""
    found: dict[str, list[Channel]] = {}
    for channel in channels:
        earlier = found.get(channel.id)
        if earlier is None or earlier[0].unit == channel.unit:
            found.setdefault(channel.id, []).append(channel)
        else:
            renamed = replace(channel, id=f"{channel.id}/{channel.unit}")
            found.setdefault(renamed.id, []).append(renamed)
    return [_join(parts) if len(parts) > 1 else parts[0] for parts in found.values()]


def common_scale(one: Fraction, other: Fraction) -> Fraction:
    """The largest step of which both are whole multiples."""
    shared = one.denominator * other.denominator
    step = math.gcd(one.numerator * other.denominator, other.numerator * one.denominator)
    return Fraction(step, shared)


def _join(parts: list[Channel]) -> Channel:
    finest = parts[0].scale
    for part in parts[1:]:
        finest = common_scale(finest, part.scale)
    starts, durations, lines = array("q"), array("q"), array("q")
    flags, counted, mantissas = bytearray(), parts[0].counted, list[int]()
    for number, part in enumerate(parts):
        times = (part.scale / finest).numerator
        mantissas += [m * times for m in part.mantissas]
        starts, durations = starts + part.starts, durations + part.durations
        flags, lines = flags + part.flags, lines + part.lines
        counted = counted.plus(part.counted) if number else counted
    return replace(
        parts[0],
        serial=next((p.serial for p in reversed(parts) if p.serial), ""),
        scale=finest,
        starts=starts,
        durations=durations,
        mantissas=packed(mantissas),
        flags=flags,
        lines=lines,
        counted=counted,
    )

"""A Green Button file says what the lake said: our own reader brings back every value."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from fractions import Fraction
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tahseel.consumption.readings.blocks import Series
from tahseel.consumption.readings.formats import espi, espi_writing
from tahseel.consumption.readings.formats.espi_writing import UsagePoint
from tahseel.consumption.readings.values import Channel, Flag, Kind
from tahseel.kernel.period import start_of
from tahseel.kernel.quantity import Service

AT = datetime(2026, 11, 1, 9, tzinfo=UTC)
START = int(start_of(date(2026, 5, 1)).timestamp())
FEED = UUID(int=7)
# Edited and substituted values are one to a reader: somebody else's number for what was measured.
READ_BACK = {
    Flag.ACTUAL: Flag.ACTUAL,
    Flag.ESTIMATED: Flag.ESTIMATED,
    Flag.SUBSTITUTED: Flag.SUBSTITUTED,
    Flag.EDITED: Flag.SUBSTITUTED,
}


def point(number: int, service: Service = Service.ELECTRICITY) -> UsagePoint:
    return UsagePoint(UUID(int=number + 1), f"SM & <{number}>", service)


def series(
    register: str, kind: Kind, unit: str, rows: list[tuple[int, int, int]], length: int
) -> Series:
    slots = np.array([slot for slot, _, _ in rows], np.int64)
    return Series(
        "m", register, str(kind), unit,
        START + slots * length, np.full(len(rows), length, np.int64),
        np.array([value for _, value, _ in rows], np.int64),
        np.array([flag for _, _, flag in rows], np.int64),
    )  # fmt: skip


def read(pieces: list[bytes]) -> list[Channel]:
    channels, parked = espi.parse(io.BytesIO(b"".join(pieces)), "own.xml")
    assert parked == []
    return channels


rows = st.lists(
    st.tuples(st.integers(0, 400), st.integers(-(2**31) + 1, 2**31 - 1), st.integers(0, 4)),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[0],
).map(sorted)
registers = st.tuples(
    st.sampled_from(["1.8.0", "2.8.0", "E1", "B 1", "ش/١"]),
    st.sampled_from([Kind.IMPORT, Kind.EXPORT]),
    st.sampled_from([60, 900, 1800, 3600, 86_400, 90_000]),
    rows,
)


@settings(max_examples=60, deadline=None)
@given(
    meters=st.lists(
        st.lists(registers, min_size=1, max_size=3, unique_by=lambda one: one[0]),
        min_size=1,
        max_size=3,
    ),
    parts=st.integers(1, 3),
)
def test_our_own_reader_brings_back_every_value(
    meters: list[list[tuple[str, Kind, int, list[tuple[int, int, int]]]]], parts: int
) -> None:
    want, stretches = {}, []
    for number, told in enumerate(meters):
        for register, kind, length, all_rows in told:
            real = [row for row in all_rows if row[2] != Flag.MISSING]
            if real:
                want[number, kind, length, len(want)] = [
                    (START + slot * length, length, value, READ_BACK[Flag(flag)])
                    for slot, value, flag in real
                ]
            for part in np.array_split(np.arange(len(all_rows)), parts):
                some = [all_rows[n] for n in part]
                stretches.append((point(number), [series(register, kind, "Wh", some, length)]))
    if not want:
        return

    found = read(list(espi_writing.feed(FEED, "1", stretches, at=AT)))

    assert {c.usage_point for c in found} == {f"urn:uuid:{UUID(int=k[0] + 1)}" for k in want}
    assert all((c.unit, c.service, c.scale) == ("Wh", "electricity", Fraction(1)) for c in found)
    assert [
        (c.kind, list(zip(c.starts, c.durations, c.mantissas, c.flags, strict=True))) for c in found
    ] == [(key[1], list(told)) for key, told in want.items()]


@pytest.mark.parametrize(
    ("service", "kind", "unit", "told"),
    [
        (Service.WATER, Kind.IMPORT, "L", ("water", "L", Kind.IMPORT)),
        (Service.ELECTRICITY, Kind.REACTIVE, "VArh", ("electricity", "VArh", Kind.REACTIVE)),
        (Service.ELECTRICITY, Kind.EXPORT, "Wh", ("electricity", "Wh", Kind.EXPORT)),
    ],
)
def test_service_unit_and_direction_come_back(
    service: Service, kind: Kind, unit: str, told: tuple[str, str, Kind]
) -> None:
    one = series("R1", kind, unit, [(0, 5, 0), (1, 6, 1)], 3600)

    (found,) = read(list(espi_writing.feed(FEED, "1", [(point(0, service), [one])], at=AT)))

    assert (found.service, found.unit, found.kind) == told
    assert (found.register, found.interval_s, found.total()) == ("R1", 3600, 11)


def test_what_is_no_quantity_and_what_did_not_come_is_not_written() -> None:
    volts = series("U1", Kind.OTHER, "V", [(0, 230, 0)], 3600)
    gone = series("R1", Kind.IMPORT, "Wh", [(0, 0, int(Flag.MISSING))], 3600)
    kept = series("R2", Kind.IMPORT, "Wh", [(0, 0, 0), (1, 9, 3), (2, 8, 0)], 3600)

    (found,) = read(list(espi_writing.feed(FEED, "1", [(point(0), [volts, gone, kept])], at=AT)))

    assert (found.register, list(found.mantissas)) == ("R2", [0, 8])


def test_the_feed_is_sound_and_names_the_country_s_time() -> None:
    one = series("R1", Kind.IMPORT, "Wh", [(slot, slot, 0) for slot in range(48)], 3600)

    tree = etree.fromstring(b"".join(espi_writing.feed(FEED, "1 < 2", [(point(0), [one])], at=AT)))

    spaces = {"a": "http://www.w3.org/2005/Atom", "e": "http://naesb.org/espi"}
    own = tree.xpath("//a:link[@rel='self']/@href", namespaces=spaces)
    assert len(own) == len(set(own)) == 1 + 1 + 2 + 2
    assert len(set(tree.xpath("//a:id/text()", namespaces=spaces))) == 1 + len(own)
    assert tree.xpath("//e:tzOffset/text()", namespaces=spaces) == ["10800"]
    assert tree.xpath("a:title/text()", namespaces=spaces) == ["1 < 2"]
    assert tree.xpath("//e:IntervalBlock/e:interval/e:duration/text()", namespaces=spaces) == [
        "86400",
        "86400",
    ]

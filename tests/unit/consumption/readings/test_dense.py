"""Blocks as dense arrays: whatever came in whatever order, the slow way says the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahseel.consumption.readings import blocks, grid, judging, summing
from tahseel.consumption.readings.blocks import DAY_S, Mark, Series
from tahseel.consumption.readings.judging import Estimation, RuleBook
from tahseel.consumption.readings.lake import Days
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.sweep.dense import Dense, laid_out
from tahseel.consumption.readings.values import Flag
from tahseel.kernel.period import Period, start_of
from tahseel.kernel.quantity import Service

AT = datetime(2026, 11, 1, tzinfo=UTC)
FIRST = date(2026, 3, 1)
DAYS = Days.of(Period(FIRST, FIRST + timedelta(days=4)))
START = int(start_of(FIRST).timestamp())
METERS = [UUID(int=n << 64) for n in (1, 2, 3)]
NONE = (None, None)


@pytest.fixture(autouse=True)
def _rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_installed", [RuleBook({}, Estimation(7_200, 60))])


def sent(meter: int, slots: dict[int, tuple[int, int]], length: int, shift: int) -> Series:
    """Intervals of one sending, by slot since the first day: value and flag."""
    order = sorted(slots)
    return Series(
        str(METERS[meter]), "1.8.0", "import", "Wh",
        np.array([START + shift + slot * length for slot in order], np.int64),
        np.full(len(order), length, np.int64),
        np.array([slots[slot][0] for slot in order], np.int64),
        np.array([slots[slot][1] for slot in order], np.int64),
    )  # fmt: skip


lengths = st.sampled_from([3_600, 7_200, 14_400, 14_400, 14_400, 43_200, DAY_S])
flags = st.sampled_from([int(Flag.ACTUAL)] * 4 + [int(f) for f in Flag])


@st.composite
def sendings(draw: st.DrawFn) -> list[Series]:
    """Some sendings of some meters: mostly of whole days, some not, later ones correcting."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        length, shift = draw(lengths), draw(st.sampled_from([0, 0, 0, 0, 1_800]))
        per_day = DAY_S // length
        first, days = draw(st.integers(-1, 3)), draw(st.integers(1, 5))
        every = range(first * per_day, (first + days) * per_day)
        came = draw(st.sets(st.sampled_from(every), max_size=3))
        slots = {
            slot: (draw(st.integers(0, 500)), draw(flags)) for slot in every if slot not in came
        }
        if slots:
            found.append(sent(draw(st.integers(0, 2)), slots, length, shift))
    return found


def table_of(sent_: list[Series]) -> pa.Table:
    tables = [blocks.table_of([one], Mark(n + 1, AT, "a")) for n, one in enumerate(sent_)]
    return pa.concat_tables([*tables, blocks.SCHEMA.empty_table()])


def row_of(dense: tuple[Dense, ...], meter: str) -> tuple[Dense, int]:
    (found,) = [(one, one.meter_ids.index(meter)) for one in dense if meter in one.meter_ids]
    return found


@settings(max_examples=150, deadline=None)
@given(made=sendings())
def test_a_dense_row_is_what_the_series_of_its_meter_says(made: list[Series]) -> None:
    table = table_of(made)

    laid = laid_out(table, DAYS)

    for series in blocks.series_of(table):
        slow = grid.laid_out(series, START, START + DAYS.count * DAY_S)
        if series.meter_id in laid.odd or slow is None:
            continue
        dense, row = row_of(laid.dense, series.meter_id)
        assert dense.interval_s == slow.length
        assert dense.values[row].tolist() == slow.values.tolist()
        assert slow.guessed == (0 if dense.guessed is None else int(dense.guessed[row].sum()))


@settings(max_examples=150, deadline=None)
@given(made=sendings(), first=st.integers(0, 2), days=st.integers(1, 3))
def test_sums_of_many_are_the_sums_of_each(made: list[Series], first: int, days: int) -> None:
    table = table_of(made)
    since, until = FIRST + timedelta(days=first), FIRST + timedelta(days=min(first + days, 4))
    here = {series.meter_id: [series] for series in blocks.series_of(table)}
    spans = [span(meter, since, until) for meter in METERS if str(meter) in here]

    rule = judging.rules().estimation
    hours = np.repeat(np.array([0, 1, 0, 2], np.int8), 6)
    found = dict(summing._summed(table, Days.of(Period(since, until)), spans, rule, hours))

    for one in spans:
        slow = summing._one_by_one(one, here[str(one.meter_id)], rule, hours)
        assert found[summing.key_of(one)] == summing._never_negative(slow)


def span(meter: UUID, since: date, until: date) -> Span:
    return Span(
        METERS[0], meter, Service.ELECTRICITY, 10**9, 1, since, until, NONE, NONE
    )  # fmt: skip


def test_a_day_sent_again_stands_in_its_newest_real_values() -> None:
    first = dict.fromkeys(range(24), (100, 0))
    second = {0: (7, 0), 1: (0, int(Flag.MISSING))}

    laid = laid_out(table_of([sent(0, first, 3_600, 0), sent(0, second, 3_600, 0)]), DAYS)

    dense, row = row_of(laid.dense, str(METERS[0]))
    assert dense.values[row, :3].tolist() == [7, 100, 100]
    assert dense.ver[row] == 2


def test_a_meter_that_changed_its_interval_is_left_to_the_slow_way() -> None:
    hours = sent(0, dict.fromkeys(range(24), (5, 0)), 3_600, 0)
    quarters = sent(0, dict.fromkeys(range(96, 192), (1, 0)), 900, 0)
    other = sent(1, dict.fromkeys(range(24), (5, 0)), 3_600, 0)

    laid = laid_out(table_of([hours, quarters, other]), DAYS)

    assert laid.odd == {str(METERS[0])}
    assert [one.meter_ids for one in laid.dense] == [[str(METERS[1])]]

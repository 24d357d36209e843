"""What a determinant was made from survives its column."""

from __future__ import annotations

from datetime import UTC, date, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.readings.basis import (
    Basis,
    ByIntervals,
    ByRegister,
    Read,
    as_lists,
    from_lists,
)

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
numbers = st.integers(0, 2**50)
instants = st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
reads = st.one_of(
    st.none(),
    st.builds(Read, instants, st.integers(1, 9), st.none()),
    st.builds(Read, instants, st.just(0), numbers),
)
ends = st.one_of(st.tuples(reads, reads), reads.map(lambda one: (one, one)))
parts = st.one_of(
    st.builds(ByRegister, days, days, st.text(max_size=8), numbers, numbers, ends, ends),
    st.builds(ByIntervals, days, days, numbers, numbers, st.integers(0, 100)),
)


@given(st.lists(parts, max_size=4).map(tuple))
def test_a_basis_comes_back_from_json_as_it_was(
    basis: Basis,
) -> None:
    told = orjson.loads(orjson.dumps(as_lists(basis)))

    assert from_lists(told) == basis

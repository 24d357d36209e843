"""A meter that stands for other units too, against a day-by-day reference."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.countries.kuwait import country
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import sharing
from tahseel.registry.premises.values import FedUnit, Sector, SectorSpan, UnitKind

LANDLORD, POINT = UUID(int=1), UUID(int=2)
START = date(2025, 1, 1)
LONG = 30
RULE = sharing.load_rule(country.content("sectors"))


def day(number: int) -> date:
    return START + timedelta(days=number)


@st.composite
def feeds(draw: st.DrawFn) -> list[FedUnit]:
    found = []
    for n in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, LONG))
        end = draw(st.none() | st.integers(begin + 1, LONG + 1))
        kind = draw(st.sampled_from([UnitKind.FLAT, UnitKind.SHOP]))
        until = None if end is None else day(end)
        found.append(
            FedUnit(
                UUID(int=10 + n), kind, LANDLORD, POINT, Service.ELECTRICITY, 1, day(begin), until
            )
        )
    return found


@given(feeds(), st.integers(1, LONG), st.sampled_from(list(Sector)), st.integers(1, 9))
def test_every_day_counts_the_homes_behind_the_meter_and_follows_a_shop_among_them(
    fed, change, sector, dwellings
):
    spans = [
        SectorSpan(LANDLORD, sector, dwellings, None, None, day(0), day(change)),
        SectorSpan(LANDLORD, Sector.PRIVATE, 1, None, None, day(change), None),
    ]
    theirs = {
        one.unit_id: [
            SectorSpan(
                one.unit_id,
                Sector.COMMERCIAL if one.kind == UnitKind.SHOP else Sector.PRIVATE,
                1, None, None, day(0), None,
            )
        ]
        for one in fed
    }  # fmt: skip

    pieces = sharing.shared(spans, fed, theirs, RULE)

    for number in range(LONG + 3):
        on = day(number)
        (base,) = [span for span in spans if on in span]
        (piece,) = [span for span in pieces if on in span]
        here = [one for one in fed if on in one]
        shop = any(one.kind == UnitKind.SHOP for one in here)
        turned = shop and base.sector in (Sector.PRIVATE, Sector.INVESTMENT)
        assert piece.sector == (Sector.COMMERCIAL if turned else base.sector)
        homes = sum(one.kind == UnitKind.FLAT for one in here)
        assert piece.dwellings == base.dwellings + homes


@given(
    st.integers(0, 10**12),
    st.dictionaries(st.uuids(), st.integers(1, 1000), min_size=1, max_size=12),
)
def test_what_is_allotted_is_never_more_or_less_and_nobody_is_off_by_a_whole_unit(quantity, shares):
    parts = sharing.allotted(quantity, shares)

    assert sum(parts.values()) == quantity
    whole = sum(shares.values())
    assert all(
        quantity * share // whole <= parts[unit] <= quantity * share // whole + 1
        for unit, share in shares.items()
    )


@pytest.mark.parametrize("shares", [{}, {UUID(int=1): 0}])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(ValueError, match="share"):
        sharing.allotted(5, shares)

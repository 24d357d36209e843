"""Where invented people live: shares to the last one, every sector, the seed decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tahseel.app.demo import places
from tahseel.app.demo.places import Places, spread
from tahseel.app.demo.values import Plan
from tahseel.kernel.quantity import Service
from tahseel.registry.premises.values import Sector

SHARES = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.integers(1, 10_000), min_size=1, max_size=9
)


@given(shares=SHARES, more=st.integers(0, 5_000))
def test_a_spread_is_exact_proportional_and_leaves_nobody_out(
    shares: dict[str, int], more: int
) -> None:
    total = len(shares) + more

    given_out = spread(total, shares)

    exact = {name: Fraction(total * share, sum(shares.values())) for name, share in shares.items()}
    lifted = [name for name in shares if exact[name] < 1]
    assert sum(given_out.values()) == total
    assert given_out.keys() == shares.keys()
    assert min(given_out.values()) >= 1
    for name, count in given_out.items():
        assert count - exact[name] < 1 or (name in lifted and count == 1)
        assert exact[name] - count < 1 + len(lifted)
    if not lifted:
        assert all(abs(count - exact[name]) < 1 for name, count in given_out.items())


def test_a_larger_share_never_gets_less() -> None:
    given_out = spread(101, {"small": 1, "middle": 2, "large": 97, "equal": 2})

    assert given_out == {"small": 1, "middle": 2, "large": 96, "equal": 2}


def test_a_share_of_nothing_gets_nothing() -> None:
    assert spread(10, {"some": 3, "none": 0}) == {"some": 10, "none": 0}


def test_a_country_has_exactly_the_wanted_accounts_and_all_sectors_and_governorates(
    plan: Plan, settle: Callable[[Plan], Places]
) -> None:
    built = settle(plan)

    assert len(built.homes) == plan.accounts
    assert {home.unit.sector for home in built.homes} == set(Sector)
    assert len({home.governorate for home in built.homes}) == 6


def test_even_the_smallest_country_has_every_sector(
    plan: Plan, settle: Callable[[Plan], Places]
) -> None:
    built = settle(replace(plan, accounts=50))

    assert len(built.homes) == 50
    assert {home.unit.sector for home in built.homes} == set(Sector)


def test_every_home_is_metered_and_every_meter_hangs_at_one_point(
    plan: Plan, settle: Callable[[Plan], Places]
) -> None:
    built = settle(plan)

    points = Counter(one.service_point_id for one in built.installations)
    serials = [meter.serial for meter in built.meters]
    assert all(any(m.service == Service.ELECTRICITY for m in h.meters) for h in built.homes)
    assert set(points.values()) == {1}
    assert len(set(serials)) == len(serials)
    assert {m.id for m in built.meters} == {m.meter_id for h in built.homes for m in h.meters}


def test_no_premises_stands_empty(plan: Plan, settle: Callable[[Plan], Places]) -> None:
    built = settle(plan)

    assert {p.id for p in built.premises} == {home.premises_id for home in built.homes}


def test_the_seed_decides_where_they_live(plan: Plan, settle: Callable[[Plan], Places]) -> None:
    assert settle(plan) == settle(plan)
    assert settle(plan) != settle(replace(plan, seed=plan.seed + 1))


def test_private_houses_are_by_far_the_most_premises(
    plan: Plan, settle: Callable[[Plan], Places]
) -> None:
    built = settle(replace(plan, accounts=3_000))

    landlords = Counter(home.unit.sector for home in built.homes if home.landlord)
    assert landlords.most_common(1)[0][0] == Sector.PRIVATE
    assert Fraction(7, 10) < Fraction(landlords[Sector.PRIVATE], landlords.total())
    assert places.DIAL_MODULUS[Service.WATER] < places.DIAL_MODULUS[Service.ELECTRICITY]

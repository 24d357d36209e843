"""Service points behind another one's meter: one on any day, of one service, in no circle."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations, queries
from tahseel.registry.meters.values import NewBehind

DAY, LATER = date(2025, 6, 1), date(2025, 9, 1)
EVER = Period(date(2000, 1, 1), date(2100, 1, 1))


@pytest.fixture
def points(town: Any) -> list[UUID]:
    """Four electricity points, and a water one at the end."""
    units = town.units(4)
    found = {s.service: s.id for s in units[0].services}
    power = [s.id for unit in units for s in unit.services if s.service is Service.ELECTRICITY]
    return [*power, found[Service.WATER]]


def put(town: Any, sub: UUID, main: UUID, since: date = DAY, until: date | None = None) -> UUID:
    id_ = town.make_id(town.at)
    behind = NewBehind(id_, sub, main, since, until)
    operations.put_behind(actor=town.engineer, at=town.at, behind=behind)
    return id_


def test_a_point_stands_behind_another_until_it_is_taken_away(
    town: Any, points: list[UUID]
) -> None:
    put(town, points[0], points[1])

    ended = operations.end_behind(actor=town.engineer, at=town.at, point_id=points[0], on_day=LATER)

    assert (ended.main_point_id, ended.from_day, ended.until_day) == (points[1], DAY, LATER)
    assert queries.subs_of(point_ids=[points[1]], period=EVER) == [ended]
    assert queries.behind_in(period=Period(LATER, date(2026, 1, 1))) == []
    with pytest.raises(operations.BehindUnknown):
        operations.end_behind(actor=town.engineer, at=town.at, point_id=points[0], on_day=LATER)


def test_a_point_has_one_main_meter_on_any_day(town: Any, points: list[UUID]) -> None:
    put(town, points[0], points[1], DAY, LATER)

    with pytest.raises(operations.BehindRefused):
        put(town, points[0], points[2], date(2025, 8, 31))
    put(town, points[0], points[2], LATER)

    mains = queries.mains_of(point_ids=[points[0]], period=EVER)
    assert [one.main_point_id for one in mains] == [points[1], points[2]]


def test_meters_never_stand_in_a_circle_on_any_day(town: Any, points: list[UUID]) -> None:
    a, b, c, *_ = points
    put(town, a, b, DAY, LATER)
    put(town, b, c)

    for sub, main in ((c, a), (b, b)):
        with pytest.raises(operations.BehindRefused):
            put(town, sub, main)
    put(town, c, a, LATER)

    assert len(queries.behind_in(period=EVER)) == 3


def test_another_service_an_unknown_point_and_no_day_are_refused(
    town: Any, points: list[UUID]
) -> None:
    with pytest.raises(operations.BehindRefused):
        put(town, points[4], points[0])
    with pytest.raises(operations.BehindUnknown):
        put(town, points[0], town.make_id(town.at))
    with pytest.raises(operations.BehindRefused):
        put(town, points[0], points[1], DAY, DAY)

    assert queries.behind_in(period=EVER) == []


def test_the_same_again_changes_nothing_and_another_input_is_refused(
    town: Any, points: list[UUID]
) -> None:
    id_ = put(town, points[0], points[1])
    same = NewBehind(id_, points[0], points[1], DAY)

    operations.put_behind(actor=town.engineer, at=town.at, behind=same)

    assert len(queries.behind_in(period=EVER)) == 1
    with pytest.raises(InputDiffers):
        operations.put_behind(
            actor=town.engineer, at=town.at, behind=NewBehind(id_, points[0], points[2], DAY)
        )


def test_a_clerk_puts_no_meter_behind_another(town: Any, points: list[UUID]) -> None:
    with pytest.raises(NotAllowed):
        operations.put_behind(
            actor=town.clerk, at=town.at,
            behind=NewBehind(town.make_id(town.at), points[0], points[1], DAY),
        )  # fmt: skip

    assert queries.behind_in(period=EVER) == []

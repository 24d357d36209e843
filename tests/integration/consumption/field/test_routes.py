"""Routes are laid along the addresses, and planned when their turn comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.consumption.field.walks import (
    AT,
    CLERK,
    DAY,
    HEAD,
    JOB,
    outcomes,
)

from tahseel.consumption.field import jobs, operations, queries, rules, surveying
from tahseel.consumption.field.operations.routing import (
    RouteDayPassed,
    RouteFull,
    RouteUnknown,
    StopsElsewhere,
)
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import BillingMonth


def test_a_meter_stands_on_one_route_and_keeps_its_place_when_the_street_grows(
    street: Any,
) -> None:
    homes = [street.home() for _ in range(3)]
    first = operations.lay_routes(actor=JOB, at=AT, day=DAY)
    again = operations.lay_routes(actor=JOB, at=AT, day=DAY)
    street.home()

    grown = operations.lay_routes(actor=JOB, at=AT, day=DAY)

    assert (first.routes, first.stops, again.stops, grown.stops) == (1, 2 * len(homes), 0, 2)
    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct service_point_id) from field_stop")
        assert cursor.fetchone() == (8, 8)


def test_the_morning_plans_what_is_due_once_in_a_month(street: Any) -> None:
    street.home()
    days = (date(2026, 5, 31), date(2026, 6, 1), DAY, date(2026, 6, 30), date(2026, 7, 20))

    done = [jobs.MORNING.run(AT, day) for day in days]

    assert [figures["rounds"] for figures in done] == [1, 1, 0, 0, 1]
    assert [figures["stops"] for figures in done] == [2, 0, 0, 0, 0]


@pytest.mark.usefixtures("short_routes")
def test_routes_of_an_area_are_planned_each_on_its_day(street: Any) -> None:
    two_routes(street)
    first, second = (
        rules.due_day(month=BillingMonth(2026, 7), working_day=n, calendar=working_calendar())
        for n in (1, 2)
    )

    done = [jobs.MORNING.run(AT, day)["rounds"] for day in (first, first, second)]

    assert done == [1, 0, 1]
    assert [(r.number, r.day) for r in queries.rounds(since=first, until=date(2026, 8, 1))] == [
        (2, second), (1, first),
    ]  # fmt: skip


@pytest.fixture
def short_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five meters a route."""
    small = replace(rules.policy(), stops_max=5)
    monkeypatch.setattr(rules.cycles, "_installed", [small])


def two_routes(street: Any) -> tuple[UUID, UUID]:
    """Six meters on a route of five and a route of one."""
    for _ in range(3):
        street.home()
    operations.lay_routes(actor=JOB, at=AT, day=DAY)
    first, second = queries.routes(day=DAY)
    assert (first.stops, second.stops) == (5, 1)
    return first.id, second.id


def points_of(route: UUID, day: date) -> list[UUID]:
    return surveying.routes(area="salmiya", day=day)[route]


@pytest.mark.usefixtures("short_routes")
def test_meters_that_move_are_read_elsewhere_from_that_day_and_not_before(street: Any) -> None:
    first, second = two_routes(street)
    later, still_later = DAY + timedelta(days=3), DAY + timedelta(days=5)
    moved = points_of(first, DAY)[:2]

    operations.move_stops(actor=HEAD, at=AT, route_id=second, point_ids=moved, from_day=later)
    operations.move_stops(
        actor=HEAD, at=AT, route_id=first, point_ids=moved[:1], from_day=still_later
    )

    counted = [[r.stops for r in queries.routes(day=d)] for d in (DAY, later, still_later)]
    assert counted == [[5, 1], [3, 3], [4, 2]]
    assert points_of(second, later)[1:] == moved
    assert points_of(first, still_later)[-1] == moved[0]


@pytest.mark.usefixtures("short_routes")
def test_a_move_that_cannot_be_is_refused_and_everybody_stays(street: Any) -> None:
    first, second = two_routes(street)
    [alone], one = points_of(second, DAY), points_of(first, DAY)[:1]
    wrong: list[tuple[Actor, UUID, list[UUID], date, type[Exception]]] = [
        (HEAD, first, [alone], DAY, RouteFull),
        (HEAD, second, [new_id(AT)], DAY, StopsElsewhere),
        (HEAD, second, [alone], DAY, StopsElsewhere),
        (HEAD, second, one, DAY - timedelta(days=1), RouteDayPassed),
        (HEAD, new_id(AT), one, DAY, RouteUnknown),
        (CLERK, second, one, DAY, NotAllowed),
    ]

    for who, route, points, day, refusal in wrong:
        with pytest.raises(refusal):
            operations.move_stops(actor=who, at=AT, route_id=route, point_ids=points, from_day=day)

    assert [r.stops for r in queries.routes(day=DAY)] == [5, 1]
    assert outcomes("field.move_stops") == ["refused"] * 5 + ["denied"]


def given(*stops: tuple[UUID, str, int]) -> bulk.Lines:
    """What a take-on says: point, route, place; later lines come behind on equal places."""
    rows = ", ".join(
        f"('{point}'::uuid, '{name}', {place}, {line})"
        for line, (point, name, place) in enumerate(stops)
    )
    return bulk.Lines(f"select * from (values {rows}) as t(service_point_id, name, position, line)")


def order_of(name: str) -> list[UUID]:
    [route] = [one for one in queries.routes(day=DAY) if one.name == name]
    return [stop.service_point_id for stop in queries.route_stops(route_id=route.id, day=DAY)]


def test_routes_of_an_old_system_keep_their_names_and_order_and_go_on(street: Any) -> None:
    street.home()
    operations.lay_routes(actor=JOB, at=AT, day=DAY)
    for _ in range(3):
        street.home()
    stands = {one.point_id for one in surveying.points(area="salmiya", day=DAY) if one.route_id}
    new = [one.point_id for one in surveying.points(area="salmiya", day=DAY)]
    a, b, c, d, e, left = [point for point in new if point not in stands]

    first = operations.adopt_routes(
        actor=JOB, at=AT, batch="old", stops=given((b, "R1", 7), (a, "R1", 2), (c, "R2", 1))
    )
    again = operations.adopt_routes(
        actor=JOB, at=AT, batch="old",
        stops=given((d, "R1", 1), (e, "R1", 1), (a, "R2", 9), (stands.pop(), "R1", 1)),
    )  # fmt: skip

    assert (first.areas, first.routes, first.stops) == (1, 2, 3)
    assert (again.routes, again.stops) == (0, 2), "who stands on a route stays there"
    assert (order_of("R1"), order_of("R2")) == ([a, b, d, e], [c])
    assert sorted(route.number for route in queries.routes(day=DAY)) == [1, 2, 3]
    assert operations.lay_routes(actor=JOB, at=AT, day=DAY).stops == 1
    assert left in {
        p for order in surveying.routes(area="salmiya", day=DAY).values() for p in order
    }


def test_nobody_lays_the_routes_of_an_old_system_by_hand(street: Any) -> None:
    street.home()
    points = [one.point_id for one in surveying.points(area="salmiya", day=DAY)]

    with pytest.raises(NotAllowed):
        operations.adopt_routes(actor=HEAD, at=AT, batch="old", stops=given((points[0], "R", 1)))

    assert queries.routes(day=DAY) == []
    assert outcomes("field.adopt_routes") == ["denied"]

"""Which route a meter belongs to: new ones join that of their neighbour while it has room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from tahseel.consumption.field.values import Placed

Routes = dict[UUID, list[UUID]]


def lay(
    *,
    routes: Routes,
    points: Sequence[Placed],
    stops_max: int,
    new_id: Callable[[], UUID],
) -> Routes:
    """The routes of an area after every point has its place; changed and new ones only.

    routes: points of each route in the order in which they are read. points: every point of the
    area with a meter, in the order of the addresses. Who is on a route keeps it, in its order; a
    new point comes after the neighbour before it, or into a route of its own kind where there is
    no room.
    """
    whole = {route: list(order) for route, order in routes.items()}
    changed: set[UUID] = set()
    before: tuple[UUID, UUID] | None = None  # the point before in the addresses, and its route
    opened: UUID | None = None
    for point in points:
        route = point.route_id
        if route is None:
            route = _room(before[1] if before else None, opened, whole, stops_max)
            if route is None:
                route = opened = new_id()
                whole[route] = []
            _insert(whole[route], point.point_id, before)
            changed.add(route)
        before = (point.point_id, route)
    return {route: order for route, order in whole.items() if route in changed}


def _room(
    neighbour: UUID | None, opened: UUID | None, whole: Routes, stops_max: int
) -> UUID | None:
    """The neighbour's route, else the one that was opened last, else none."""
    for route in (neighbour, opened):
        if route is not None and len(whole.get(route, ())) < stops_max and route in whole:
            return route
    return None


def _insert(order: list[UUID], point: UUID, before: tuple[UUID, UUID] | None) -> None:
    at = order.index(before[0]) + 1 if before and before[0] in order else len(order)
    order.insert(at, point)

"""Adding a tree up, and which agreement holds for whom. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, TypeVar
from uuid import UUID

from tahseel.kernel.errors import Broken
from tahseel.recovery.government.values import Agreement, AgreementKind, Collision, Figures
from tahseel.registry.customers.values import Body

NOTHING = Figures()


class Placed(Protocol):
    """A thing in a tree: a body, or an account under a main account."""

    @property
    def id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...


Thing = TypeVar("Thing", bound=Placed)


def by_name(body: Body) -> tuple[str, str, UUID]:
    """The order of bodies beside each other."""
    return body.name_ar, body.name_en, body.id


def in_tree_order(
    things: Iterable[Thing], root: UUID | None = None, *, by: Callable[[Thing], Any]
) -> list[tuple[Thing, int]]:
    """(thing, depth) from a root on, or from every top, each before what lies under it.

    One whose parent is not among them is a top; `by` orders those beside each other. Raises Broken
    when parents form a circle.
    """
    by_id = {thing.id: thing for thing in things}
    under: dict[UUID | None, list[Thing]] = {}
    for thing in sorted(by_id.values(), key=by):
        above = thing.parent_id if thing.parent_id in by_id else None
        under.setdefault(above, []).append(thing)
    tops = [by_id[root]] if root is not None else under.get(None, [])
    ordered: list[tuple[Thing, int]] = []
    waiting = [(thing, 0) for thing in reversed(tops)]
    while waiting:
        thing, depth = waiting.pop()
        ordered.append((thing, depth))
        if len(ordered) > len(by_id):
            raise Broken(f"the parents of {thing.id} form a circle")
        waiting += [(child, depth + 1) for child in reversed(under.get(thing.id, []))]
    if root is None and len(ordered) != len(by_id):
        raise Broken("the parents of some form a circle")
    return ordered


def added_up(
    ordered: Sequence[tuple[Placed, int]], own: Mapping[UUID, Figures]
) -> dict[UUID, Figures]:
    """The figures of each with everything under it; one walk from the leaves to the tops."""
    whole = {thing.id: own.get(thing.id, NOTHING) for thing, _ in ordered}
    for thing, _ in reversed(ordered):
        if thing.parent_id in whole:
            whole[thing.parent_id] += whole[thing.id]
    return whole


def in_force(
    ordered: Sequence[tuple[Body, int]], agreements: Iterable[Agreement], day: date
) -> dict[UUID, tuple[Agreement, ...]]:
    """For each body one agreement of each kind that holds on a day: its own, else from above."""
    own: dict[UUID, dict[AgreementKind, Agreement]] = {}
    for agreement in agreements:
        if day in agreement:
            own.setdefault(agreement.body_id, {})[agreement.kind] = agreement
    held: dict[UUID, dict[AgreementKind, Agreement]] = {}
    for body, _ in ordered:
        above = held.get(body.parent_id, {}) if body.parent_id else {}
        held[body.id] = {**above, **own.get(body.id, {})}
    return {id_: tuple(kinds[k] for k in sorted(kinds)) for id_, kinds in held.items()}


def collisions(goes: Iterable[Agreement], stays: Iterable[Agreement]) -> list[Collision]:
    """What of two records' agreements cannot be one body's, the earliest day first."""
    theirs = [one for one in stays if not one.annulled]
    found = [
        Collision(mine, other, day)
        for mine in goes
        if not mine.annulled
        for other in theirs
        if mine.kind is other.kind
        if (day := max(mine.from_day, other.from_day)) in mine and day in other
    ]
    return sorted(found, key=lambda one: (one.day, one.goes.number, one.stays.number))

"""Adding a tree up, and which agreement holds for whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from tahseel.kernel.errors import Broken
from tahseel.recovery.government.values import Agreement, AgreementKind, Figures
from tahseel.registry.customers.values import Body

NOTHING = Figures()


def in_tree_order(bodies: Iterable[Body], root: UUID | None = None) -> list[tuple[Body, int]]:
    """(body, depth) from a root on, or from every top, each before what lies under it, by name.

    A body whose parent is not among them is a top. Raises Broken when parents form a circle.
    """
    by_id = {body.id: body for body in bodies}
    under: dict[UUID | None, list[Body]] = {}
    for body in sorted(by_id.values(), key=lambda body: (body.name_ar, body.name_en, body.id)):
        above = body.parent_id if body.parent_id in by_id else None
        under.setdefault(above, []).append(body)
    tops = [by_id[root]] if root is not None else under.get(None, [])
    ordered: list[tuple[Body, int]] = []
    waiting = [(body, 0) for body in reversed(tops)]
    while waiting:
        body, depth = waiting.pop()
        ordered.append((body, depth))
        if len(ordered) > len(by_id):
            raise Broken(f"the parents of body {body.id} form a circle")
        waiting += [(child, depth + 1) for child in reversed(under.get(body.id, []))]
    if root is None and len(ordered) != len(by_id):
        raise Broken("the parents of some bodies form a circle")
    return ordered


def added_up(
    ordered: Sequence[tuple[Body, int]], own: Mapping[UUID, Figures]
) -> dict[UUID, Figures]:
    """The figures of each body with everything under it; one walk from the leaves to the tops."""
    whole = {body.id: own.get(body.id, NOTHING) for body, _ in ordered}
    for body, _ in reversed(ordered):
        if body.parent_id in whole:
            whole[body.parent_id] += whole[body.id]
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

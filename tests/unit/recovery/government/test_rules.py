"""Adding a tree up equals walking it for every body; the nearest agreement holds."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.errors import Broken
from tahseel.kernel.money import Money
from tahseel.recovery.government import rules
from tahseel.recovery.government.values import Agreement, AgreementKind, Figures
from tahseel.registry.customers.values import Body

DAY = date(2026, 3, 4)
DAYS = st.dates(DAY - timedelta(days=5), DAY + timedelta(days=5))
AMOUNTS = st.integers(0, 10_000).map(Money)
FIGURES = st.builds(
    Figures, st.integers(0, 5), st.integers(0, 5), AMOUNTS, AMOUNTS, AMOUNTS, st.none() | DAYS
)


def body(number: int, parent: int | None) -> Body:
    above = None if parent is None else UUID(int=parent)
    return Body(UUID(int=number), above, f"جهة {number}", f"Body {number}")


@st.composite
def forests(draw: st.DrawFn) -> list[Body]:
    """Any forest: each body lies under an earlier one, or under none; then shuffled."""
    size = draw(st.integers(1, 12))
    parents = [draw(st.none() | st.integers(1, n - 1)) if n > 1 else None
               for n in range(1, size + 1)]  # fmt: skip
    return draw(st.permutations([body(n, parent) for n, parent in enumerate(parents, 1)]))


def above(bodies: list[Body], of: UUID) -> list[UUID]:
    """A body and all above it, the nearest first."""
    parents = {one.id: one.parent_id for one in bodies}
    found = [of]
    while (parent := parents[found[-1]]) is not None:
        found.append(parent)
    return found


@given(bodies=forests(), data=st.data())
def test_the_whole_of_a_body_is_the_sum_over_all_that_have_it_above(
    bodies: list[Body], data: st.DataObject
) -> None:
    own = {one.id: data.draw(FIGURES) for one in bodies if data.draw(st.booleans())}

    whole = rules.added_up(rules.in_tree_order(bodies, by=rules.by_name), own)

    for one in bodies:
        expected = Figures()
        for other in bodies:
            if one.id in above(bodies, other.id):
                expected += own.get(other.id, Figures())
        assert whole[one.id] == expected


@given(bodies=forests())
def test_a_tree_is_read_from_above_and_holds_each_body_once(bodies: list[Body]) -> None:
    ordered = rules.in_tree_order(bodies, by=rules.by_name)

    seen: list[UUID] = []
    for one, depth in ordered:
        assert len(above(bodies, one.id)) == depth + 1
        assert one.parent_id is None or one.parent_id in seen
        seen.append(one.id)
    assert sorted(seen) == sorted(one.id for one in bodies)


@given(bodies=forests(), data=st.data())
def test_a_tree_from_a_body_on_is_what_has_it_above(
    bodies: list[Body], data: st.DataObject
) -> None:
    root = data.draw(st.sampled_from(bodies)).id

    under = {one.id for one, _ in rules.in_tree_order(bodies, root, by=rules.by_name)}

    assert under == {one.id for one in bodies if root in above(bodies, one.id)}


@given(bodies=forests(), data=st.data())
def test_the_nearest_agreement_above_holds(bodies: list[Body], data: st.DataObject) -> None:
    made = [
        Agreement(UUID(int=1000 + n), one.id, kind, f"A{n}", "م", "s", start, None)
        for n, one in enumerate(bodies)
        for kind in AgreementKind
        if data.draw(st.booleans())
        for start in [data.draw(DAYS)]
    ]

    held = rules.in_force(rules.in_tree_order(bodies, by=rules.by_name), made, DAY)

    for one in bodies:
        for kind in AgreementKind:
            mine = [a for a in held[one.id] if a.kind is kind]
            nearest = [
                a for way in above(bodies, one.id) for a in made
                if a.body_id == way and a.kind is kind and a.from_day <= DAY
            ]  # fmt: skip
            assert mine == nearest[:1]


@pytest.mark.parametrize("root", [None, UUID(int=1)])
def test_a_circle_of_parents_is_a_broken_tree(root: UUID | None) -> None:
    bodies = [body(1, 2), body(2, 1), body(3, None)]

    with pytest.raises(Broken):
        rules.in_tree_order(bodies, root, by=rules.by_name)

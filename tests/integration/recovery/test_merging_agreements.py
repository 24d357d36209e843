"""What one person or body has once at a time: two records of it, merged and told apart again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.recovery.hung import MAKER, MANAGER, Things
from tests.integration.recovery.test_merging import merge, rows, unmerge

from tahseel.app import assembly
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.recovery.government import operations as government
from tahseel.recovery.government import queries as agreements
from tahseel.recovery.government.guarding import AgreementsCollide, require_apart
from tahseel.recovery.government.operations import AgreementAnnulled, AnnulmentUnreasoned
from tahseel.registry.customers import rules
from tahseel.registry.customers.operations import merging
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as roles
from tahseel.registry.supply.guarding import RolesCollide, require_roles_apart

HEAD = Actor(ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))
FIRST = date(2026, 1, 1)
SPANS = st.tuples(st.integers(0, 4), st.sampled_from((1, 2, None)))
"""From so many days on, for so many; few days, so that they meet, touch and begin together."""
KINDS = st.sampled_from(("supply", "settlement"))
ROLES = st.sampled_from(("occupant", "beneficiary", "owner"))
Span = tuple[int, int | None]


@pytest.fixture(autouse=True)
def guards(town: Any) -> Iterator[None]:
    rules.install_hanging(assembly.HANGING)
    rules.install_merge_guards([require_roles_apart, require_apart])
    merging.register()
    yield
    rules.install_merge_guards([])


def meet(one: Span, other: Span) -> bool:
    """The plain way: day by day, as far as a span can make a difference."""
    days = [{start + n for n in range(length if length else 20)} for start, length in (one, other)]
    return bool(days[0] & days[1])


def apart(spans: list[tuple[str, Span]]) -> list[tuple[str, Span]]:
    """Those that one record can have beside each other."""
    kept: list[tuple[str, Span]] = []
    for kind, span in spans:
        if not any(kind == other and meet(span, held) for other, held in kept):
            kept.append((kind, span))
    return kept


@given(
    both=st.tuples(*(st.lists(st.tuples(KINDS, SPANS), max_size=4) for _ in range(2))),
    held=st.tuples(*(st.lists(st.tuples(ROLES, SPANS), max_size=3) for _ in range(2))),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_collides_is_settled_then_merged_and_told_apart_to_the_row(
    town: Any, database: Any, both: Any, held: Any
) -> None:
    things = Things(town)
    account = things.account()
    goes, stays = (town.debtor(None, CustomerKind.GOVERNMENT, verified=False) for _ in range(2))
    agreed = [apart(spans) for spans in both]
    named = [apart(spans) for spans in held]
    for who, mine, my_roles in zip((goes, stays), agreed, named, strict=True):
        for kind, (start, days) in mine:
            things.agreement(who, start=start, days=days, kind=kind)
        for role, (start, days) in my_roles:
            things.role(who, account.id, role=role, start=start, days=days)
    pair = {"goes_id": goes.customer_id, "stays_id": stays.customer_id}
    expected = [
        sum(kind == other and meet(one, two) for kind, one in mine for other, two in theirs)
        for mine, theirs in (agreed, named)
    ]

    found, twice = agreements.collisions(**pair), roles.role_collisions(**pair)

    assert [len(found), len(twice)] == expected
    if found or twice:
        before = rows(database)
        with pytest.raises(RolesCollide if twice else AgreementsCollide):
            merge(town, goes.customer_id, stays.customer_id)
        assert rows(database) == before
    settle(town, account.id, pair)
    before = rows(database)
    merge_id = merge(town, goes.customer_id, stays.customer_id)
    assert agreements.agreements_with(body_id=goes.customer_id) == []
    unmerge(town, merge_id)
    assert rows(database) == before


def settle(town: Any, account_id: Any, pair: Any) -> None:
    """End the earlier one where that is enough, else set the one that goes aside."""
    while found := agreements.collisions(**pair):
        one = found[0]
        given_ = {"actor": MANAGER, "at": town.clock()}
        if one.ends:
            government.end_agreement(**given_, agreement_id=one.earlier.id, until_day=one.day)
        else:
            government.annul_agreement(**given_, agreement_id=one.goes.id, reason="twice")
    while twice := roles.role_collisions(**pair):
        supply.strike_party(
            actor=HEAD, at=town.clock(), account_id=account_id, party_id=twice[0].goes_id,
            reason="recorded twice",
        )  # fmt: skip


@pytest.fixture
def same_day(town: Any) -> Any:
    """Two records of one body, and an agreement of each from the same day on."""
    things = Things(town)
    both = [town.debtor(None, CustomerKind.GOVERNMENT, verified=False) for _ in range(2)]
    return [(one, things.agreement(one, days=None)) for one in both]


def test_agreements_of_the_same_day_are_no_dead_end(town: Any, same_day: Any) -> None:
    (goes, twin), (stays, kept) = same_day
    with pytest.raises(AgreementsCollide):
        merge(town, goes.customer_id, stays.customer_id)

    set_aside = government.annul_agreement(
        actor=MANAGER, at=town.clock(), agreement_id=twin.id, reason=" the same paper "
    )
    merge(town, goes.customer_id, stays.customer_id)

    assert (set_aside.annulled_because, FIRST in set_aside) == ("the same paper", False)
    both = agreements.agreements_with(body_id=stays.customer_id)
    assert {one.id for one in both if FIRST in one} == {kept.id}
    assert {one.id for one in both} == {kept.id, twin.id}


def test_what_was_annulled_makes_room_and_is_never_changed_again(town: Any, same_day: Any) -> None:
    (body, twin), _ = same_day
    given_: dict[str, Any] = {"actor": MANAGER, "at": town.clock(), "agreement_id": twin.id}
    government.annul_agreement(**given_, reason="wrong body")

    again = Things(town).agreement(body, days=None)

    assert FIRST in again
    with pytest.raises(AgreementAnnulled):
        government.annul_agreement(**given_, reason="wrong body")
    with pytest.raises(AgreementAnnulled):
        government.end_agreement(**given_, until_day=FIRST + timedelta(days=5))


@pytest.mark.parametrize(
    "case", [(HEAD, "why", NotAllowed), (MANAGER, "  ", AnnulmentUnreasoned)], ids=["who", "why"]
)
def test_an_agreement_is_annulled_by_nobody_else_and_not_without_a_reason(
    town: Any, database: Any, same_day: Any, case: Any
) -> None:
    actor, reason, refusal = case
    before = rows(database)

    with pytest.raises(refusal):
        government.annul_agreement(
            actor=actor, at=town.clock(), agreement_id=same_day[0][1].id, reason=reason
        )

    assert rows(database) == before


def test_a_role_that_never_was_is_struck_and_kept_with_its_reason(town: Any, database: Any) -> None:
    things = Things(town)
    account = things.account()
    things.role(town.debtor(None, CustomerKind.GCC, verified=False), account.id)
    (party,) = roles.parties(account_ids=[account.id])[account.id]
    given_ = {"at": town.clock(), "account_id": account.id, "party_id": party.id}
    before = rows(database)

    for actor, reason, refusal in ((MAKER, "twice", NotAllowed), (HEAD, " ", Refusal)):
        with pytest.raises(refusal):
            supply.strike_party(**given_, actor=actor, reason=reason)
    unchanged = rows(database) == before
    supply.strike_party(**given_, actor=HEAD, reason="recorded twice")

    assert unchanged
    assert roles.parties(account_ids=[account.id]) == {}
    (struck,) = rows(database)["supply_party_struck"]
    assert "recorded twice" in struck
    with pytest.raises(NotFound):
        supply.strike_party(**given_, actor=HEAD, reason="again")

"""Units split, merged, torn down or fed otherwise on billed days: two people, the bills shown.

Denied means refused, unchanged, unsent, audited.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.channels.test_past_prices import WHY, bills, sent, user, work
from tests.integration.channels.test_place_acts import at, point_of, unit_of
from tests.integration.channels.world import JOB

from tahseel.app import clock
from tahseel.charging.billing.values import Cause, Misdirected
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.ids import new_id
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import queries
from tahseel.registry.premises.models import Feed, UnitAct
from tahseel.registry.premises.values import NewUnit, Reshaping, Sector, UnitKind, UnitState
from tahseel.registry.supply import operations as supply
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as waiting
from tahseel.trust.approvals.rules import OwnApproval

Leaves = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def left(world: Any) -> date:
    """The resident's account was closed, told late, on a day that two bills charge for."""
    day = bills(world)[1].period.start + timedelta(days=9)
    supply.close_account(
        actor=JOB, at=world.now, account_id=world.accounts[world.resident], closed_on=day
    )
    return day


def splitting(world: Any, day: date) -> Reshaping:
    view = queries.units(unit_ids=[unit_of(world)])[unit_of(world)]
    parts = tuple(
        NewUnit(
            new_id(world.now), view.premises_id, UnitKind.FLAT, Sector.INVESTMENT, day, number=n
        )
        for n in ("91A", "91B")
    )
    points = queries.service_points(unit_ids=[view.id], day=day)[view.id]
    return Reshaping(
        new_id(world.now), UnitState.SPLIT, (view.id,), day, "permit 9", parts,
        {point.id: parts[0].id for point in points},
    )  # fmt: skip


def split(world: Any, act: Reshaping, actor: Any) -> None:
    premises.split_unit(
        actor=actor, at=world.now, id=act.id, unit_id=act.unit_ids[0], on_day=act.on_day,
        reference=act.reference, into=act.into, points=act.points,
    )  # fmt: skip


def shapes() -> list[Misdirected]:
    """Work that came of the new shape; that the account was closed late is work of its own."""
    return [one for one in work() if one.cause is Cause.SHAPE]


def ask(world: Any, act: Reshaping, by: str = "office_head") -> UUID:
    return premises.propose_reshaping(
        actor=user(by), at=world.now, approval_id=new_id(world.now), act=act, reason=WHY
    )


def state(world: Any) -> UnitState:
    return queries.units(unit_ids=[unit_of(world)])[unit_of(world)].state


def test_one_person_is_denied_a_split_of_billed_days(
    world: Any, left: date, leaves: Leaves
) -> None:
    before = sent()

    with pytest.raises(premises.PastNeedsSecondPerson) as denied:
        split(world, splitting(world, left), user("office_head"))

    assert denied.value.facts["from_day"] == left.isoformat()
    assert (state(world), UnitAct.objects.count()) == (UnitState.STANDING, 0)
    assert (sent(), shapes()) == (before, [])
    assert leaves("premises.split_unit")[-1]["outcome"] == "denied"


def test_a_split_that_a_second_person_agrees_to_is_made_and_its_bills_become_work(
    world: Any, left: date, leaves: Leaves
) -> None:
    act = splitting(world, left)
    asked = ask(world, act)
    unchanged = (state(world), shapes())
    with pytest.raises(OwnApproval):
        approvals.approve(actor=user("office_head"), at=world.now, approval_id=asked)

    approvals.approve(actor=user("revenue_manager"), at=world.now, approval_id=asked)

    assert unchanged == (UnitState.STANDING, [])
    assert state(world) is UnitState.SPLIT
    made = queries.units(unit_ids=[unit.id for unit in act.into])
    assert {view.parts.number for view in made.values()} == {"91A", "91B"}
    (at_first,) = queries.service_points(unit_ids=[act.into[0].id], day=left).values()
    assert {point.id for point in at_first} == set(act.points)
    assert [(one.cause, one.bills[0].number) for one in shapes()] == [
        (Cause.SHAPE, bill.number) for bill in bills(world)[1:]
    ]
    assert leaves("premises.reshape_past")[-1]["outcome"] == "done"


def test_a_day_whose_month_nobody_has_determined_is_one_persons(world: Any) -> None:
    day = bills(world)[-1].period.end
    assert day < world.today
    supply.close_account(
        actor=JOB, at=world.now, account_id=world.accounts[world.resident], closed_on=day
    )

    split(world, splitting(world, day), user("office_head"))

    assert (state(world), work()) == (UnitState.SPLIT, [])


def test_the_houses_own_jobs_split_alone_and_make_the_same_work(world: Any, left: date) -> None:
    split(world, splitting(world, left), JOB)

    assert [one.bills[0].number for one in shapes()] == [bill.number for bill in bills(world)[1:]]


def test_whoever_does_not_keep_places_may_not_even_ask(
    world: Any, left: date, leaves: Leaves
) -> None:
    before = sent()

    with pytest.raises(NotAllowed):
        ask(world, splitting(world, left), by="clerk")

    assert (sent(), waiting.waiting(as_of=world.now)) == (before, [])
    assert leaves("premises.propose_reshaping")[-1]["outcome"] == "denied"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_page_of_a_split_shows_the_bills_asks_why_and_the_one_who_decides_reads_them(
    sign_in: Any, world: Any, left: date, language: str
) -> None:
    head = sign_in("office_head", language=language)
    points = queries.service_points(unit_ids=[unit_of(world)], day=left)[unit_of(world)]
    address, key = f"/places/units/{unit_of(world)}/split/", str(new_id(world.now))
    part = {"kind": "flat", "sector": "investment"}
    given = {
        "on_day": left.isoformat(), "reference": "permit 9", "intent": key,
        "number_1": "91A", "number_2": "91B",
        **{f"{name}_{n}": value for n in range(1, 5) for name, value in part.items()},
        **{f"point_{point.id}": "1" for point in points},
    }  # fmt: skip

    unsaid = head.post(address, given)
    asked = head.post(address, {**given, "why": WHY})
    twice = head.post(address, {**given, "why": WHY})
    page = sign_in("revenue_manager", language=language).get(asked.url).content.decode()
    done = sign_in("revenue_manager").post(f"{asked.url}approve/")

    assert unsaid.status_code == 422
    assert [b.number in unsaid.content.decode() for b in bills(world)] == [False, True, True]
    assert (asked.status_code, asked.url, twice.url) == (302, f"/approvals/{key}/", asked.url)
    touched = page.partition('id="touched"')[2]
    assert [bill.number in touched for bill in bills(world)] == [False, True, True]
    assert all(said in page for said in ("91A", "91B", "permit 9"))
    assert (done.status_code, state(world)) == (302, UnitState.SPLIT)


def test_a_unit_put_behind_a_billed_meter_and_taken_away_needs_two_people_each(
    sign_in: Any, world: Any, leaves: Leaves
) -> None:
    view = queries.units(unit_ids=[unit_of(world)])[unit_of(world)]
    behind = NewUnit(
        new_id(world.now), view.premises_id, UnitKind.FLAT, Sector.INVESTMENT, date(2000, 1, 1),
        number="0B",
    )  # fmt: skip
    premises.add_unit(actor=world.town.head, at=world.now, unit=behind)
    start, end = bills(world)[1].period.start, bills(world)[2].period.start
    page = at(world, "through").replace(str(unit_of(world)), str(behind.id))
    given = {"point": str(point_of(world).id), "share": "1", "from_day": start.isoformat()}
    before = sent()

    with pytest.raises(premises.PastNeedsSecondPerson):
        premises.supply_through(
            actor=user("office_head"), at=world.now, id=new_id(world.now), unit_id=behind.id,
            point_id=point_of(world).id, from_day=start,
        )  # fmt: skip
    unsaid = sign_in("office_head").post(page, given)
    unchanged = (sent(), Feed.objects.count())
    asked = sign_in("office_head").post(page, {**given, "why": WHY})
    sign_in("revenue_manager").post(f"{asked.url}approve/")
    began = (Feed.objects.get().from_day, [one.cause for one in work()])
    with pytest.raises(premises.PastNeedsSecondPerson):
        premises.separate_supply(
            actor=user("office_head"), at=world.now, unit_id=behind.id,
            point_id=point_of(world).id, on_day=end,
        )  # fmt: skip
    away = sign_in("office_head").post(
        page.replace("through", "separate"),
        {"point": given["point"], "on_day": end.isoformat(), "why": WHY},
    )
    kept = Feed.objects.get().until_day
    sign_in("revenue_manager").post(f"{away.url}approve/")

    assert unsaid.status_code == 422
    assert bills(world)[1].number in unsaid.content.decode()
    assert unchanged == (before, 0)
    assert began == (start, [Cause.SHARING, Cause.SHARING])
    assert (kept, Feed.objects.get().until_day) == (None, end)
    assert leaves("premises.supply_through")[-1]["outcome"] == "denied"
    assert leaves("premises.separate_supply")[-1]["outcome"] == "denied"
    assert leaves("premises.reshare_past")[-1]["outcome"] == "done"
    assert waiting.waiting(as_of=clock.now()) == []

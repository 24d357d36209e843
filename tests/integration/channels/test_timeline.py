"""The whole story of a person, a unit, a meter and an account, each step with its actor."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.channels.world import STAFF

from tahseel.app import clock
from tahseel.books.claims import queries as claims
from tahseel.channels.timeline import queries, tellers, telling
from tahseel.channels.timeline.acts import ACTS
from tahseel.channels.timeline.values import Kind, Told, Wanted
from tahseel.kernel.actor import Actor, ActorKind, Purpose
from tahseel.kernel.errors import NotFound
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.registry.meters import queries as meters
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.audit import sequencer

Leaves = Callable[..., list[dict[str, Any]]]
READERS = ("clerk", "office_head", "revenue_manager", "auditor")
CLERK = Actor(ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))


@pytest.fixture(autouse=True)
def _sequenced(world: Any) -> None:
    sequencer.sequence_pending(at=clock.now())


def told(kind: Kind, id_: UUID, *, limit: int = 100, **wanted: Any) -> list[Told]:
    """The whole story, page by page."""
    found: list[Told] = []
    before = None
    for _ in range(100):
        page = queries.story(
            actor=CLERK, at=clock.now(), purpose=Purpose.CUSTOMER_SERVICE, kind=kind, id=id_,
            wanted=Wanted(before=before, **wanted), limit=limit,
        )  # fmt: skip
        found += page.told
        before = page.further
        if before is None:
            return found
    raise AssertionError("the story does not end")


def things(world: Any) -> dict[Kind, UUID]:
    account = world.accounts[world.resident]
    unit = supply.accounts(account_ids=[account])[account].unit_id
    point = premises.service_points(unit_ids=[unit])[unit][0]
    hung = meters.installed_at(service_point_id=point.id, day=world.today)
    assert hung is not None
    return {
        Kind.CUSTOMER: world.resident,
        Kind.ACCOUNT: account,
        Kind.UNIT: unit,
        Kind.METER: hung.meter_id,
    }


def codes(steps: list[Told]) -> set[str]:
    return {one.step.code for one in steps}


def test_each_thing_has_its_story(world: Any) -> None:
    of = things(world)

    person, account = told(Kind.CUSTOMER, of[Kind.CUSTOMER]), told(Kind.ACCOUNT, of[Kind.ACCOUNT])
    unit, meter = told(Kind.UNIT, of[Kind.UNIT]), told(Kind.METER, of[Kind.METER])

    assert codes(person) >= {
        "customers.registered", "customers.verified", "supply.became_liable", "billing.issued",
        "collections.noticed", "notices.served", "clearance.held",
    }  # fmt: skip
    assert codes(account) >= {
        "supply.opened", "supply.became_liable", "meters.installed", "billing.issued",
        "collections.noticed",
    }  # fmt: skip
    assert codes(unit) >= {"premises.unit_added", "premises.sector_began", "supply.opened"}
    assert codes(meter) >= {"meters.added", "meters.installed"}


@pytest.mark.parametrize("kind", list(Kind))
def test_each_step_has_its_actor_and_its_leaf(world: Any, kind: Kind) -> None:
    nameless = [
        one.step.code
        for one in told(kind, things(world)[kind])
        if not one.actor_id or not one.entry
    ]

    assert nameless == []


@pytest.mark.parametrize("limit", [1, 3, 7])
@pytest.mark.parametrize("kind", list(Kind))
def test_pages_leave_nothing_out_and_show_nothing_twice(world: Any, kind: Kind, limit: int) -> None:
    id_ = things(world)[kind]
    whole = [one.step.mark for one in told(kind, id_)]

    paged = [one.step.mark for one in told(kind, id_, limit=limit)]

    assert paged == whole
    assert len(set(whole)) == len(whole)
    assert whole == sorted(whole, reverse=True)


def test_every_bill_is_told_once_and_no_claim_of_a_bill_beside_it(world: Any) -> None:
    account = world.accounts[world.resident]

    steps = told(Kind.ACCOUNT, account)

    bills = [one.step.facts["number"] for one in steps if one.step.code == "billing.issued"]
    assert sorted(bills) == sorted(claim.reference for claim in claims.claims(account))
    assert "claims.opened" not in codes(steps)


def test_a_story_ends_with_the_day_that_is_asked_for(world: Any) -> None:
    account, day = world.accounts[world.resident], world.today - timedelta(days=60)

    steps = told(Kind.ACCOUNT, account, until=day)

    assert steps
    assert max(one.step.at.date() for one in steps) <= day
    assert codes(steps) < codes(told(Kind.ACCOUNT, account))


def test_a_story_is_cut_to_a_family_and_to_an_actor(world: Any) -> None:
    account = world.accounts[world.neighbour]
    whole = told(Kind.ACCOUNT, account)

    bills = told(Kind.ACCOUNT, account, family="billing")
    paid = told(Kind.ACCOUNT, account, who="clerk-1")

    assert [b.step for b in bills] == [w.step for w in whole if w.family == "billing"]
    assert [p.step for p in paid] == [w.step for w in whole if w.actor_id == "clerk-1"]
    assert bills
    assert paid


def test_the_neighbour_is_not_in_the_residents_story(world: Any) -> None:
    steps = told(Kind.CUSTOMER, world.resident)

    others = {one.step.facts.get("customer", str(world.resident)) for one in steps}
    assert others == {str(world.resident)}
    assert str(world.accounts[world.neighbour]) not in str([one.step for one in steps])


def test_reading_a_story_is_in_the_log_with_its_purpose(
    world: Any, sign_in: Any, leaves: Leaves
) -> None:
    before = len(leaves("read"))

    sign_in("clerk").get(f"/timeline/customer/{world.resident}/")

    read = leaves("read")
    assert len(read) > before + 1  # the story, and the names that the page shows
    [own] = [leaf for leaf in read if leaf["facts"] == {"kind": "customer", "of": "timeline"}]
    assert (own["subject"], own["purpose"]) == (str(world.resident), "customer_service")


def test_what_is_not_there_is_not_found(world: Any, sign_in: Any) -> None:
    for kind in Kind:
        with pytest.raises(NotFound):
            told(kind, new_id(clock.now()))
    assert sign_in("clerk").get(f"/timeline/account/{new_id(clock.now())}/").status_code == 404


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_the_page_tells_every_step_in_words(
    world: Any, sign_in: Any, kind: Kind, language: str
) -> None:
    id_ = things(world)[kind]

    page = sign_in("clerk", language=language).get(f"/timeline/{kind}/{id_}/")
    text = page.content.decode()

    assert page.status_code == 200
    assert text.count("<li><span class=") + text.count('<li data-state="failed">') == min(
        100, len(told(kind, id_))
    )
    assert not re.search(r"\{\w+\}", text)
    for one in told(kind, id_):
        assert one.step.code not in text


def test_a_page_that_is_not_there_is_told(world: Any, sign_in: Any) -> None:
    clerk = sign_in("clerk")
    account = world.accounts[world.resident]

    assert clerk.get(f"/timeline/account/{account}/?before=nonsense").status_code == 422
    assert clerk.get(f"/timeline/account/{account}/?until=31/12").status_code == 422
    assert clerk.get(f"/timeline/account/{account}/?what=everything").status_code == 422


@pytest.mark.parametrize("username", [role for role in STAFF if role not in READERS])
def test_whoever_does_not_serve_customers_reads_no_story(
    world: Any, sign_in: Any, username: str, leaves: Leaves
) -> None:
    before = len(leaves("read"))

    page = sign_in(username).get(f"/timeline/customer/{world.resident}/")

    assert page.status_code == 403
    assert "Kumar" not in page.content.decode()
    assert len(leaves("read")) == before
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"]


def test_a_customer_reads_no_story_of_staffs_making(world: Any, sign_in: Any) -> None:
    assert sign_in("resident").get(f"/timeline/customer/{world.resident}/").status_code == 403


def test_the_auditor_sees_who_looked_and_nobody_else_does(world: Any, sign_in: Any) -> None:
    sign_in("clerk").get(f"/timeline/customer/{world.resident}/")
    sequencer.sequence_pending(at=clock.now())
    path = f"/timeline/customer/{world.resident}/readers/"

    page = sign_in("auditor").get(path).content.decode()

    assert "customer service" in page
    assert "Clerk" in page
    assert sign_in("clerk").get(path).status_code == 403


def test_an_attempt_that_was_refused_is_in_the_story(world: Any) -> None:
    from tahseel.kernel.errors import Refusal
    from tahseel.registry.supply import operations as moving

    account = world.accounts[world.resident]
    with pytest.raises(Refusal):
        moving.close_account(
            actor=CLERK, at=clock.now(), account_id=account, closed_on=date(1999, 1, 1)
        )
    sequencer.sequence_pending(at=clock.now())

    newest = told(Kind.ACCOUNT, account, family="log")[0]

    assert (newest.step.code, newest.actor_id) == ("log:supply.close_account", "clerk-1")
    assert newest.step.facts["outcome"] == "refused"


def test_a_deposit_is_in_the_story_of_its_account(world: Any) -> None:
    from tahseel.books.deposits import operations as deposits
    from tahseel.books.deposits.values import DepositKind, NewDeposit

    account, at = world.accounts[world.resident], clock.now()
    deposits.take(
        actor=CLERK,
        at=at,
        deposit=NewDeposit(
            id=new_id(at), account_id=account, customer_id=world.resident, kind=DepositKind.CASH,
            amount=Money(125_000), taken_on=world.today, tender="cash",
        ),
    )  # fmt: skip
    sequencer.sequence_pending(at=clock.now())

    [step] = [t for t in told(Kind.ACCOUNT, account) if t.step.code == "deposits.taken"]

    assert step.step.facts["amount_fils"] == 125_000
    assert step.actor_id == "clerk-1"
    assert step.entry is not None
    assert step.entry.action == "deposits.take"


def test_a_request_is_in_the_story_of_whom_it_concerns_with_who_asked_and_who_refused_it(
    world: Any,
) -> None:
    from tahseel.registry.customers import operations as customers
    from tahseel.registry.customers.values import CustomerKind
    from tahseel.trust.approvals import operations as approvals

    head = Actor(ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))
    at, twin = world.now, new_id(world.now)
    customers.register(
        actor=CLERK, at=at, id=twin, kind=CustomerKind.UNKNOWN, civil_id=None,
        name_ar="سالم", name_en="Salem",
    )  # fmt: skip
    asked = customers.propose_merge(
        actor=CLERK, at=at, approval_id=new_id(at), merged_id=twin, into_id=world.resident,
        reason="the same",
    )  # fmt: skip
    approvals.reject(actor=head, at=at, approval_id=asked, reason="two cousins")
    sequencer.sequence_pending(at=clock.now())

    for who in (twin, world.resident):
        steps = {one.step.code: one.actor_id for one in told(Kind.CUSTOMER, who)}
        assert steps["log:approvals.submit"] == CLERK.id
        assert steps["log:approvals.reject"] == head.id


def test_heirs_and_the_units_of_a_split_have_whoever_recorded_them(world: Any) -> None:
    from tahseel.registry.customers import operations as customers
    from tahseel.registry.premises import operations as places
    from tahseel.registry.premises.values import NewUnit, Sector, UnitKind
    from tahseel.registry.supply import operations as accounts
    from tahseel.registry.supply.values import Heir

    at, account = world.now, world.accounts[world.resident]
    day = world.today - timedelta(days=1)
    by: dict[str, Any] = {"actor": CLERK, "at": at}
    customers.record_death(**by, customer_id=world.resident, died_on=day, source="certificate")
    accounts.open_estate(**by, account_id=account)
    accounts.record_heirs(
        **by, account_id=account, deceased_id=world.resident, deed="D-1", from_day=day,
        heirs=[Heir(world.neighbour, 1)], whole=1,
    )  # fmt: skip
    head = Actor(ActorKind.STAFF, "head-1", "head", frozenset({"office_head"}))
    (empty,) = world.town.units(1, number="1")
    parts = [
        NewUnit(new_id(at), empty.premises_id, UnitKind.FLAT, Sector.INVESTMENT, day, number=n)
        for n in ("1A", "1B")
    ]
    places.split_unit(
        actor=head, at=at, id=new_id(at), unit_id=empty.id, on_day=day, reference="permit",
        into=parts, points={point.id: parts[0].id for point in empty.services},
    )  # fmt: skip
    sequencer.sequence_pending(at=clock.now())

    heir = [one for one in told(Kind.ACCOUNT, account) if one.step.facts.get("role") == "heir"]
    made = [one for one in told(Kind.UNIT, parts[0].id) if one.step.code == "premises.unit_added"]
    assert [one.actor_id for one in heir] == [CLERK.id]
    assert [one.actor_id for one in made] == [head.id]


def test_where_a_meter_was_kept_and_what_came_with_an_application_are_in_their_stories(
    world: Any,
) -> None:
    from tests.integration.channels.services import site

    from tahseel.channels.services import operations as services
    from tahseel.channels.services.values import NewApplication, NewEvidence
    from tahseel.kernel.quantity import Service
    from tahseel.registry.meters import operations as keeping
    from tahseel.registry.meters.values import NewStockStep, StockState

    at, unit = world.now, site.prepare(world)
    meter = meters.meter_by_serial(serial="E-70001")
    assert meter is not None
    officer = Actor(ActorKind.STAFF, "o", "o", frozenset({"connection_officer"}))
    step = NewStockStep(new_id(at), meter.id, StockState.ON_BENCH, world.today, "main", "R-1")
    keeping.record_stock(actor=officer, at=at, step=step)
    new = NewApplication(
        new_id(at), "new_connection", world.neighbour, unit, frozenset(Service), 60
    )
    made = services.apply(actor=CLERK, at=at, application=new)
    services.add_evidence(
        actor=CLERK, at=at, application_id=made.id,
        evidence=NewEvidence(new_id(at), "ownership", "deed.pdf", site.PDF),
    )  # fmt: skip
    sequencer.sequence_pending(at=clock.now())

    kept = {one.step.code: one.actor_id for one in told(Kind.METER, meter.id)}
    assert kept["log:meters.record_stock"] == officer.id
    for kind, id_ in ((Kind.CUSTOMER, world.neighbour), (Kind.UNIT, unit)):
        added = {one.step.code: one.actor_id for one in told(kind, id_)}
        assert added["log:services.add_evidence"] == CLERK.id


def test_every_code_has_words_whose_slots_are_filled() -> None:
    for code, (ar, en) in telling.words().items():
        # a slot that comes in both languages bears its language's name at the end
        slots = [set(re.findall(r"{(\w+?)(?:_ar|_en)?}", text)) for text in (ar, en)]
        assert slots[0] == slots[1], code
        assert re.search("[\u0621-\u064a]", ar), code


def test_every_act_that_only_the_log_tells_is_told_in_both_languages() -> None:
    for action, (ar, en) in ACTS.items():
        assert re.search("[\u0621-\u064a]", ar), action
        assert re.search("[A-Za-z]", en), action


def test_every_teller_is_asked() -> None:
    from tests.meta import house

    written = {
        ".".join(source.module.split(".")[1:3])
        for source in house.sources()
        if source.path.name == "history.py" and "." in source.slice
    }

    assert {".".join(one.__name__.split(".")[1:3]) for one in tellers.TELLERS} == written

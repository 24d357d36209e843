"""Lots: formed once, drawn by a seed that anybody can draw with again, decided by tests alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from tests.integration.consumption.metrology.bench import (
    ENGINEER,
    HEAD,
    INSPECTOR,
    NOW,
    new_test,
)

from tahseel.consumption.metrology import history, operations, queries, rules
from tahseel.consumption.metrology.operations import sampling
from tahseel.consumption.metrology.queries import lots
from tahseel.consumption.metrology.values import (
    Basis,
    Batch,
    Lot,
    LotState,
    SamplePlan,
    TestKind,
    Verdict,
)
from tahseel.kernel.actor import system
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.history import About
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import WrongState
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters import queries as hanging

TODAY = local_day(NOW)
SEED = "0123456789abcdef0123456789abcdef"
BATCH = Batch(Service.ELECTRICITY, "make", "single", 2018)
FROM, ENDS = date(2018, 9, 1), date(2026, 9, 1)


@pytest.fixture
def batch(street: Any) -> list[UUID]:
    """Seven meters of one make, certified in one year."""
    return certified([street.home(hung=date(2018, 9, 1)).electricity for _ in range(7)])


def certified(ids: list[UUID], first: date = FROM, until: date = ENDS) -> list[UUID]:
    operations.certify_many(
        actor=system("test"), at=NOW - timedelta(days=400), batch=f"{first}",
        certified=[(one, first, until, f"M-{one}") for one in ids],
    )  # fmt: skip
    return ids


@pytest.fixture
def plan() -> Iterator[Callable[..., None]]:
    """Puts another plan in force for a test."""
    before = rules.policy()
    yield lambda sample, accept: rules.install_policy(
        replace(
            before,
            samplings=tuple(
                replace(one, plans=(SamplePlan(1, 1000, sample, accept),))
                for one in before.samplings
            ),
        )
    )
    rules.install_policy(before)


def formed(seed: str = SEED, batch: Batch = BATCH) -> Lot:
    return operations.form_lot(actor=ENGINEER, at=NOW, lot_id=new_id(NOW), batch=batch, seed=seed)


def put_to_test(meter_id: UUID, error: int = 10, kind: TestKind = TestKind.SAMPLING) -> None:
    paper = f"S-{meter_id}" if error < 100 else ""
    test = new_test(meter_id, error=error, on=TODAY, certificate=paper)
    operations.record_test(
        actor=INSPECTOR, at=NOW, meter_id=meter_id, test=replace(test, kind=kind)
    )


def waiting(lot: Lot) -> list[UUID]:
    return [one.meter_id for one in lots.sample(lot_id=lot.id) if one.waits]


def state_of(lot: Lot) -> LotState:
    found = lots.lot(lot_id=lot.id)
    assert found is not None
    return found.state


def denied(action: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select body from audit_leaf")
        leaves = [orjson.loads(bytes(row[0])) for row in cursor.fetchall()]
    return sum((leaf["action"], leaf["outcome"]) == (action, "denied") for leaf in leaves)


def test_meters_of_one_make_and_year_whose_certification_ends_are_a_candidate(
    street: Any, batch: list[UUID]
) -> None:
    certified([street.home(hung=date(2018, 9, 1)).electricity], until=date(2030, 1, 1))
    certified([street.home(hung=date(2017, 9, 1)).electricity], first=date(2017, 9, 1))
    certified([street.home(hung=date(2018, 9, 1)).water])

    found = {(c.batch.service, c.batch.year): (c.size, c.ends) for c in lots.candidates(day=TODAY)}

    assert found == {
        (Service.ELECTRICITY, 2018): (7, ENDS),
        (Service.ELECTRICITY, 2017): (1, ENDS),
        (Service.WATER, 2018): (1, ENDS),
    }


def test_a_sample_is_drawn_again_with_its_seed_and_another_seed_draws_another(
    batch: list[UUID], plan: Callable[..., None]
) -> None:
    plan(3, 0)
    lot = formed()

    order = lots.lot_meters(lot_id=lot.id)
    assert order == rules.drawn(lot.seed, sorted(batch)) == rules.drawn(lot.seed, batch[::-1])
    assert order != rules.drawn("another seed that is long", batch)
    assert waiting(lot) == order[:3]
    assert (lot.size, lot.sample, lot.accept, lot.state) == (7, 3, 0, LotState.SAMPLED)


def test_an_accepted_lot_certifies_its_meters_for_longer(
    batch: list[UUID], plan: Callable[..., None]
) -> None:
    plan(3, 1)
    lot = formed()
    first, *others = waiting(lot)

    put_to_test(first, error=900)
    for one in others:
        put_to_test(one)

    held = {one: queries.certification(meter_id=one) for one in batch}
    assert state_of(lot) is LotState.ACCEPTED
    untested = [held[one] for one in batch if one not in {first, *others}]
    assert {(h.basis, h.from_day, h.until_day) for h in untested if h} == {
        (Basis.LOT, FROM, date(2031, 9, 1))
    }
    assert [h.basis for one, h in held.items() if h and one == first] == [Basis.WITHDRAWN]
    assert [o.meter_id for o in lots.exchanges_due(day=TODAY)] == [first]
    assert lots.candidates(day=TODAY) == []


def test_one_failed_too_many_rejects_the_lot_at_once_and_orders_every_meter_down(
    batch: list[UUID], plan: Callable[..., None]
) -> None:
    plan(5, 1)
    lot = formed()
    first, second, third, *_ = waiting(lot)

    put_to_test(first, error=900)
    before = state_of(lot)
    put_to_test(second, error=-900)

    orders = lots.exchange_orders(lot_id=lot.id, day=TODAY)
    assert (before, state_of(lot)) == (LotState.SAMPLED, LotState.REJECTED)
    assert {one.meter_id for one in orders} == set(batch)
    assert {o.due_on for o in orders if o.meter_id not in {first, second}} == {ENDS}
    held = queries.certification(meter_id=third)
    assert held is not None
    assert (held.basis, held.until_day) == (Basis.MAKER, ENDS)
    put_to_test(third)
    assert state_of(lot) is LotState.REJECTED


def test_an_order_is_carried_out_when_the_meter_hangs_no_more(
    street: Any, batch: list[UUID], plan: Callable[..., None]
) -> None:
    plan(2, 0)
    lot = formed()
    [first, _second] = waiting(lot)
    put_to_test(first, error=900)
    hung = hanging.where_installed(meter_id=first, day=TODAY)
    fresh = street.meter("NEW-1", Service.ELECTRICITY)
    meters.add_meter(actor=street.town.house, at=NOW, meter=fresh)
    assert hung is not None

    meters.exchange(
        actor=street.town.house, at=NOW, id=new_id(NOW), service_point_id=hung.service_point_id,
        day=TODAY, new_meter_id=fresh.id, closing={"1.8.0": "10"}, opening={"1.8.0": "0"},
    )  # fmt: skip

    orders = {o.meter_id: o.hangs for o in lots.exchange_orders(lot_id=lot.id, day=TODAY)}
    assert orders.pop(first) is False
    assert set(orders.values()) == {True}


def test_who_is_passed_over_gives_his_place_to_the_next_of_the_draw(
    batch: list[UUID], plan: Callable[..., None]
) -> None:
    plan(2, 0)
    lot = formed()
    order = lots.lot_meters(lot_id=lot.id)

    operations.pass_over(
        actor=HEAD, at=NOW, lot_id=lot.id, meter_id=order[0], reason="The house is locked"
    )

    assert waiting(lot) == order[1:3]
    put_to_test(order[0], error=900)
    assert state_of(lot) is LotState.SAMPLED
    with pytest.raises(sampling.NotInSample):
        operations.pass_over(
            actor=HEAD, at=NOW, lot_id=lot.id, meter_id=order[0], reason="Once more"
        )
    with pytest.raises(sampling.ReasonMissing):
        operations.pass_over(actor=HEAD, at=NOW, lot_id=lot.id, meter_id=order[1], reason=" ")


def test_a_lot_of_which_nobody_could_be_tested_has_proved_nothing(
    batch: list[UUID], plan: Callable[..., None]
) -> None:
    plan(2, 0)
    lot = formed()

    for one in lots.lot_meters(lot_id=lot.id):
        operations.pass_over(
            actor=HEAD, at=NOW, lot_id=lot.id, meter_id=one, reason="Cannot be reached"
        )

    assert state_of(lot) is LotState.REJECTED
    with pytest.raises(WrongState):
        operations.pass_over(actor=HEAD, at=NOW, lot_id=lot.id, meter_id=batch[0], reason="Late")


def test_a_test_of_another_kind_or_of_a_meter_that_was_not_drawn_counts_for_no_lot(
    batch: list[UUID], plan: Callable[..., None]
) -> None:
    plan(2, 0)
    lot = formed()
    order = lots.lot_meters(lot_id=lot.id)

    put_to_test(order[0], error=900, kind=TestKind.SITE)
    put_to_test(order[5], error=900)

    assert state_of(lot) is LotState.SAMPLED
    assert {one.verdict for one in lots.sample(lot_id=lot.id)} == {None}


def test_a_lot_is_formed_once_and_its_seed_is_not_drawn_anew(
    batch: list[UUID], plan: Callable[..., None]
) -> None:
    plan(2, 0)
    lot = formed()

    again = operations.form_lot(actor=ENGINEER, at=NOW, lot_id=lot.id, batch=BATCH, seed="f" * 32)

    assert again == lot
    with pytest.raises(InputDiffers):
        operations.form_lot(
            actor=ENGINEER, at=NOW, lot_id=lot.id, batch=replace(BATCH, year=2017), seed="f" * 32
        )
    with pytest.raises(sampling.LotImpossible):
        formed(seed="f" * 32)


def test_an_inspector_forms_no_lot(batch: list[UUID]) -> None:
    with pytest.raises(NotAllowed):
        operations.form_lot(actor=INSPECTOR, at=NOW, lot_id=new_id(NOW), batch=BATCH, seed=SEED)

    assert lots.lots() == []
    assert denied("metrology.form_lot") == 1


def test_the_story_of_a_meter_tells_of_its_lot(
    batch: list[UUID], plan: Callable[..., None]
) -> None:
    plan(1, 0)
    lot = formed()
    order = lots.lot_meters(lot_id=lot.id)
    put_to_test(order[0])

    drawn = [s.code for s in history.steps(About(meters=frozenset(order[:1])))]
    other = history.steps(About(meters=frozenset(order[1:2])))

    assert drawn == ["metrology.drawn"]
    assert [(s.code, s.facts["until_day"]) for s in other] == [("metrology.extended", "2031-09-01")]
    assert lots.sample(lot_id=lot.id)[0].verdict is Verdict.PASSED

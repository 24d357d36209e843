"""A lot is formed, its sample drawn, and decided by the tests of the sample alone.

Nobody decides by hand: with the last test, or with the one that is too many failed, the lot is
accepted and its meters are certified for longer, or rejected and all of them are ordered down.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from tahseel.consumption.metrology import events, rules
from tahseel.consumption.metrology.queries import lots
from tahseel.consumption.metrology.values import (
    LOT_LIFE,
    Basis,
    Batch,
    Drawn,
    Lot,
    LotState,
    TestKind,
    TestView,
    Verdict,
)
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import local_day
from tahseel.kernel.states import WrongState
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

FORMERS = ("supply_engineer", "office_head", "revenue_manager")
SEED_MIN = 16
_METER = {"lot_id": "uuid", "rank": "int4", "meter_id": "uuid"}
_ORDER = {
    "id": "uuid", "lot_id": "uuid", "meter_id": "uuid", "due_on": "date",
    "ordered_at": "timestamptz",
}  # fmt: skip
_CERTIFICATION = {
    "id": "uuid", "meter_id": "uuid", "from_day": "date", "until_day": "date", "basis": "text",
    "reference": "text", "recorded_at": "timestamptz", "recorded_by": "text",
}  # fmt: skip
_HELD = """
select distinct on (c.meter_id) c.meter_id, c.from_day, c.until_day, c.basis
from metrology_lot_meter l join metrology_certification c on c.meter_id = l.meter_id
where l.lot_id = %s order by c.meter_id, c.recorded_at desc, c.from_day desc, c.id desc
"""


class LotUnknown(NotFound):
    """No such lot."""

    code = "lot_unknown"
    text_ar = "لا توجد دفعة بهذا الرقم"
    text_en = "There is no such lot"


class LotImpossible(Refusal):
    """No meters whose certification ends soon fit it, or more than any plan knows."""

    code = "lot_impossible"
    text_ar = "لا يمكن تكوين دفعة من عدادات {make} لسنة {year}: عددها {size}"
    text_en = "No lot can be formed of the meters of {make} of {year}: there are {size}"
    http_status = 409


class NotInSample(Refusal):
    """The meter does not wait to be tested in this lot's sample."""

    code = "meter_not_in_sample"
    text_ar = "العداد ليس ضمن العينة التي تنتظر الفحص"
    text_en = "The meter is not among those of the sample that wait for their test"
    http_status = 409


class ReasonMissing(Refusal):
    """Whoever passes a meter over says why it cannot be tested."""

    code = "pass_over_reason_missing"
    text_ar = "يجب ذكر سبب تجاوز العداد"
    text_en = "Say why the meter cannot be tested"


@audited("metrology.form_lot", subject="lot_id")
def form_lot(*, actor: Actor, at: datetime, lot_id: UUID, batch: Batch, seed: str) -> Lot:
    """Form a lot of the meters of a batch that hang today, and draw its sample.

    lot_id: the caller's; the same again answers the same lot with its first seed. seed: drawn by
    the program that calls, never typed. Raises NotAllowed, LotImpossible, InputDiffers.
    """
    require(actor, *FORMERS)
    assert len(seed) >= SEED_MIN
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('lots', 7))")
    before = lots.lot(lot_id=lot_id)
    if before is not None:
        if before.batch != batch:
            raise InputDiffers(operation="metrology.form_lot")
        return before
    day = local_day(at)
    order = rules.drawn(seed, lots.members(batch=batch, day=day))
    known = rules.policy().sampling(batch.service)
    plan = known.plan(len(order)) if known else None
    if plan is None:
        raise LotImpossible(make=batch.make, year=batch.year, size=len(order))
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into metrology_lot (id, service, make, phase, year, formed_on, size, sample,"
            " accept, seed, state, formed_at, formed_by)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'sampled', %s, %s)",
            [
                lot_id, str(batch.service), batch.make, batch.phase, batch.year, day, len(order),
                plan.sample, plan.accept, seed, at, actor.id,
            ],
        )  # fmt: skip
    rows = [(lot_id, rank, meter_id) for rank, meter_id in enumerate(order, start=1)]
    bulk.copy_rows(table="metrology_lot_meter", columns=_METER, rows=rows)
    note(make=batch.make, year=batch.year, size=len(order), sample=plan.sample, seed=seed)
    return _known(lot_id)


@audited("metrology.pass_over", subject="lot_id")
def pass_over(*, actor: Actor, at: datetime, lot_id: UUID, meter_id: UUID, reason: str) -> None:
    """A meter of the sample cannot be tested; the next of the draw takes its place.

    Raises NotAllowed, LotUnknown, ReasonMissing, NotInSample, WrongState.
    """
    require(actor, *FORMERS)
    if not reason.strip():
        raise ReasonMissing()
    lot = _locked(lot_id)
    if lot.state is not LotState.SAMPLED:
        raise WrongState(machine="lot", current=str(lot.state), wanted="tested")
    _waiting(lot, meter_id)
    _result(lot, meter_id, None, reason.strip(), actor=actor, at=at)
    note(meter=str(meter_id), reason=reason.strip())
    _decide(lot, actor=actor, at=at)


def take_test(*, actor: Actor, at: datetime, found: TestView) -> None:
    """A test of a sample's meter counts for its lot, in the transaction that puts it on record.

    A test of a meter that waits in no sample, or that was made before the draw, counts for no lot.
    """
    lot = lots.lot_sampling(meter_id=found.meter_id)
    if lot is None or found.kind is not TestKind.SAMPLING or found.tested_on < lot.formed_on:
        return
    lot = _locked(lot.id)
    waits = {one.meter_id for one in lots.sample(lot_id=lot.id) if one.waits}
    if lot.state is not LotState.SAMPLED or found.meter_id not in waits:
        return
    _result(lot, found.meter_id, found.id, "", actor=actor, at=at)
    note(lot=str(lot.id))
    _decide(lot, actor=actor, at=at)


def _known(lot_id: UUID) -> Lot:
    found = lots.lot(lot_id=lot_id)
    if found is None:
        raise LotUnknown()
    return found


def _locked(lot_id: UUID) -> Lot:
    """Whatever decides a lot queues behind its row."""
    with connection.cursor() as cursor:
        cursor.execute("select id from metrology_lot where id = %s for update", [lot_id])
    return _known(lot_id)


def _waiting(lot: Lot, meter_id: UUID) -> Drawn:
    for one in lots.sample(lot_id=lot.id):
        if one.meter_id == meter_id and one.waits:
            return one
    raise NotInSample()


def _result(
    lot: Lot, meter_id: UUID, test_id: UUID | None, reason: str, *, actor: Actor, at: datetime
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into metrology_lot_result"
            " (lot_id, meter_id, test_id, passed_over, recorded_at, recorded_by)"
            " values (%s, %s, %s, %s, %s, %s)",
            [lot.id, meter_id, test_id, reason, at, actor.id],
        )


def _decide(lot: Lot, *, actor: Actor, at: datetime) -> None:
    """A lot of which no meter could be tested has proved nothing and is rejected."""
    found = lots.sample(lot_id=lot.id)
    told = Counter(one.verdict for one in found if one.verdict)
    state = rules.lot_verdict(
        accept=lot.accept,
        failed=told[Verdict.FAILED],
        waiting=sum(one.waits for one in found),
    )
    if state is LotState.ACCEPTED and not told:
        state = LotState.REJECTED
    if state is LotState.SAMPLED:
        return
    LOT_LIFE.require(lot.state, state)
    with connection.cursor() as cursor:
        cursor.execute(
            "update metrology_lot set state = %s, decided_at = %s where id = %s",
            [str(state), at, lot.id],
        )
    failed = {one.meter_id for one in found if one.verdict is Verdict.FAILED}
    if state is LotState.ACCEPTED:
        count = _extend(lot, actor=actor, at=at)
        _order_down(lot, failed, at=at)
    else:
        count = _order_down(lot, set(lots.lot_meters(lot_id=lot.id)), at=at)
    note(lot=str(lot.id), lot_state=str(state), failed=len(failed), meters=count)
    events.lot_decided(lot_id=lot.id, state=state, meters=count, at=at)


def _held(lot: Lot) -> list[tuple[UUID, date, date, Basis]]:
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [lot.id])
        return [(meter, first, until, Basis(b)) for meter, first, until, b in cursor.fetchall()]


def _extend(lot: Lot, *, actor: Actor, at: datetime) -> int:
    """Certified for longer from the end on, or from today where that has passed.

    A meter that was tested by itself keeps what its test said.
    """
    known = rules.policy().sampling(lot.batch.service)
    assert known is not None
    day, rows = local_day(at), []
    for meter_id, first, until, basis in _held(lot):
        if basis not in {Basis.MAKER, Basis.LOT}:
            continue
        later = rules.months_later(max(until, day), known.months)
        rows.append(
            (derived_id(lot.id, f"extended {meter_id}"), meter_id, first, later, str(Basis.LOT),
             str(lot.id), at, actor.id)
        )  # fmt: skip
    bulk.copy_rows(table="metrology_certification", columns=_CERTIFICATION, rows=rows)
    return len(rows)


def _order_down(lot: Lot, meter_ids: set[UUID], *, at: datetime) -> int:
    """Due when the certification ends; within the days of the data where it has ended."""
    known = rules.policy().sampling(lot.batch.service)
    assert known is not None
    day = local_day(at)
    ends = {meter_id: until for meter_id, _first, until, _basis in _held(lot)}
    latest = day + timedelta(days=known.exchange_days)
    rows = [
        (derived_id(lot.id, f"down {one}"), lot.id, one,
         ends[one] if ends[one] > day else latest, at)
        for one in sorted(meter_ids)
    ]  # fmt: skip
    bulk.append_rows(table="metrology_exchange_order", columns=_ORDER, rows=rows)
    return len(rows)

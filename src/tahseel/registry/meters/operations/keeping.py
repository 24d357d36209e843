"""Devices that hang nowhere, and seals: put in a store, on the bench, lost, scrapped; sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.idempotency import input_hash
from tahseel.registry.meters import events, queries, rules
from tahseel.registry.meters.models import Installation, Meter, Seal
from tahseel.registry.meters.operations.hanging import BATCH_MAX, MeterUnknown, refusing
from tahseel.registry.meters.values import (
    NewSeal,
    NewStockStep,
    SealFound,
    SealView,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


class StockRefused(Refusal):
    """The device hangs somewhere on that day, or cannot go from where it is to there."""

    code = "meter_stock_refused"
    text_ar = "لا يمكن نقل العداد {serial} من الحالة {current} إلى {wanted}"
    text_en = "Meter {serial} cannot go from {current} to {wanted}"
    http_status = 409


class SealRefused(Refusal):
    """The seal's number is used, or it is not on the meter on that day."""

    code = "seal_refused"
    text_ar = "الختم {number} مستخدم من قبل أو ليس على العداد"
    text_en = "Seal {number} was used before, or is not on the meter"
    http_status = 409


@audited("meters.record_stock", subject="step")
def record_stock(*, actor: Actor, at: datetime, step: NewStockStep) -> None:
    """Say where a device that hangs nowhere is from a day on.

    Raises MeterUnknown; StockRefused while it hangs, and from scrapped to anywhere.
    """
    require_duty(actor, "meters.record_stock")
    meter = Meter.objects.select_for_update().filter(pk=step.meter_id).first()
    if meter is None:
        raise MeterUnknown()
    current = queries.stock_state(meter_id=step.meter_id)
    hanging = Installation.objects.filter(meter_id=step.meter_id).exclude(
        removed_on__lte=step.on_day
    )
    facts = {"serial": meter.serial, "wanted": str(step.state)}
    if hanging.exists():
        raise StockRefused(current="installed", **facts)
    if not rules.STOCK.allows(current, step.state):
        raise StockRefused(current=str(current), **facts)
    with refusing(meter.serial):
        _store_steps(actor, at, [step])
    note(meter=str(meter.id), serial=meter.serial, state=str(step.state), store=step.store)
    events.stocked(meter_id=step.meter_id, state=step.state, store=step.store, at=at)


@audited("meters.fix_seal", subject="seal")
def fix_seal(*, actor: Actor, at: datetime, seal: NewSeal) -> None:
    """A seal is put on a meter. Raises MeterUnknown, SealRefused."""
    require_duty(actor, "meters.fix_seal")
    if not Meter.objects.filter(pk=seal.meter_id).exists():
        raise MeterUnknown()
    try:
        with transaction.atomic():
            _store_seals([seal])
    except bulk.BROKEN_RULES as broken:
        raise SealRefused(number=seal.number) from broken
    note(meter=str(seal.meter_id), number=seal.number)


@audited("meters.remove_seal", subject="number")
def remove_seal(
    *, actor: Actor, at: datetime, number: str, on_day: date, found: SealFound, reference: str
) -> SealView:
    """A seal comes off, intact or found broken; a broken one is announced (it may be theft).

    Raises SealRefused when no such seal is on a meter on that day.
    """
    require_duty(actor, "meters.remove_seal")
    seal = Seal.objects.select_for_update().filter(number=number, removed_on=None).first()
    if seal is None or on_day < seal.fixed_on:
        raise SealRefused(number=number)
    seal.removed_on, seal.found, seal.reference = on_day, str(found), reference
    seal.save(update_fields=["removed_on", "found", "reference"])
    note(meter=str(seal.meter_id), found=str(found), reference=reference)
    if found is SealFound.BROKEN:
        events.seal_broken(meter_id=seal.meter_id, number=number, on_day=on_day, at=at)
    return queries.seal_view(seal)


@audited("meters.keep_many", subject="batch")
def keep_many(
    *,
    actor: Actor,
    at: datetime,
    batch: str,
    seals: Sequence[NewSeal],
    steps: Sequence[NewStockStep],
) -> int:
    """Seals and whereabouts of many devices by COPY, all or none; returns how many rows.

    For devices that were never in another state. Raises MeterRefused.
    """
    require_duty(actor, "meters.keep_many")
    if len(seals) + len(steps) > BATCH_MAX:
        raise ValueError(f"at most {BATCH_MAX} rows a batch")
    with refusing(""):
        _store_seals(seals)
        _store_steps(actor, at, steps)
    digest = input_hash({"seals": list(seals), "steps": list(steps)}).hex()
    note(count=len(seals) + len(steps), digest=digest)
    return len(seals) + len(steps)


_STEP = {
    "id": "uuid", "meter_id": "uuid", "state": "text", "store": "text", "on_day": "date",
    "reference": "text", "recorded_at": "timestamptz", "recorded_by": "text",
}  # fmt: skip
_SEAL = {
    "id": "uuid", "meter_id": "uuid", "number": "text", "fixed_on": "date", "found": "text",
    "reference": "text",
}  # fmt: skip


def _store_steps(actor: Actor, at: datetime, steps: Sequence[NewStockStep]) -> None:
    rows = [
        (s.id, s.meter_id, str(s.state), s.store, s.on_day, s.reference, at, actor.id)
        for s in steps
    ]
    bulk.copy_rows(table="meters_stock_step", columns=_STEP, rows=rows)


def _store_seals(seals: Sequence[NewSeal]) -> None:
    rows = [(s.id, s.meter_id, s.number, s.fixed_on, "", s.reference) for s in seals]
    bulk.copy_rows(table="meters_seal", columns=_SEAL, rows=rows)

"""Meters with where they hang, and the last read of each."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.db import connection

from tahseel.app.take_on.loading import Body, Loading, chunks, day, point_id, sure_day
from tahseel.app.take_on.values import Entity
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel import bulk
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import local_day, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import (
    BASE_PER_UNIT,
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    NewSeal,
    NewStockStep,
    Phase,
    RegisterKind,
    StockState,
)

CODES = {Service.ELECTRICITY: "1.8.0", Service.WATER: "8.1.0"}
READ_QUALITY = "actual"


def devices(load: Loading) -> None:
    """Meters hung or in stock; a meter without a unit lies in stock."""
    with connection.cursor() as cursor:
        cursor.execute("create temp table app_taken_meter (id uuid) on commit drop")
    for chunk in chunks(load.bodies(Entity.METERS, "s.line")):
        made = [_meter(load, body) for body in chunk]
        hung = [
            _installation(load, meter, body)
            for meter, body in zip(made, chunk, strict=True)
            if body["unit"]
        ]
        meters.add_many(
            actor=load.actor, at=load.at, batch=load.batch, meters=made, installations=hung
        )
        _keep(load, made, chunk)
        readings.store_register_reads(
            actor=load.actor, at=load.at, rows=_reads(made, chunk), source=load.batch
        )
        ids = ((meter.id,) for meter in made)
        bulk.copy_rows(table="app_taken_meter", columns={"id": "uuid"}, rows=ids)
        load.progress("meters", len(chunk))


def _meter(load: Loading, body: Body) -> NewMeter:
    meter_id = load.id_of(Entity.METERS, body["serial"])
    service = Service(body["service"])
    code = body["register"] or CODES[service]
    phase = Phase.SINGLE if service is Service.ELECTRICITY else Phase.NONE
    register = NewRegister(
        id=derived_id(meter_id, "register", code),
        code=code,
        kind=RegisterKind(body["register_kind"] or RegisterKind.IMPORT),
        unit=DialUnit(body["dial_unit"]),
        digits=body["digits"],
        decimals=body["decimals"] or 0,
        multiplier=body["multiplier"] or 1,
    )
    return NewMeter(
        id=meter_id,
        serial=body["serial"],
        service=service,
        make=body["make"] or "",
        phase=Phase(body["phase"]) if body["phase"] else phase,
        registers=(register,),
    )


def _installation(load: Loading, meter: NewMeter, body: Body) -> NewInstallation:
    unit_id = load.id_of(Entity.UNITS, body["unit"])
    return NewInstallation(
        id=derived_id(meter.id, "installation"),
        meter_id=meter.id,
        service_point_id=point_id(unit_id, meter.service, body["point"] or 1),
        installed_on=sure_day(body["installed_on"]),
        opening={meter.registers[0].code: body["opening"]} if body["opening"] else {},
    )


def _keep(load: Loading, made: list[NewMeter], chunk: list[Body]) -> None:
    """Seals, known since the change at the latest; the store of each meter that hangs nowhere."""
    pairs = list(zip(made, chunk, strict=True))
    today = local_day(load.at)
    seals = [
        NewSeal(
            derived_id(meter.id, "seal"), meter.id, body["seal"], day(body["installed_on"]) or today
        )
        for meter, body in pairs
        if body["seal"]
    ]
    steps = [
        NewStockStep(
            derived_id(meter.id, "stock"), meter.id, StockState.IN_STORE, today, body["store"] or ""
        )
        for meter, body in pairs
        if not body["unit"]
    ]
    meters.keep_many(actor=load.actor, at=load.at, batch=load.batch, seals=seals, steps=steps)


def _reads(made: list[NewMeter], chunk: list[Body]) -> Iterator[DialRead]:
    """The last read of each meter, at the beginning of its day."""
    for meter, body in zip(made, chunk, strict=True):
        if body["last_read"]:
            register = meter.registers[0]
            exact = Decimal(body["last_read"]) * BASE_PER_UNIT[register.unit]
            value = round_half_up(*exact.as_integer_ratio())
            at = start_of(sure_day(body["last_read_on"]))
            yield DialRead(meter.id, register.code, at, value, READ_QUALITY)

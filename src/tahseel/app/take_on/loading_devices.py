"""Meters with where they hang, and the last read of each; the database makes the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from django.db import connection

from tahseel.app.take_on import devices_in_sql as statements
from tahseel.app.take_on import staging
from tahseel.app.take_on.checking import expand
from tahseel.app.take_on.loading import Loading, chunks
from tahseel.app.take_on.values import ROOT
from tahseel.consumption.field import operations as field
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel import bulk
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import local_day, start_of
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import BASE_PER_UNIT, DialUnit

READ_QUALITY = "actual"
_begins = lru_cache(maxsize=4_096)(start_of)
_Read = tuple[UUID, str, str, str, date]


def devices(load: Loading) -> None:
    """Meters hung or in stock; a meter without a unit lies in stock."""
    name, statement = statements.FOUND
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temp table {name} on commit drop as {expand(statement)}",
            {"run": load.run_id, "system": load.mapping.system, "root": ROOT},
        )
        staging.analyse_found(name)
    today: dict[str, bulk.Value] = {"today": local_day(load.at)}
    count = meters.add_lines(
        actor=load.actor,
        at=load.at,
        batch=load.batch,
        meters=bulk.Lines(statements.METERS),
        registers=bulk.Lines(statements.REGISTERS),
        installations=bulk.Lines(statements.INSTALLATIONS),
        seals=bulk.Lines(statements.SEALS, today),
        steps=bulk.Lines(statements.STEPS, today),
    )
    load.progress("meters", count)
    laid = field.adopt_routes(
        actor=load.actor, at=load.at, batch=load.batch, stops=bulk.Lines(statements.ROUTES)
    )
    load.progress("stops on routes", laid.stops)
    for chunk in chunks(load.lines(statements.READS)):
        readings.store_register_reads(
            actor=load.actor, at=load.at, rows=_reads(chunk), source=load.batch
        )
        load.progress("reads", len(chunk))


def _reads(lines: Iterable[_Read]) -> Iterator[DialRead]:
    """The last read of each meter, at the beginning of its day."""
    for meter_id, code, unit, text, day in lines:
        exact = Decimal(text) * BASE_PER_UNIT[DialUnit(unit)]
        value = round_half_up(*exact.as_integer_ratio())
        yield DialRead(meter_id, code, _instant(day), value, READ_QUALITY)


def _instant(day: date) -> datetime:
    return _begins(day)

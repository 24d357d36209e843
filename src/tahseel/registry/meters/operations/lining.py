"""Puts meters on record whose rows the database makes, with where they hang, seals and stores."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.registry.meters import events, rules
from tahseel.registry.meters.operations.hanging import REGISTER_COLUMNS, MeterRefused, refusing
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

_METER = ("id", "serial", "service", "make", "phase")
_INSTALLATION = ("id", "meter_id", "service_point_id", "installed_on", "opening")
_SEAL = ("id", "meter_id", "number", "fixed_on")
_STEP = ("id", "meter_id", "state", "store", "on_day")
_UNFIT = """
select m.serial from ({registers}) as r join ({meters}) as m on m.id = r.meter_id
where r.code = '' or r.digits not between 1 and {digits} or r.decimals not between 0 and {decimals}
  or r.multiplier not between 1 and {multiplier} or (m.service, r.unit) not in ({units})
limit 1
"""


@audited("meters.add_lines", subject="batch")
def add_lines(
    *,
    actor: Actor,
    at: datetime,
    batch: str,
    meters: bulk.Lines,
    registers: bulk.Lines,
    installations: bulk.Lines,
    seals: bulk.Lines,
    steps: bulk.Lines,
) -> int:
    """`add_many` and `keep_many` inside the database, all or none; how many meters.

    meters: id, serial, service, make, phase; registers: id, meter_id, code, kind, unit, digits,
    decimals, multiplier; installations: id, meter_id, service_point_id, installed_on, opening
    (jsonb); seals: id, meter_id, number, fixed_on; steps: id, meter_id, state, store, on_day. The
    log keeps the counts and a SHA-256 of the meters' rows. Raises MeterRefused.
    """
    require_duty(actor, "meters.add_lines")
    _require_fitting(meters, registers)
    nothing = {"closing": "{}", "multipliers": "{}"}
    with refusing(""):
        count = bulk.insert_lines(table="meters_meter", columns=_METER, lines=meters, added_at=at)
        bulk.insert_lines(table="meters_register", columns=REGISTER_COLUMNS, lines=registers)
        hung = bulk.insert_lines(
            table="meters_installation", columns=_INSTALLATION, lines=installations, **nothing
        )
        bulk.insert_lines(table="meters_seal", columns=_SEAL, lines=seals, found="", reference="")
        bulk.insert_lines(
            table="meters_stock_step", columns=_STEP, lines=steps,
            reference="", recorded_at=at, recorded_by=actor.id,
        )  # fmt: skip
    digest = bulk.digest(meters)
    note(count=count, hung=hung, digest=digest)
    events.batch_added(batch=batch, count=count + hung, digest=digest, at=at)
    return count


def _require_fitting(meters: bulk.Lines, registers: bulk.Lines) -> None:
    units = ", ".join(
        f"('{service}', '{unit}')" for service, units in rules.UNITS_OF.items() for unit in units
    )
    statement = _UNFIT.format(
        registers=registers.statement,
        meters=meters.statement,
        digits=rules.DIGITS_MAX,
        decimals=rules.DECIMALS_MAX,
        multiplier=rules.MULTIPLIER_MAX,
        units=units,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {**meters.values, **registers.values})
        if (row := cursor.fetchone()) is not None:
            raise MeterRefused(serial=row[0], rule="register")

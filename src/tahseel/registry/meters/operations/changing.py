"""A meter changed where it hangs: other transformers, another programme. It never comes down.

Each is one event: the old span of the installation ends with the dial values, and the new one
begins with its own, so that what was counted before is never counted again, nor lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.registry.meters import events, queries, rules
from tahseel.registry.meters.models import Installation
from tahseel.registry.meters.operations.hanging import (
    REGISTER_COLUMNS,
    DialInvalid,
    close,
    refusing,
    register_row,
    require_dials,
    store_installations,
    the_meter,
)
from tahseel.registry.meters.values import (
    InstallationView,
    MeterView,
    NewInstallation,
    NewRegister,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note


class ChangeInvalid(Refusal):
    """A ratio of a register that is not there, or a register that does not fit."""

    code = "meter_change_invalid"
    text_ar = "تغيير السجل {register} غير ممكن: {reason}"
    text_en = "The change of register {register} is not possible: {reason}"


@audited("meters.change_multipliers", subject="meter_id")
def change_multipliers(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    meter_id: UUID,
    day: date,
    dials: Mapping[str, str],
    multipliers: Mapping[str, int],
) -> InstallationView:
    """The transformers before the meter are replaced: from the day on its dials count otherwise.

    id: the new span's; dials: every register's value on the day; multipliers: register code -> the
    new ratio, others keep theirs. Raises MeterUnknown, NotInstalled, DialInvalid, ChangeInvalid.
    """
    require_duty(actor, "meters.change_multipliers")
    meter = the_meter(meter_id)
    for code, ratio in multipliers.items():
        if meter.register(code) is None or not 1 <= ratio <= rules.MULTIPLIER_MAX:
            raise ChangeInvalid(register=code, reason="no such register, or the ratio is wrong")
    hung = _hanging(meter_id, day)
    old = close(hung, meter, day, dials)
    ratios = {**old.multipliers, **multipliers}
    return _go_on(at, old, NewInstallation(
        id, meter_id, old.service_point_id, day, opening=dials, multipliers=ratios
    ))  # fmt: skip


@audited("meters.reprogramme", subject="meter_id")
def reprogramme(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    meter_id: UUID,
    day: date,
    closing: Mapping[str, str],
    opening: Mapping[str, str],
    added: Sequence[NewRegister] = (),
) -> InstallationView:
    """The meter gets another programme: its dials begin anew, and it may get further registers.

    closing, opening: every register's value before and after; `opening` also names those added.
    Raises MeterUnknown, NotInstalled, DialInvalid; ChangeInvalid when an added register does not
    fit or is there already (other digits need another device).
    """
    require_duty(actor, "meters.reprogramme")
    meter = the_meter(meter_id)
    for register in added:
        known = meter.register(register.code) is not None
        if known or not rules.register_fits(register, meter.service):
            raise ChangeInvalid(register=register.code, reason="it is there, or does not fit")
    old = close(_hanging(meter_id, day), meter, day, closing)
    with refusing(meter.serial):
        rows = [register_row(meter_id, register) for register in added]
        bulk.copy_rows(table="meters_register", columns=REGISTER_COLUMNS, rows=rows)
    changed = the_meter(meter_id)
    _require_all(changed, opening)
    return _go_on(at, old, NewInstallation(
        id, meter_id, old.service_point_id, day, opening=opening, multipliers=old.multipliers
    ))  # fmt: skip


def _hanging(meter_id: UUID, day: date) -> Installation | None:
    hung = Installation.objects.select_for_update().filter(
        meter_id=meter_id, removed_on=None, installed_on__lt=day
    )
    return hung.first()


def _require_all(meter: MeterView, opening: Mapping[str, str]) -> None:
    require_dials(meter, opening)
    if missing := rules.missing_dials(opening, meter.registers):
        raise DialInvalid(register=missing[0], reason="the value is missing")


def _go_on(at: datetime, old: InstallationView, new: NewInstallation) -> InstallationView:
    store_installations([new])
    events.changed(
        meter_id=new.meter_id,
        service_point_id=new.service_point_id,
        day=new.installed_on,
        closing=old.closing,
        opening=new.opening,
        multipliers=new.multipliers,
        at=at,
    )
    note(serial=old.serial, day=new.installed_on.isoformat(), multipliers=dict(new.multipliers))
    return queries.installation(installation_id=new.id)

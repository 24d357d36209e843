"""Devices put on record, hung, taken down, exchanged as one event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from psycopg.types.json import Jsonb

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import input_hash
from tahseel.registry.meters import events, queries, rules
from tahseel.registry.meters.models import Installation
from tahseel.registry.meters.values import (
    InstallationView,
    MeterView,
    NewInstallation,
    NewMeter,
    NewRegister,
)
from tahseel.registry.premises import queries as premises
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

BATCH_MAX = 500_000


class MeterUnknown(NotFound):
    """No such meter."""

    code = "meter_not_on_record"
    text_ar = "العداد غير مسجل"
    text_en = "There is no such meter"


class ServicePointUnknown(NotFound):
    """No such service point."""

    code = "service_point_unknown"
    text_ar = "نقطة الخدمة غير مسجلة"
    text_en = "There is no such service point"


class MeterRefused(Refusal):
    """The serial or a register is already on record, or a register does not fit the service."""

    code = "meter_refused"
    text_ar = "العداد {serial} مسجل من قبل أو أحد سجلاته غير صحيح ({rule})"
    text_en = "Meter {serial} is already on record or a register does not fit ({rule})"
    http_status = 409


class InstallationOverlap(Refusal):
    """The meter hangs elsewhere, or the service point holds another meter, on some of the days."""

    code = "installation_overlap"
    text_ar = "العداد {serial} يشغل هذه الأيام منذ {installed_on}"
    text_en = "Meter {serial} already occupies these days, from {installed_on} on"
    http_status = 409


class ServiceDiffers(Refusal):
    """A water meter at an electricity point, or the other way round."""

    code = "service_differs"
    text_ar = "عداد خدمة {meter} لا يركب في نقطة خدمة {point}"
    text_en = "A meter for {meter} does not belong at a point for {point}"


class MeterOutOfUse(Refusal):
    """The device is lost or scrapped."""

    code = "meter_out_of_use"
    text_ar = "العداد {serial} غير صالح للتركيب ({state})"
    text_en = "Meter {serial} is not to be hung ({state})"
    http_status = 409


class DialInvalid(Refusal):
    """A dial value that the register cannot show, or one that is missing."""

    code = "dial_invalid"
    text_ar = "قراءة السجل {register} غير ممكنة: {reason}"
    text_en = "The value of register {register} is not possible: {reason}"


class NotInstalled(Refusal):
    """There is no meter to take down on that day."""

    code = "not_installed"
    text_ar = "لا يوجد عداد مركب في تاريخ {day}"
    text_en = "No meter is installed there on {day}"


@audited("meters.add_meter", subject="meter")
def add_meter(*, actor: Actor, at: datetime, meter: NewMeter) -> MeterView:
    """Put one device and its registers on record. Raises MeterRefused."""
    require_duty(actor, "meters.add_meter")
    _store_meters(at, [meter])
    note(serial=meter.serial, service=str(meter.service))
    return queries.meters(meter_ids=[meter.id])[meter.id]


@audited("meters.install_meter", subject="installation")
def install_meter(*, actor: Actor, at: datetime, installation: NewInstallation) -> InstallationView:
    """Hang a meter at a service point.

    Raises MeterUnknown, ServicePointUnknown, ServiceDiffers, MeterOutOfUse, DialInvalid,
    InstallationOverlap.
    """
    require_duty(actor, "meters.install_meter")
    meter = fitting_meter(installation.meter_id, installation.service_point_id)
    require_dials(meter, installation.opening)
    require_free(installation, meter)
    store_installations([installation])
    events.installed(
        meter_id=meter.id,
        service_point_id=installation.service_point_id,
        day=installation.installed_on,
        opening=installation.opening,
        at=at,
    )
    note(serial=meter.serial, service_point=str(installation.service_point_id))
    return queries.installation(installation_id=installation.id)


@audited("meters.remove_meter", subject="meter_id")
def remove_meter(
    *, actor: Actor, at: datetime, meter_id: UUID, removed_on: date, closing: Mapping[str, str]
) -> InstallationView:
    """Take a meter down; `removed_on` is the first day without it.

    closing: the dial value of every register. Raises MeterUnknown, NotInstalled, DialInvalid.
    """
    require_duty(actor, "meters.remove_meter")
    meter = the_meter(meter_id)
    hung = Installation.objects.select_for_update().filter(
        meter_id=meter_id, removed_on=None, installed_on__lt=removed_on
    )
    view = close(hung.first(), meter, removed_on, closing)
    events.removed(
        meter_id=meter_id,
        service_point_id=view.service_point_id,
        day=removed_on,
        closing=closing,
        at=at,
    )
    return view


@audited("meters.exchange", subject="service_point_id")
def exchange(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    service_point_id: UUID,
    day: date,
    new_meter_id: UUID,
    closing: Mapping[str, str],
    opening: Mapping[str, str],
) -> InstallationView:
    """Replace the meter of a service point on one day, as one event.

    id: the new installation's; closing: the old meter's dial values, every register; opening: the
    new one's. Both or nothing.
    Raises NotInstalled, MeterUnknown, ServiceDiffers, DialInvalid, InstallationOverlap.
    """
    require_duty(actor, "meters.exchange")
    new_meter = fitting_meter(new_meter_id, service_point_id)
    hung = (
        Installation.objects.select_for_update()
        .filter(service_point_id=service_point_id, removed_on=None, installed_on__lt=day)
        .first()
    )
    if hung is None:
        raise NotInstalled(day=day.isoformat())
    old = close(hung, the_meter(hung.meter_id), day, closing)
    require_dials(new_meter, opening)
    if missing := rules.missing_dials(opening, new_meter.registers):
        raise DialInvalid(register=missing[0], reason="the value is missing")
    new = NewInstallation(id, new_meter_id, service_point_id, day, opening=opening)
    require_free(new, new_meter)
    store_installations([new])
    events.exchanged(
        service_point_id=service_point_id,
        old_meter_id=old.meter_id,
        new_meter_id=new_meter_id,
        day=day,
        closing=closing,
        opening=opening,
        at=at,
    )
    note(removed=old.serial, installed=new_meter.serial, day=day.isoformat())
    return queries.installation(installation_id=id)


@audited("meters.add_many", subject="batch")
def add_many(
    *,
    actor: Actor,
    at: datetime,
    batch: str,
    meters: Sequence[NewMeter],
    installations: Sequence[NewInstallation],
) -> int:
    """Add many meters and installations by COPY, all or none; returns how many rows of both.

    The database refuses overlaps; dial values are taken as given. Raises MeterRefused.
    """
    require_duty(actor, "meters.add_many")
    if len(meters) + len(installations) > BATCH_MAX:
        raise ValueError(f"at most {BATCH_MAX} rows a batch")
    _store_meters(at, meters)
    store_installations(installations)
    count = len(meters) + len(installations)
    rows = {"meters": list(meters), "installations": list(installations)}
    digest = input_hash(rows).hex()
    note(count=count, digest=digest)
    events.batch_added(batch=batch, count=count, digest=digest, at=at)
    return count


def the_meter(meter_id: UUID) -> MeterView:
    meter = queries.meters(meter_ids=[meter_id]).get(meter_id)
    if meter is None:
        raise MeterUnknown()
    return meter


def fitting_meter(meter_id: UUID, service_point_id: UUID) -> MeterView:
    meter = the_meter(meter_id)
    point = premises.service_points_by_id(ids=[service_point_id]).get(service_point_id)
    if point is None:
        raise ServicePointUnknown()
    if point.service != meter.service:
        raise ServiceDiffers(meter=str(meter.service), point=str(point.service))
    if (state := queries.stock_state(meter_id=meter_id)) in rules.OUT_OF_USE:
        raise MeterOutOfUse(serial=meter.serial, state=str(state))
    return meter


def require_dials(meter: MeterView, values: Mapping[str, str]) -> None:
    wrong = rules.wrong_dial(values, meter.registers)
    if wrong is not None:
        raise DialInvalid(register=wrong[0], reason=wrong[1])


def require_free(new: NewInstallation, meter: MeterView) -> None:
    """Looked up first for a clear answer; the exclusion constraints settle a race."""
    other = queries.first_overlap(
        meter_id=new.meter_id,
        service_point_id=new.service_point_id,
        installed_on=new.installed_on,
        removed_on=new.removed_on,
    )
    if other is not None:
        raise InstallationOverlap(serial=other.serial, installed_on=other.installed_on.isoformat())


def close(
    hung: Installation | None, meter: MeterView, day: date, closing: Mapping[str, str]
) -> InstallationView:
    if hung is None:
        raise NotInstalled(day=day.isoformat())
    require_dials(meter, closing)
    if missing := rules.missing_dials(closing, meter.registers):
        raise DialInvalid(register=missing[0], reason="the value is missing")
    hung.removed_on = day
    hung.closing = dict(closing)
    hung.save(update_fields=["removed_on", "closing"])
    return queries.installation(installation_id=hung.id)


_METER = {
    "id": "uuid", "serial": "text", "service": "text", "make": "text", "phase": "text",
    "added_at": "timestamptz", "size": "text",
}  # fmt: skip
REGISTER_COLUMNS = {
    "id": "uuid", "meter_id": "uuid", "code": "text", "kind": "text", "unit": "text",
    "digits": "int4", "decimals": "int4", "multiplier": "int4",
}  # fmt: skip
_INSTALLATION = {
    "id": "uuid", "meter_id": "uuid", "service_point_id": "uuid", "installed_on": "date",
    "removed_on": "date", "opening": "jsonb", "closing": "jsonb", "multipliers": "jsonb",
}  # fmt: skip


def _store_meters(at: datetime, meters: Sequence[NewMeter]) -> None:
    for meter in meters:
        if not all(rules.register_fits(r, meter.service) for r in meter.registers):
            raise MeterRefused(serial=meter.serial, rule="register")
    devices = [(m.id, m.serial, str(m.service), m.make, str(m.phase), at, m.size) for m in meters]
    registers = [register_row(m.id, register) for m in meters for register in m.registers]
    with refusing(meters[0].serial if len(meters) == 1 else ""):
        bulk.copy_rows(table="meters_meter", columns=_METER, rows=devices)
        bulk.copy_rows(table="meters_register", columns=REGISTER_COLUMNS, rows=registers)


def register_row(meter_id: UUID, register: NewRegister) -> tuple[object, ...]:
    return (
        register.id,
        meter_id,
        register.code,
        str(register.kind),
        str(register.unit),
        register.digits,
        register.decimals,
        register.multiplier,
    )


def store_installations(installations: Sequence[NewInstallation]) -> None:
    rows = [
        (
            i.id,
            i.meter_id,
            i.service_point_id,
            i.installed_on,
            i.removed_on,
            Jsonb(dict(i.opening)),
            Jsonb(dict(i.closing)),
            Jsonb(dict(i.multipliers)),
        )
        for i in installations
    ]
    with refusing(""):
        bulk.copy_rows(table="meters_installation", columns=_INSTALLATION, rows=rows)


@contextmanager
def refusing(serial: str) -> Iterator[None]:
    """A broken constraint becomes MeterRefused, which names the rule."""
    try:
        with transaction.atomic():
            yield
            bulk.settle_constraints()
    except bulk.BROKEN_RULES as broken:
        raise MeterRefused(serial=serial, rule=bulk.rule_broken(broken)) from broken

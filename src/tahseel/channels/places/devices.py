"""Puts together, for one screen, a meter's life: where it hung, seals, stores, reads, months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Chart, Measure, Pill, Series, Tone
from tahseel.channels.places.queries import word
from tahseel.channels.places.values import (
    QUALITY_NAMES,
    SEAL_NAMES,
    SERVICE_NAMES,
    STOCK_NAMES,
    Device,
    Hanging,
    Nested,
)
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.queries import MonthlyConsumption
from tahseel.consumption.readings.values import DialView
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import (
    BASE_PER_UNIT,
    InstallationView,
    MeterView,
    SealFound,
    SealView,
)
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply

EVER = Period(date(1950, 1, 1), date(2200, 1, 1))


def device(*, meter_id: UUID, language: str) -> Device | None:
    """A meter with all that happened to it; None for an unknown one."""
    meter = meters.meters(meter_ids=[meter_id]).get(meter_id)
    if meter is None:
        return None
    spans = meters.installations_of(meter_ids=[meter_id]).get(meter_id, [])
    steps = meters.stock_steps(meter_id=meter_id)
    seals = meters.seals(meter_id=meter_id)
    reads = readings.register_reads(meter_id=meter_id)
    return Device(
        meter=meter,
        service=word(SERVICE_NAMES, meter.service),
        state=_state(meter, spans),
        hangings=tuple(reversed(_hangings(meter, spans, language))),
        seals=tuple((seal, _seal_pill(seal)) for seal in reversed(seals)),
        stock=tuple((step, word(STOCK_NAMES, step.state)) for step in reversed(steps)),
        reads=tuple((one, _dial(one, meter), word(QUALITY_NAMES, one.quality)) for one in reads),
        chart=_chart(meter),
        behind=tuple(_nested(spans, mains=True)),
        before=tuple(_nested(spans, mains=False)),
    )


def _nested(spans: Sequence[InstallationView], *, mains: bool) -> list[Nested]:
    """Where the device hangs or hung last: its main meters, or its sub-meters."""
    if not spans:
        return []
    here = [spans[-1].service_point_id]
    ask = meters.mains_of if mains else meters.subs_of
    found = ask(point_ids=here, period=EVER)
    others = {one.main_point_id if mains else one.service_point_id for one in found}
    hung = meters.installations_at(service_point_ids=others)
    told = []
    for one in found:
        views = hung.get(one.main_point_id if mains else one.service_point_id, [])
        last = views[-1] if views else None
        told.append(Nested(one, last.meter_id if last else None, last.serial if last else "—"))
    return told


def _state(meter: MeterView, spans: Sequence[InstallationView]) -> Pill:
    if spans and spans[-1].removed_on is None:
        return Pill(_("Hanging"), Tone.GOOD)
    return Pill(word(STOCK_NAMES, meters.stock_state(meter_id=meter.id)), Tone.NEUTRAL)


def _hangings(meter: MeterView, spans: Sequence[InstallationView], language: str) -> list[Hanging]:
    placed = premises.point_placements(ids={span.service_point_id for span in spans})
    unit_of = {}
    for span in spans:
        views = placed[span.service_point_id]
        here = next((view for view in views if span.installed_on in view), views[-1])
        unit_of[span.id] = here.unit_id
    addresses = premises.addresses(unit_ids=set(unit_of.values()), language=language)
    found = []
    before: InstallationView | None = None
    for span in spans:
        same = before is not None and before.service_point_id == span.service_point_id
        found.append(
            Hanging(
                span=span,
                unit_id=unit_of[span.id],
                address=addresses[unit_of[span.id]],
                opening=_dials(span.opening),
                closing=_dials(span.closing),
                ratios=_ratios(meter, span),
                changed=same and before is not None and before.removed_on == span.installed_on,
            )
        )
        before = span
    return found


def _dials(values: Mapping[str, str]) -> str:
    return " / ".join(values[code] for code in sorted(values))


def _ratios(meter: MeterView, span: InstallationView) -> str:
    return " / ".join(
        str(span.multipliers.get(register.code, register.multiplier))
        for register in meter.registers
    )


def _seal_pill(seal: SealView) -> Pill:
    if seal.found is None:
        return Pill(_("On the meter"), Tone.GOOD)
    tone = Tone.BAD if seal.found is SealFound.BROKEN else Tone.NEUTRAL
    return Pill(word(SEAL_NAMES, seal.found), tone)


def _dial(read: DialView, meter: MeterView) -> str:
    """A stored value as the dial shows it, in the register's own unit."""
    register = meter.register(read.register)
    if register is None:
        return str(read.value)
    shown = Decimal(read.value) / BASE_PER_UNIT[register.unit]
    return f"{shown.quantize(Decimal(1).scaleb(-register.decimals))} {register.unit}"


def _chart(meter: MeterView) -> Chart | None:
    accounts = {
        one.account_id for one in supply.accounts_at_meters(meter_ids=[meter.id], period=EVER)
    }
    months = readings.meter_consumption(meter_id=meter.id, account_ids=list(accounts))
    return _drawn(months, meter.service) if months else None


def _drawn(months: Sequence[MonthlyConsumption], service: Service) -> Chart:
    measure = Measure.ENERGY if service is Service.ELECTRICITY else Measure.VOLUME
    return Chart(
        title=_("Used in a month"),
        labels=tuple(str(formats.month(one.month)) for one in months),
        series=(Series(word(SERVICE_NAMES, service), tuple(one.quantity for one in months)),),
        measure=measure,
    )

"""Puts together what the screens of metering show: rows, one exception, a meter's intervals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from tahseel.channels.metering import curves
from tahseel.channels.metering.queries import order_rows
from tahseel.channels.metering.values import (
    Curve,
    Drawn,
    EventRow,
    Life,
    Points,
    Row,
    Sheet,
    Stretch,
)
from tahseel.channels.pages import formats
from tahseel.channels.pages.templatetags.pages import shown_tick
from tahseel.channels.pages.values import Measure, Pill, Tone
from tahseel.channels.places.values import SECTOR_NAMES
from tahseel.consumption.exceptions import queries
from tahseel.consumption.exceptions.values import (
    ExceptionView,
    PricedBy,
    State,
)
from tahseel.consumption.readings import queries as readings
from tahseel.consumption.readings.values import IncidentView
from tahseel.kernel.period import Period, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import queries as meters
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.values import Sector
from tahseel.registry.supply import queries as supply

DAY = timedelta(days=1)
AROUND = timedelta(days=4)
LABELS = 3
# About the dial, the months or what happened, not about blocks.
BY_READS = frozenset({"order", "prolonged", "tamper", "clock_drift", "sub_meters"})
EVENTS_SHOWN = 30
LENGTHS = (7, 31, 92, 366)


def rule_name(code: str) -> str:
    """A rule in the language of the page."""
    rule = readings.named_rules().get(code)
    return formats.by_language(ar=rule.name_ar, en=rule.name_en) if rule else code


def sector_name(code: str) -> str:
    """A sector in the language of the page."""
    if code not in {str(sector) for sector in Sector}:
        return code
    ar, en = SECTOR_NAMES[Sector(code)]
    return formats.by_language(ar=ar, en=en)


def area_names(codes: Sequence[str]) -> dict[str, str]:
    """Areas in the language of the page, by code."""
    wanted = set(codes)
    return {
        area.code: formats.by_language(ar=area.name_ar, en=area.name_en)
        for area in premises.areas()
        if area.code in wanted
    }


def state_pill(state: State) -> Pill:
    """A state in the language of the page."""
    told = {
        State.OPEN: Pill(_("To be decided"), Tone.WARNING),
        State.ACCEPTED: Pill(_("Accepted"), Tone.GOOD),
        State.EDITED: Pill(_("Edited"), Tone.GOOD),
        State.ESTIMATED: Pill(_("Estimate stands"), Tone.GOOD),
        State.CLEARED: Pill(_("Cleared by itself"), Tone.NEUTRAL),
    }
    return told[state]


def rows(found: Sequence[ExceptionView]) -> list[Row]:
    """Exceptions in words."""
    devices = meters.meters(meter_ids={one.meter_id for one in found})
    accounts = supply.accounts(account_ids={one.account_id for one in found})
    areas = area_names([one.area for one in found])
    return [
        Row(
            view=one,
            rule=rule_name(one.rule),
            serial=devices[one.meter_id].serial,
            account=accounts[one.account_id].number,
            area=areas.get(one.area, one.area),
            pill=state_pill(one.state),
        )
        for one in found
    ]


def event_rows(found: Sequence[IncidentView]) -> list[EventRow]:
    """What happened to a meter, in words."""
    tones = {"tamper": Tone.BAD, "clock_wrong": Tone.WARNING}
    return [
        EventRow(
            view=one,
            name=formats.by_language(ar=one.name_ar, en=one.name_en) or _("Another event"),
            tone=tones.get(one.about, Tone.NEUTRAL),
            drift=_drift(one.drift_s),
        )
        for one in found
    ]


def _drift(seconds: int | None) -> str:
    """How far a clock was off, in minutes and seconds, ahead or behind."""
    if not seconds:
        return _("To the second") if seconds == 0 else ""
    minutes, rest = divmod(abs(seconds), 60)
    told = formats.digits(f"{minutes:,}:{rest:02d}")
    return (_("%(time)s ahead") if seconds > 0 else _("%(time)s behind")) % {"time": told}


def sheet(found: ExceptionView, *, waits: str) -> Sheet:
    """One exception with the reads around it. waits: the approval that waits for its edit."""
    [row] = rows([found])
    around = Period(found.days.start - AROUND, found.days.end + AROUND)
    return Sheet(
        row=row,
        about=_about(found, row),
        findings=tuple(queries.findings(exception_id=found.id)),
        orders=tuple(order_rows(queries.orders_of(exception_id=found.id))),
        curve=curve(
            meter_id=found.meter_id,
            register=found.register,
            service=found.service,
            days=around,
            marked=[found.days],
        ),
        edit_waits=waits,
        by_blocks=found.rule not in BY_READS,
        events=tuple(event_rows(_around(found, around))),
    )


def _around(found: ExceptionView, days: Period) -> list[IncidentView]:
    """What happened in these days, or touched them, where the exception is about that."""
    if found.rule not in ("tamper", "clock_drift"):
        return []
    first, end = start_of(days.start), start_of(days.end)
    told = readings.meter_events(meter_id=found.meter_id, limit=EVENTS_SHOWN)
    return [one for one in told if one.at < end + AROUND and (one.until or one.at) >= first]


def _about(found: ExceptionView, row: Row) -> tuple[tuple[str, object], ...]:
    by = {
        PricedBy.ACCOUNT: _("at the average price of the account's last bill"),
        PricedBy.SERVICE: _("at the average price of everybody, before the first bill"),
        PricedBy.NOBODY: _("before any bill"),
    }
    return (
        (_("Days"), formats.period(found.days)),
        (_("In question"), formats.quantity(found.quantity, found.service, exact=True)),
        (_("Money at risk"), formats.money(found.at_risk)),
        (_("Weighed"), by[found.priced_by]),
        (_("Sector"), sector_name(found.sector)),
        (_("Area"), row.area),
        (_("Register"), formats.reference(found.register)),
        (_("Found"), formats.moment(found.opened_at)),
    )


def curve(
    *,
    meter_id: UUID,
    register: str | None,
    service: Service,
    days: Period,
    marked: Sequence[Period] = (),
) -> Curve | None:
    """The intervals of a register over some days; of the first one where none is named."""
    series = readings.intervals(meter_id=meter_id, period=days)
    mine = [one for one in series if register in (None, one.register)]
    if not mine:
        return None
    one = mine[0]
    measure = Measure.ENERGY if service is Service.ELECTRICITY else Measure.VOLUME
    points = Points(one.starts, one.durations, one.values, one.flags)
    drawn = curves.draw(
        points,
        first=int(start_of(days.start).timestamp()),
        end=int(start_of(days.end).timestamp()),
        unit=1_000 if measure is Measure.ENERGY else 1,
        mirrored=formats.is_arabic(),
        marked=[
            (int(start_of(some.start).timestamp()), int(start_of(some.end).timestamp()))
            for some in marked
        ],
    )
    minutes = int(one.durations[0]) // 60
    return Curve(
        title=_("Use in every %(minutes)s minutes") % {"minutes": formats.digits(str(minutes))},
        description=_described(drawn),
        unit=formats.by_language(ar=formats.UNITS[service][0], en=formats.UNITS[service][1])
        if measure is Measure.ENERGY
        else _("litres"),
        drawn=drawn,
        ticks=tuple(
            shown_tick(tick, Measure.ENERGY if measure is Measure.ENERGY else Measure.NUMBER)
            for tick in reversed(drawn.ticks)
        ),
        labels=tuple(_labels(days)),
        has_put=bool(drawn.put),
    )


def _described(drawn: Drawn) -> str:
    count, beyond = (formats.digits(f"{number:,}") for number in (drawn.count, drawn.beyond))
    if not drawn.beyond:
        return _("%(count)s intervals") % {"count": count}
    told = _("%(count)s intervals, %(beyond)s of them beyond the axis")
    return told % {"count": count, "beyond": beyond}


def _labels(days: Period) -> list[str]:
    """The day in the middle of each part of the axis."""
    step = timedelta(days=days.days) / (2 * LABELS)
    return [formats.day_text(days.start + step * (2 * n + 1), short=True) for n in range(LABELS)]


def life(*, meter_id: UUID, until: date | None, length: int, today: date) -> Life | None:
    """A meter's intervals of `length` days that end with a day; None for an unknown meter."""
    meter = meters.meters(meter_ids=[meter_id]).get(meter_id)
    if meter is None:
        return None
    known = readings.interval_days(meter_id=meter_id) or Period(today, today + DAY)
    end = min(max(until or known.end, known.start + DAY), known.end)
    days = Period(end - timedelta(days=length), end)
    about = queries.of_meter(meter_id=meter_id)
    marked = [one.days for one in about if one.state is State.OPEN and one.days.overlap(days)]
    earlier = days.start if days.start > known.start else None
    later = min(end + timedelta(days=length), known.end) if end < known.end else None
    return Life(
        serial=meter.serial,
        days=days,
        known=known,
        curve=curve(
            meter_id=meter_id, register=None, service=meter.service, days=days, marked=marked
        ),
        stretches=tuple(
            Stretch(_stretch(some), _address(end, some), some == length) for some in LENGTHS
        ),
        earlier=_address(earlier, length) if earlier else "",
        later=_address(later, length) if later else "",
        last_day=end - DAY,
        rows=tuple(rows(about[:20])),
        events=tuple(event_rows(readings.meter_events(meter_id=meter_id, limit=EVENTS_SHOWN))),
    )


def _address(until: date, length: int) -> str:
    return f"?until={until.isoformat()}&days={length}"


def _stretch(length: int) -> str:
    told = {7: _("A week"), 31: _("A month"), 92: _("A quarter"), 366: _("A year")}
    return told[length]

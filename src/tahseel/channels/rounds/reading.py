"""Puts together what the screens of rounds show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tahseel.channels.pages import formats
from tahseel.channels.rounds import wording
from tahseel.channels.rounds.values import (
    DialRow,
    Door,
    FileRow,
    RoundRow,
    RouteRow,
    Sheet,
    StopRow,
    VisitRow,
)
from tahseel.consumption.exceptions import queries as exceptions
from tahseel.consumption.exceptions.values import FieldOrder, OrderKind
from tahseel.consumption.field import queries, rules
from tahseel.consumption.field.operations import READER
from tahseel.consumption.field.values import Dial, FileTaken, RoundView, Stop, Visit
from tahseel.registry.meters.values import DialUnit
from tahseel.registry.premises import queries as premises
from tahseel.trust.access import queries as access

UNITS = {
    DialUnit.KWH: "kWh",
    DialUnit.KVARH: "kvarh",
    DialUnit.CUBIC_METRE: "m³",
    DialUnit.IMPERIAL_GALLON: "IG",
}


def language() -> str:
    return get_language() or "ar"


def area_names() -> dict[str, str]:
    """Every area in the language of the page, by code."""
    return {
        area.code: formats.by_language(ar=area.name_ar, en=area.name_en)
        for area in premises.areas()
    }


def readers() -> list[tuple[str, str]]:
    """Everybody who reads meters, by the actor's id."""
    found = access.holders_of(role=READER)
    return [(who, formats.by_language(ar=ar, en=en)) for who, (ar, en) in found.items()]


def names_of(people: Collection[str]) -> dict[str, str]:
    """Names of staff by the actor's id."""
    labels = access.labels_of({who for who in people if who})
    return {who: formats.by_language(ar=ar, en=en) for who, (ar, en) in labels.items()}


def round_rows(found: Sequence[RoundView]) -> list[RoundRow]:
    """Rounds in words."""
    areas, names = area_names(), names_of({one.reader for one in found})
    return [
        RoundRow(
            one,
            areas.get(one.area, one.area),
            names.get(one.reader, ""),
            wording.round_pill(one.state),
        )
        for one in found
    ]


def sheet(found: RoundView) -> Sheet:
    """A round with its stops and files."""
    [row] = round_rows([found])
    stops = queries.stops(round_id=found.id)
    files = [_file(name, at, taken) for name, at, taken in queries.files(round_id=found.id)]
    return Sheet(row, tuple(stop_rows(stops)), tuple(files))


def stop_rows(stops: Sequence[Stop]) -> list[StopRow]:
    """Stops in words, with what crews have to do there."""
    places = premises.addresses(unit_ids={one.unit_id for one in stops}, language=language())
    waiting = [
        order.meter_id
        for order in exceptions.orders_out_at(meter_ids={one.meter_id for one in stops})
    ]
    return [
        StopRow(
            one,
            places.get(one.unit_id, ""),
            wording.service_name(one.service),
            wording.service_icon(one.service),
            wording.stop_pill(one.state),
            waiting.count(one.meter_id),
        )
        for one in stops
    ]


def door(round_id: UUID, found: Stop) -> Door:
    """One stop as the reader sees it."""
    [row] = stop_rows([found])
    visits = queries.visits(round_id=round_id, sequence=found.sequence)
    names = names_of({one.actor for one in visits})
    orders = exceptions.orders_out_at(meter_ids=[found.meter_id]) if row.orders else []
    return Door(
        row,
        tuple(dial_row(dial) for dial in found.dials),
        tuple(_visit(one, found, names) for one in reversed(visits)),
        tuple((_task(order), order) for order in orders),
    )


def route_rows(day: date) -> list[RouteRow]:
    """Routes with the turn of each."""
    found = queries.routes(day=day)
    areas, policy = area_names(), rules.policy()
    governorates = {area.code: area.governorate for area in premises.areas()}
    rows = []
    for one in found:
        cycle = rules.cycle_of(
            area=one.area, governorate=governorates.get(one.area, ""), cycles=policy.cycles
        )
        name = formats.by_language(ar=cycle.name_ar, en=cycle.name_en)
        turn = rules.turn(cycle=cycle, number=one.number)
        rows.append(RouteRow(one, areas.get(one.area, one.area), name, turn, None))
    return rows


def _task(order: FieldOrder) -> str:
    return {
        OrderKind.INVESTIGATE: _("Investigate"),
        OrderKind.TEST: _("Test the meter"),
        OrderKind.DISCONNECT: _("Disconnect the supply"),
        OrderKind.RECONNECT: _("Reconnect the supply"),
    }[order.kind]


def dial_row(dial: Dial) -> DialRow:
    """A dial as people see it."""
    low, high = rules.range_shown(dial)
    last = dial.last
    return DialRow(
        dial.register,
        UNITS[dial.unit],
        rules.shown(last.value, dial) if last else "",
        last.at if last else None,
        low,
        high,
    )


def _visit(one: Visit, stop: Stop, names: dict[str, str]) -> VisitRow:
    if one.no_access:
        found = wording.reason_name(one.no_access)
    else:
        dials = {dial.register: dial for dial in stop.dials}
        found = " · ".join(
            rules.shown(value, dials[code]) for code, value in sorted(one.dials.items())
        )
    return VisitRow(one.at, found, one.note, one.photo, names.get(one.actor, ""))


def _file(name: str, at: datetime, taken: FileTaken) -> FileRow:
    faults = tuple((f.line, f.field, wording.fault_text(f.code)) for f in taken.faults)
    return FileRow(name, at, wording.file_pill(taken.state), taken.stops, faults)

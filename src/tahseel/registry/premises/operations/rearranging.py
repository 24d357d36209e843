"""Units cease to stand: split into several, merged into one, demolished. Nothing is deleted.

What is recorded is one act with its day and reference, the lineage of the units, and where each
service point goes. Accounts must have been closed before; `rules.guards` are asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import local_day
from tahseel.registry.premises import events, queries, rules, watching
from tahseel.registry.premises.models import Feed, Lineage, PointMove, Unit, UnitAct, UnitSector
from tahseel.registry.premises.operations import settled
from tahseel.registry.premises.operations.adding import UnitGone, UnitUnknown, store
from tahseel.registry.premises.values import (
    RESHAPE,
    NewUnit,
    Reshaping,
    ServicePointView,
    UnitState,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

UNITS_MAX = 500


class PointsUnmapped(Refusal):
    """It was not said where every service point goes, or one was named that is not there."""

    code = "points_unmapped"
    text_ar = "لم يُحدَّد مصير كل نقاط الخدمة ({count})"
    text_en = "It was not said where every service point goes ({count})"


class UnitsDoNotFit(Refusal):
    """Another premises, another day, too few units, or one of them twice."""

    code = "units_do_not_fit"
    text_ar = "الوحدات لا تصلح لهذا التقسيم أو الدمج ({reason})"
    text_en = "The units do not fit this split or merger ({reason})"


class UnitChangedLater(Refusal):
    """Something of the unit begins on that day or later, or the day has not come."""

    code = "unit_changed_later"
    text_ar = "لا يمكن إنهاء الوحدة في {day}: يوجد تغيير لاحق أو لم يحل التاريخ بعد"
    text_en = "The unit cannot end on {day}: something changed later, or the day has not come"
    http_status = 409


@audited("premises.split_unit", subject="unit_id")
def split_unit(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    unit_id: UUID,
    on_day: date,
    reference: str,
    into: Sequence[NewUnit],
    points: Mapping[UUID, UUID | None],
) -> None:
    """One unit becomes several from a day on, in the same premises.

    id: the act's; reference: the permit or decision it rests on; points: each service point of the
    unit with the new unit that it serves, or None for out of use.
    Raises UnitUnknown, UnitGone, UnitsDoNotFit, PointsUnmapped, UnitChangedLater, PlaceRefused,
    whatever a guard raises; PastNeedsSecondPerson for months that are determined or billed.
    """
    require_duty(actor, "premises.split_unit")
    if len(into) < 2:
        raise UnitsDoNotFit(reason="a split needs two units and more")
    act = Reshaping(
        id, UnitState.SPLIT, (unit_id,), on_day, reference, tuple(into), dict(points)
    )  # fmt: skip
    _alone(actor=actor, at=at, act=act)


@audited("premises.merge_units", subject="into")
def merge_units(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    unit_ids: Sequence[UUID],
    on_day: date,
    reference: str,
    into: NewUnit,
    points: Mapping[UUID, UUID | None],
) -> None:
    """Several units of one premises become one. Arguments and refusals as in `split_unit`."""
    require_duty(actor, "premises.merge_units")
    if len(set(unit_ids)) < 2:
        raise UnitsDoNotFit(reason="a merger needs two units and more")
    act = Reshaping(
        id, UnitState.MERGED, tuple(unit_ids), on_day, reference, (into,), dict(points)
    )  # fmt: skip
    _alone(actor=actor, at=at, act=act)


@audited("premises.demolish_units", subject="id")
def demolish_units(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002
    unit_ids: Sequence[UUID],
    on_day: date,
    reference: str,
) -> None:
    """Units are torn down; `on_day` is the first day without them. Their points are out of use.

    Raises UnitUnknown, UnitGone, UnitChangedLater, UnitsDoNotFit, and whatever a guard raises.
    """
    require_duty(actor, "premises.demolish_units")
    gone = _demolition(id=id, unit_ids=unit_ids, on_day=on_day, reference=reference)
    _alone(actor=actor, at=at, act=gone)


def _demolition(
    *,
    id: UUID,  # noqa: A002
    unit_ids: Sequence[UUID],
    on_day: date,
    reference: str,
) -> Reshaping:
    """The act by which units are torn down, every point of theirs out of use."""
    found = queries.service_points(unit_ids=unit_ids, day=on_day)
    gone = {point.id: None for at_unit in found.values() for point in at_unit}
    return Reshaping(id, UnitState.DEMOLISHED, tuple(unit_ids), on_day, reference, (), gone)


def _alone(*, actor: Actor, at: datetime, act: Reshaping) -> None:
    check(at=at, act=act)
    settled.require_alone(actor=actor, at=at, change=act.change, agreed_by=RESHAPE)
    carry_out(actor=actor, at=at, act=act)


def check(*, at: datetime, act: Reshaping) -> tuple[list[Unit], list[ServicePointView]]:
    """The units, locked, and their points; changes nothing. Raises as `split_unit`."""
    if act.on_day > local_day(at):
        raise UnitChangedLater(day=act.on_day.isoformat())
    units = _standing(act.unit_ids)
    _require_fit(act, units)
    points = _points(units, act.on_day)
    _require_mapped(points, act.into, act.points)
    for guard in rules.guards():
        guard(unit_ids=[u.id for u in units], point_ids=_out_of_use(act), day=act.on_day)
    return units, points


def carry_out(*, actor: Actor, at: datetime, act: Reshaping) -> None:
    """Check it, write it, announce it, and tell whoever billed the days. Raises as `check`."""
    units, points = check(at=at, act=act)
    row = UnitAct.objects.create(
        id=act.id, state=act.state.value, on_day=act.on_day, reference=act.reference,
        recorded_at=at, recorded_by=actor.id,
    )  # fmt: skip
    _end(row, units, _out_of_use(act))
    store(at, [], act.into)
    _trace(row, units, act.into)
    _move_points(row, points, act.into, act.points)
    heirs = [unit.id for unit in act.into]
    for unit in units:
        events.unit_ended(
            unit_id=unit.id, state=act.state, on_day=act.on_day, heirs=heirs, at=at
        )  # fmt: skip
    for heir in heirs:
        events.unit_added(unit_id=heir, at=at)
    note(
        state=str(act.state),
        on_day=act.on_day.isoformat(),
        reference=act.reference,
        units=[str(unit.id) for unit in units],
        heirs=[str(unit) for unit in heirs],
    )
    watching.tell(actor=actor, at=at, change=act.change)


def _out_of_use(act: Reshaping) -> list[UUID]:
    return [point for point, unit in act.points.items() if unit is None]


def _standing(unit_ids: Sequence[UUID]) -> list[Unit]:
    """The units, locked in the order of their ids. Raises UnitUnknown, UnitGone, UnitsDoNotFit."""
    wanted = set(unit_ids)
    if not wanted or len(wanted) != len(unit_ids) or len(wanted) > UNITS_MAX:
        raise UnitsDoNotFit(reason="a unit twice, none, or too many")
    found = list(Unit.objects.select_for_update().filter(pk__in=wanted).order_by("id"))
    if len(found) != len(wanted):
        raise UnitUnknown()
    for unit in found:
        if not rules.UNIT.allows(UnitState(unit.state), UnitState.DEMOLISHED):
            raise UnitGone(ended_on=str(unit.ended_on))
    return found


def _require_fit(act: Reshaping, units: Sequence[Unit]) -> None:
    into = act.into
    if into and {u.premises_id for u in units} | {u.premises_id for u in into} != {
        units[0].premises_id
    }:
        raise UnitsDoNotFit(reason="units of several premises")
    if any(new.from_day != act.on_day for new in into):
        raise UnitsDoNotFit(reason="a new unit begins on another day")
    spans = UnitSector.objects.filter(unit__in=units, from_day__gte=act.on_day)
    feeds = Feed.objects.filter(unit__in=units, from_day__gte=act.on_day)
    if spans.exists() or feeds.exists():
        raise UnitChangedLater(day=act.on_day.isoformat())


def _points(units: Sequence[Unit], day: date) -> list[ServicePointView]:
    found = queries.service_points(unit_ids=[unit.id for unit in units], day=day)
    return [point for unit in units for point in found.get(unit.id, [])]


def _require_mapped(
    points: Sequence[ServicePointView],
    into: Collection[NewUnit],
    mapping: Mapping[UUID, UUID | None],
) -> None:
    here = {point.id for point in points}
    targets = {unit.id for unit in into} | {None}
    wrong = rules.unmapped(here, mapping) | (set(mapping) - here)
    wrong |= {point for point, unit in mapping.items() if unit not in targets}
    if wrong:
        raise PointsUnmapped(count=len(wrong))


def _end(act: UnitAct, units: Collection[Unit], out_of_use: Collection[UUID]) -> None:
    over = Q(unit__in=units) | Q(point_id__in=out_of_use)
    Feed.objects.filter(over, until_day=None, from_day__lt=act.on_day).update(until_day=act.on_day)
    for unit in units:
        unit.state, unit.ended_on, unit.ended_by = act.state, act.on_day, act
        unit.save(update_fields=["state", "ended_on", "ended_by"])
        UnitSector.objects.filter(unit=unit, until_day=None).update(until_day=act.on_day)


def _trace(act: UnitAct, units: Iterable[Unit], into: Sequence[NewUnit]) -> None:
    Lineage.objects.bulk_create(
        Lineage(
            id=derived_id(act.id, "lineage", str(unit.id), str(new.id)),
            act=act,
            from_unit=unit,
            to_unit_id=new.id,
        )
        for unit in units
        for new in into
    )


def _move_points(
    act: UnitAct,
    points: Sequence[ServicePointView],
    into: Sequence[NewUnit],
    mapping: Mapping[UUID, UUID | None],
) -> None:
    stay = [(point, unit) for point in points if (unit := mapping[point.id]) is not None]
    placed: list[tuple[ServicePointView, UUID | None, int]] = [*rules.numbered(stay, into)]
    placed += [(point, None, point.number) for point in points if mapping[point.id] is None]
    PointMove.objects.bulk_create(
        PointMove(
            id=derived_id(act.id, "point", str(point.id)),
            act=act,
            point_id=point.id,
            on_day=act.on_day,
            to_unit_id=unit_id,
            number=number,
        )
        for point, unit_id, number in placed
    )

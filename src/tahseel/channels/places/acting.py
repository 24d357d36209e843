"""Acts on a meter and on how a unit is supplied: the words, form and operation of each.

Who may do one is asked of the country's duties before its form is shown; the operation asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tahseel.channels.places import device_forms as of
from tahseel.channels.places.values import Device, Sheet
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id, new_id
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import NewBehind, NewSeal, NewStockStep
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import queries as premises_queries
from tahseel.registry.premises.values import PriceCause, PriceChange, Resharing
from tahseel.trust.access import rules as access
from tahseel.trust.access.guards import GuardedRequest

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Past:
    """What an act changes of prices, and how a second person is asked for days that are billed."""

    change: Callable[[Sheet, Given], PriceChange]
    propose: Callable[[GuardedRequest, Sheet, Given, UUID, str], UUID]


@dataclass(frozen=True)
class UnitAct:
    """On a unit. duty: the operation as the log calls it; past: when it changes a price."""

    label: Promise
    duty: str
    form: Callable[[Sheet, Any], forms.Form]
    perform: Callable[[GuardedRequest, Sheet, Given], object]
    told: Promise
    fits: Callable[[Sheet], bool] = lambda sheet: True
    past: Past | None = None


@dataclass(frozen=True)
class MeterAct:
    """On a meter. duty: the operation as the log calls it."""

    label: Promise
    duty: str
    form: Callable[[Device, Any], forms.Form]
    perform: Callable[[GuardedRequest, Device, forms.Form], object]
    told: Promise
    fits: Callable[[Device], bool] = lambda device: True


def may(actor: Actor, act: UnitAct | MeterAct) -> bool:
    """The act is a duty of the actor's."""
    return access.may(actor, *access.holders(act.duty))


def _by(request: GuardedRequest) -> dict[str, Any]:
    return {"actor": request.actor, "at": request.at}


def _set_sector(request: GuardedRequest, sheet: Sheet, given: Given) -> None:
    premises.set_sector(**_by(request), unit_id=sheet.view.id, **_zone(given))


def _zone(given: Given) -> dict[str, Any]:
    return {name: given[name] for name in ("sector", "dwellings", "from_day")}


def _sector_change(sheet: Sheet, given: Given) -> PriceChange:
    return PriceChange(
        cause=PriceCause.SECTOR, unit_id=sheet.view.id, from_day=given["from_day"], until_day=None
    )


def _propose_sector(
    request: GuardedRequest, sheet: Sheet, given: Given, approval_id: UUID, why: str
) -> UUID:
    return premises.propose_sector(
        **_by(request),
        approval_id=approval_id,
        unit_id=sheet.view.id,
        reason=why,
        **_zone(given),
    )


def _others_points(sheet: Sheet) -> list[tuple[str, str]]:
    """Points of other standing units of the building on the day."""
    ids = [row.view.id for row in sheet.beside if row.view.ended_on is None]
    found = premises_queries.service_points(unit_ids=ids, day=sheet.as_of)
    names = {row.view.id: f"{row.kind} {row.view.parts.number}".strip() for row in sheet.beside}
    return [
        (str(point.id), f"{names[unit]} · {point.service} {point.number}")
        for unit, points in found.items()
        for point in points
    ]


def _supply_through(request: GuardedRequest, sheet: Sheet, given: Given) -> None:
    premises.supply_through(
        **_by(request),
        id=new_id(request.at),
        point_id=UUID(given["point"]),
        unit_id=sheet.view.id,
        from_day=given["from_day"],
        share=given["share"],
    )


def _supplier(sheet: Sheet, point_id: UUID, day: date) -> UUID:
    """The unit that the point serves on the day; the unit itself, which is refused, if none."""
    placed = premises_queries.point_placements(ids=[point_id]).get(point_id, [])
    return next((view.unit_id for view in placed if day in view), sheet.view.id)


def _begins(sheet: Sheet, given: Given, key: UUID | None = None) -> Resharing:
    point, day = UUID(given["point"]), given["from_day"]
    return Resharing(
        id=derived_id(key or sheet.view.id, "feed"),
        unit_id=sheet.view.id,
        point_id=point,
        supplier_id=_supplier(sheet, point, day),
        day=day,
        share=given["share"],
    )


def _ends(sheet: Sheet, given: Given) -> Resharing:
    point, day = UUID(given["point"]), given["on_day"]
    return Resharing(None, sheet.view.id, point, _supplier(sheet, point, day), day)


def _ask_through(
    request: GuardedRequest, sheet: Sheet, given: Given, approval_id: UUID, why: str
) -> UUID:
    act = _begins(sheet, given, approval_id)
    return premises.propose_resharing(
        **_by(request), approval_id=approval_id, act=act, reason=why
    )  # fmt: skip


def _ask_separate(
    request: GuardedRequest, sheet: Sheet, given: Given, approval_id: UUID, why: str
) -> UUID:
    act = _ends(sheet, given)
    return premises.propose_resharing(
        **_by(request), approval_id=approval_id, act=act, reason=why
    )  # fmt: skip


def _through(sheet: Sheet) -> list[tuple[str, str]]:
    """The points of others through which the unit is supplied."""
    return [
        (str(one.fed.point_id), f"{one.address} · {one.service}")
        for one in sheet.shared
        if not one.ours and one.fed.until_day is None
    ]


def _separate(request: GuardedRequest, sheet: Sheet, given: Given) -> None:
    premises.separate_supply(
        **_by(request),
        unit_id=sheet.view.id,
        point_id=UUID(given["point"]),
        on_day=given["on_day"],
    )


UNIT_ACTS: Mapping[str, UnitAct] = {
    "sector": UnitAct(
        _("Change the sector"), "premises.set_sector",
        lambda sheet, data: of.SectorForm(data), _set_sector, _("The sector is changed."),
        past=Past(_sector_change, _propose_sector),
    ),
    "through": UnitAct(
        _("Supply through another unit"), "premises.supply_through",
        lambda sheet, data: of.ThroughForm(data, points=_others_points(sheet)), _supply_through,
        _("The unit is supplied through the other one."), lambda sheet: bool(sheet.beside),
        past=Past(lambda sheet, given: _begins(sheet, given).change, _ask_through),
    ),
    "separate": UnitAct(
        _("Separate the supply"), "premises.separate_supply",
        lambda sheet, data: of.SeparateForm(data, points=_through(sheet)), _separate,
        _("The supply is separated."), lambda sheet: bool(_through(sheet)),
        past=Past(lambda sheet, given: _ends(sheet, given).change, _ask_separate),
    ),
}  # fmt: skip


def _stock(request: GuardedRequest, device: Device, form: forms.Form) -> None:
    step = NewStockStep(id=new_id(request.at), meter_id=device.meter.id, **form.cleaned_data)
    meters.record_stock(**_by(request), step=step)


def _seal(request: GuardedRequest, device: Device, form: forms.Form) -> None:
    seal = NewSeal(id=new_id(request.at), meter_id=device.meter.id, **form.cleaned_data)
    meters.fix_seal(**_by(request), seal=seal)


def _unseal(request: GuardedRequest, device: Device, form: forms.Form) -> None:
    meters.remove_seal(**_by(request), **form.cleaned_data)


def _on(device: Device) -> list[tuple[str, str]]:
    return [(seal.number, seal.number) for seal, _pill in device.seals if seal.found is None]


def _hangs(device: Device) -> bool:
    return bool(device.hangings) and device.hangings[0].span.removed_on is None


def _ratio(request: GuardedRequest, device: Device, form: forms.Form) -> None:
    assert isinstance(form, of.RatioForm)
    meters.change_multipliers(
        **_by(request),
        id=new_id(request.at),
        meter_id=device.meter.id,
        day=form.cleaned_data["day"],
        dials=form.dials("dial"),
        multipliers=form.ratios(),
    )


def _in_force(device: Device) -> int:
    """The ratio of the first register where the meter hangs: that of transformers before it."""
    first = device.meter.registers[0]
    hung = device.hangings[0].span.multipliers if _hangs(device) else {}
    return hung.get(first.code, first.multiplier)


def _programme(request: GuardedRequest, device: Device, form: forms.Form) -> None:
    assert isinstance(form, of.ProgrammeForm)
    meters.reprogramme(
        **_by(request),
        id=new_id(request.at),
        meter_id=device.meter.id,
        day=form.cleaned_data["day"],
        closing=form.dials("closing"),
        opening=form.openings(),
        added=form.added(request.at),
    )


def _behind(request: GuardedRequest, device: Device, form: forms.Form) -> None:
    given = form.cleaned_data
    behind = NewBehind(
        new_id(request.at), device.hangings[0].span.service_point_id, given["point"],
        given["from_day"],
    )  # fmt: skip
    meters.put_behind(**_by(request), behind=behind)


def _not_behind(request: GuardedRequest, device: Device, form: forms.Form) -> None:
    point = device.hangings[0].span.service_point_id
    meters.end_behind(**_by(request), point_id=point, on_day=form.cleaned_data["on_day"])


def _nested(device: Device) -> bool:
    return any(one.view.until_day is None for one in device.behind)


METER_ACTS: Mapping[str, MeterAct] = {
    "seal": MeterAct(
        _("Fix a seal"), "meters.fix_seal", lambda device, data: of.SealForm(data), _seal,
        _("The seal is on record."),
    ),
    "unseal": MeterAct(
        _("Remove a seal"), "meters.remove_seal",
        lambda device, data: of.UnsealForm(data, seals=_on(device)), _unseal,
        _("It is on record that the seal came off."), lambda device: bool(_on(device)),
    ),
    "stock": MeterAct(
        _("Say where it is kept"), "meters.record_stock",
        lambda device, data: of.StockForm(data), _stock, _("It is on record where it is kept."),
        lambda device: not _hangs(device),
    ),
    "ratio": MeterAct(
        _("Change the ratios"), "meters.change_multipliers",
        lambda device, data: of.RatioForm(data, meter=device.meter), _ratio,
        _("The ratios are changed."), _hangs,
    ),
    "programme": MeterAct(
        _("Reprogramme"), "meters.reprogramme",
        lambda device, data: of.ProgrammeForm(data, meter=device.meter, ratio=_in_force(device)),
        _programme,
        _("The new programme is on record."), _hangs,
    ),
    "behind": MeterAct(
        _("Put behind a main meter"), "meters.put_behind",
        lambda device, data: of.BehindForm(data), _behind,
        _("The meter stands behind the main one."),
        lambda device: _hangs(device) and not _nested(device),
    ),
    "not-behind": MeterAct(
        _("Take from behind the main meter"), "meters.end_behind",
        lambda device, data: of.NotBehindForm(data), _not_behind,
        _("The meter stands behind no other any more."), _nested,
    ),
}  # fmt: skip

"""Which units stand and through whom they are supplied, as an act that may still be waiting.

What waits for a second person is kept as plain JSON and read back to the same value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tahseel.kernel.quantity import Service
from tahseel.registry.premises.values.places import (
    NewServicePoint,
    NewUnit,
    Sector,
    UnitKind,
    UnitState,
)
from tahseel.registry.premises.values.pricing import PriceCause, PriceChange


@dataclass(frozen=True, slots=True)
class Reshaping:
    """Units that cease to stand on a day, what comes of them, and where each point goes.

    state: split, merged or demolished; points: None for out of use.
    """

    id: UUID
    state: UnitState
    unit_ids: tuple[UUID, ...]
    on_day: date
    reference: str
    into: tuple[NewUnit, ...] = ()
    points: Mapping[UUID, UUID | None] = field(default_factory=dict)

    @property
    def change(self) -> PriceChange:
        """What it does to prices."""
        first, *beside = self.unit_ids
        return PriceChange(PriceCause.SHAPE, first, self.on_day, None, tuple(beside))


@dataclass(frozen=True, slots=True)
class Resharing:
    """A unit that is supplied through the point of another from a day on, or no longer is.

    id: what will be recorded when it begins; None when it ends.
    """

    id: UUID | None
    unit_id: UUID
    point_id: UUID
    supplier_id: UUID
    day: date
    share: int = 1

    @property
    def change(self) -> PriceChange:
        """What it does to prices: of the unit that supplies, and of the one that is supplied."""
        return PriceChange(
            PriceCause.SHARING, self.supplier_id, self.day, None, beside=(self.unit_id,)
        )


def reshaping_as_payload(act: Reshaping) -> dict[str, Any]:
    """Plain JSON; `reshaping_of` reads it back."""
    return {
        "id": str(act.id),
        "state": str(act.state),
        "units": [str(unit) for unit in act.unit_ids],
        "from_day": act.on_day.isoformat(),
        "until_day": None,
        "reference": act.reference,
        "into": [_unit_as_payload(unit) for unit in act.into],
        "points": {str(point): str(unit) if unit else None for point, unit in act.points.items()},
    }


def reshaping_of(payload: Mapping[str, Any]) -> Reshaping:
    """What `reshaping_as_payload` wrote."""
    on_day = date.fromisoformat(payload["from_day"])
    return Reshaping(
        id=UUID(payload["id"]),
        state=UnitState(payload["state"]),
        unit_ids=tuple(UUID(unit) for unit in payload["units"]),
        on_day=on_day,
        reference=payload["reference"],
        into=tuple(_unit_of(unit, on_day) for unit in payload["into"]),
        points={
            UUID(point): UUID(unit) if unit else None for point, unit in payload["points"].items()
        },
    )


def resharing_as_payload(act: Resharing) -> dict[str, Any]:
    """Plain JSON; `resharing_of` reads it back."""
    return {
        "id": str(act.id) if act.id else None,
        "unit": str(act.unit_id),
        "point": str(act.point_id),
        "supplier": str(act.supplier_id),
        "from_day": act.day.isoformat(),
        "until_day": None,
        "share": act.share,
    }


def resharing_of(payload: Mapping[str, Any]) -> Resharing:
    """What `resharing_as_payload` wrote."""
    return Resharing(
        id=UUID(payload["id"]) if payload["id"] else None,
        unit_id=UUID(payload["unit"]),
        point_id=UUID(payload["point"]),
        supplier_id=UUID(payload["supplier"]),
        day=date.fromisoformat(payload["from_day"]),
        share=int(payload["share"]),
    )


def _unit_as_payload(unit: NewUnit) -> dict[str, Any]:
    ends = unit.certificate_until
    return {
        "id": str(unit.id),
        "premises": str(unit.premises_id),
        "kind": str(unit.kind),
        "sector": str(unit.sector),
        "floor": unit.floor,
        "number": unit.number,
        "paci_number": unit.paci_number,
        "dwellings": unit.dwellings,
        "certificate": unit.certificate,
        "certificate_until": ends.isoformat() if ends else None,
        "services": [[str(one.id), str(one.service), one.number] for one in unit.services],
    }


def _unit_of(kept: Mapping[str, Any], from_day: date) -> NewUnit:
    ends = kept["certificate_until"]
    return NewUnit(
        id=UUID(kept["id"]),
        premises_id=UUID(kept["premises"]),
        kind=UnitKind(kept["kind"]),
        sector=Sector(kept["sector"]),
        from_day=from_day,
        floor=kept["floor"],
        number=kept["number"],
        paci_number=kept["paci_number"],
        dwellings=int(kept["dwellings"]),
        certificate=kept["certificate"],
        certificate_until=date.fromisoformat(ends) if ends else None,
        services=tuple(
            NewServicePoint(UUID(point), Service(service), int(number))
            for point, service, number in kept["services"]
        ),
    )

"""A plot without supply on the street, meters in stock, and sign-ins of whoever has a duty."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.integration.channels.world import JOB, PASSWORD

from tahseel.kernel.ids import new_id
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import DialUnit, NewMeter, NewRegister, Phase, RegisterKind
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises.values import NewPremises, NewUnit, Sector, UnitKind
from tahseel.trust.access import operations as access
from tahseel.trust.access.values import UserKind

PLATE = "17432150"
PDF = b"%PDF-1.7\n"
DUTIES = {
    "engineer": ("supply_engineer", "مهندسة الدراسات"),
    "inspector": ("inspector", "مفتش التمديدات"),
    "connector": ("connection_officer", "مسؤولة الإيصال"),
}


def prepare(world: Any) -> UUID:
    """Returns the plot's unit."""
    at = world.now - timedelta(days=2)
    plot = NewPremises(new_id(at), "surra", "3", "12", "77")
    villa = NewUnit(
        new_id(at), plot.id, UnitKind.VILLA, Sector.PRIVATE, date(2026, 1, 1), paci_number=PLATE
    )
    premises.add_premises(actor=JOB, at=at, premises=plot)
    premises.add_unit(actor=JOB, at=at, unit=villa)
    for service, serial in ((Service.ELECTRICITY, "E-70001"), (Service.WATER, "W-70001")):
        electric = service is Service.ELECTRICITY
        register = NewRegister(
            new_id(at), "1.8.0" if electric else "W", RegisterKind.IMPORT,
            DialUnit.KWH if electric else DialUnit.CUBIC_METRE, 6,
        )  # fmt: skip
        phase = Phase.THREE if electric else Phase.NONE
        meter = NewMeter(new_id(at), serial, service, "Make", phase, (register,))
        meters.add_meter(actor=JOB, at=at, meter=meter)
    for username, (role, label) in DUTIES.items():
        access.create_user(
            actor=JOB, at=at, id=new_id(at), username=username, password=PASSWORD,
            kind=UserKind.STAFF, label_ar=label, label_en=username.capitalize(),
            customer_id=None, roles=(role,),
        )  # fmt: skip
    return villa.id

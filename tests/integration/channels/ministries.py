"""A ministry over a department over a school with an account that owes, and another ministry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.integration.channels.world import PASSWORD
from tests.integration.recovery.story import Debtor, Town

from tahseel.kernel.actor import system
from tahseel.kernel.ids import new_id
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.premises.values import NewUnit
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity, NewAccount, NewLiability
from tahseel.trust.access import operations as access
from tahseel.trust.access.values import UserKind

JOB = system("test")


def build(world: Any) -> dict[str, UUID]:
    """The ids by name; the ministry's finance officer signs in as "officer"."""
    at = world.now - timedelta(days=100)
    made: dict[str, UUID] = {}
    for name, ar, parent in (
        ("ministry", "وزارة التربية", None), ("department", "إدارة المدارس", "ministry"),
        ("school", "مدرسة السالمية", "department"), ("other", "وزارة الصحة", None),
    ):  # fmt: skip
        made[name] = new_id(at)
        customers.register(
            actor=JOB, at=at, id=made[name], kind=CustomerKind.GOVERNMENT, civil_id=None,
            name_ar=ar, name_en=name.capitalize(), registration_number=f"G-{name}",
            parent_id=made[parent] if parent else None,
        )  # fmt: skip
    _owe(world, made["school"], at)
    access.create_user(
        actor=JOB, at=at, id=new_id(at), username="officer", password=PASSWORD,
        kind=UserKind.CUSTOMER, label_ar="مسؤول", label_en="Officer",
        customer_id=made["ministry"], roles=("body_officer",),
    )  # fmt: skip
    return made


def _owe(world: Any, who: UUID, at: Any) -> None:
    unit: NewUnit = world.town.units(1)[0]
    account, day = new_id(at), world.today - timedelta(days=90)
    link = NewLiability(new_id(at), day, who, Capacity.OWNER)
    supply.open_many(
        actor=JOB, at=at, batch="school", accounts=[NewAccount(account, unit.id, day, (link,))]
    )
    Town().claim(Debtor(who, account, None), 45_250, world.today - timedelta(days=30))

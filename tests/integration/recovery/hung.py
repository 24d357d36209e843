"""What may hang on a customer's record, each made by the operation that owns it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.integration.recovery import story
from tests.integration.registry import town as places

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.recovery.clearance import operations as clearance
from tahseel.recovery.collections import operations as collections
from tahseel.recovery.collections.values import NewInstalment, NewPlan
from tahseel.recovery.government import operations as government
from tahseel.recovery.government.values import AgreementKind, NewAgreement
from tahseel.registry.customers import operations
from tahseel.registry.customers.values import (
    ContactKind,
    DocumentKind,
    NewDocument,
    ProtectionKind,
)
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Role, Vacancy
from tahseel.trust.access.models import User

MANAGER = Actor(ActorKind.STAFF, "manager-1", "manager", frozenset({"revenue_manager"}))
MAKER = Actor(ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))


class Things:
    """What may hang on a record, each made by the operation that owns it."""

    def __init__(self, town: Any) -> None:
        self.town = town
        if not hasattr(town, "places"):
            town.places = places.found(at=town.clock())
        self.places = town.places
        self.count = self.debts = 0

    def supply(self, debtor: Any) -> None:
        (unit,) = self.places.units(1)
        account = supply.open_account(
            actor=MAKER, at=self.places.at, id=self.places.make_id(self.places.at),
            unit_id=unit.id, opened_on=self.places.opened, vacancy=Vacancy.NOT_OCCUPIED,
        )  # fmt: skip
        supply.move_in(
            actor=MAKER, at=self.places.at, account_id=account.id, customer_id=debtor.customer_id,
            from_day=date(2026, 1, 1),
        )  # fmt: skip

    def debt(self, debtor: Any) -> None:
        self.town.claim(debtor, 9_000)
        day = story.NOTICE_DAY - timedelta(days=self.debts)  # one notice a day and person
        self.debts += 1
        self.town.notify(day, day + timedelta(days=1))
        clearance.open_due_holds(
            actor=story.JOB, at=self.town.clock(), business_date=story.HOLD_DAY
        )

    def plan(self, debtor: Any) -> None:
        self.count += 1
        plan = NewPlan(
            id=new_id(self.town.clock()), account_id=debtor.account_id,
            customer_id=debtor.customer_id, reference=f"PL-{debtor.account_id}-{self.count}",
            agreed_on=date(2026, 5, 1), amount=Money(4_000),
            instalments=(NewInstalment(date(2026, 6, 1), Money(4_000), Money(0)),),
        )  # fmt: skip
        collections.take_on_plans(
            actor=story.JOB, at=self.town.clock(), batch="plans", plans=[plan]
        )

    def paper(self, debtor: Any) -> None:
        at = self.town.clock()
        paper = NewDocument(new_id(at), DocumentKind.PASSPORT, "xx", f"A{new_id(at).hex[-10:]}")
        operations.add_document(actor=MAKER, at=at, customer_id=debtor.customer_id, document=paper)

    def protection(self, debtor: Any) -> None:
        at = self.town.clock()
        operations.protect(
            actor=MAKER, at=at, id=new_id(at), customer_id=debtor.customer_id,
            kind=ProtectionKind.LIFE_SUPPORT, from_day=date(2026, 1, 1),
            until_day=date(2027, 1, 1), evidence="hospital letter",
        )  # fmt: skip

    def contact(self, debtor: Any) -> None:
        at = self.town.clock()
        operations.add_contact(
            actor=MAKER, at=at, id=new_id(at), customer_id=debtor.customer_id,
            kind=ContactKind.EMAIL, value=f"{new_id(at).hex[-8:]}@example.com",
        )  # fmt: skip

    def agreement(
        self, debtor: Any, *, start: int = 0, days: int | None = 30, kind: str = "supply"
    ) -> Any:
        """With a body, from so many days after the first of the year on."""
        self.count += 1
        at, first = self.town.clock(), date(2026, 1, 1) + timedelta(days=start)
        return government.conclude_agreement(
            actor=MANAGER, at=at,
            agreement=NewAgreement(
                new_id(at), debtor.customer_id, AgreementKind(kind), f"A-{new_id(at).hex[-8:]}",
                "اتفاقية", "Agreement", first, first + timedelta(days=days) if days else None,
            ),
        )  # fmt: skip

    def role(
        self, debtor: Any, account_id: Any, *, role: str = "occupant", start: int = 0,
        days: int | None = 30,
    ) -> None:  # fmt: skip
        """On an account of the town, from so many days after the first of the year on."""
        first = date(2026, 1, 1) + timedelta(days=start)
        supply.name_party(
            actor=MAKER, at=self.places.at, account_id=account_id, customer_id=debtor.customer_id,
            role=Role(role), from_day=first,
            until_day=first + timedelta(days=days) if days else None,
        )  # fmt: skip

    def account(self) -> Any:
        """A vacant one."""
        (unit,) = self.places.units(1)
        return supply.open_account(
            actor=MAKER, at=self.places.at, id=self.places.make_id(self.places.at),
            unit_id=unit.id, opened_on=self.places.opened, vacancy=Vacancy.NOT_OCCUPIED,
        )  # fmt: skip

    def sign_in(self, debtor: Any) -> None:
        at = self.town.clock()
        User.objects.create(
            id=new_id(at), username=new_id(at).hex, kind="customer", label_ar="س", label_en="S",
            customer_id=debtor.customer_id, created_at=at,
        )  # fmt: skip

    def payment(self, debtor: Any) -> None:
        self.town.claim(debtor, 500)
        self.town.pay(debtor, 500)

"""A plot without supply, its owner, meters in stock, and the people who have the duties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.quantity import Service

AT = datetime(2026, 11, 1, 7, tzinfo=UTC)  # ten in the morning of a Sunday in Kuwait
PDF = b"%PDF-1.7\n"


def staff(name: str, *roles: str) -> Actor:
    return Actor(ActorKind.STAFF, name, name, frozenset(roles))


CLERK = staff("clerk-1", "clerk")
ENGINEER = staff("engineer-1", "supply_engineer")
INSPECTOR = staff("inspector-1", "inspector")
OFFICER = staff("officer-1", "connection_officer")


@dataclass
class Office:
    """Steps of an application in words; the clock moves on when a test says so."""

    town: Any
    owner: UUID
    unit: UUID
    now: datetime = AT

    @property
    def applicant(self) -> Actor:
        return Actor(
            ActorKind.CUSTOMER, "user-1", "owner", frozenset({"customer"}), str(self.owner)
        )

    @property
    def today(self) -> date:
        from tahseel.kernel.period import local_day

        return local_day(self.now)

    def later(self, days: int = 1) -> None:
        self.now += timedelta(days=days)

    def new(self, **facts: Any) -> Any:
        from tahseel.channels.services.values import NewApplication

        kept = {
            "id": self.town.make_id(self.now),
            "service": "new_connection",
            "applicant_id": self.owner,
            "unit_id": self.unit,
            "services": frozenset(Service),
            "load_kw": 60,
        }
        return NewApplication(**{**kept, **facts})

    def papers(self, *kinds: str) -> list[Any]:
        from tahseel.channels.services.values import NewEvidence

        wanted = kinds or ("ownership", "electrical_plan")
        return [
            NewEvidence(self.town.make_id(self.now), kind, f"{kind}.pdf", PDF + kind.encode())
            for kind in wanted
        ]

    def apply(self, actor: Actor = CLERK, papers: Any = None, **facts: Any) -> Any:
        from tahseel.channels.services import operations

        return operations.apply(
            actor=actor, at=self.now, application=self.new(**facts),
            evidence=self.papers() if papers is None else papers,
        )  # fmt: skip

    def study(self, made: Any, available: int = 500, actor: Actor = ENGINEER, **facts: Any) -> Any:
        from tahseel.channels.services import operations
        from tahseel.channels.services.values import Study

        return operations.record_study(
            actor=actor, at=self.now, application_id=made.id,
            study=Study("SS-12/F3", available, **facts),
        )  # fmt: skip

    def quote(self, made: Any) -> Any:
        from tahseel.channels.services import operations

        return operations.quote(actor=ENGINEER, at=self.now, application_id=made.id)

    def quoted(self, **facts: Any) -> Any:
        made = self.apply(**facts)
        self.study(made)
        return self.quote(made)

    def pay(self, made: Any, fils: int | None = None) -> None:
        from tahseel.books.payments import operations as payments
        from tahseel.books.payments.values import Received
        from tahseel.channels.services import consumers
        from tahseel.kernel import outbox
        from tahseel.kernel.money import Money

        amount = Money(fils) if fils else made.quotation.total
        payments.record_received(
            actor=CLERK, at=self.now,
            received=Received(
                self.town.make_id(self.now), made.account_id, self.owner, amount, "cash",
                self.now, self.today, claim_ids=(made.claim_id,),
            ),
        )  # fmt: skip
        outbox.sequence_pending(at=self.now)
        consumers.step(at=self.now)

    def inspect(self, made: Any, *reasons: str, actor: Actor = INSPECTOR) -> Any:
        from tahseel.channels.services import operations

        return operations.record_inspection(
            actor=actor, at=self.now, application_id=made.id, reasons=reasons
        )

    def passed(self, **facts: Any) -> Any:
        made = self.quoted(**facts)
        self.pay(made)
        return self.inspect(made)

    def meter(self, serial: str, service: Service = Service.ELECTRICITY) -> None:
        """A meter in stock."""
        from tahseel.registry.meters import operations
        from tahseel.registry.meters.values import (
            DialUnit,
            NewMeter,
            NewRegister,
            Phase,
            RegisterKind,
        )

        electric = service is Service.ELECTRICITY
        register = NewRegister(
            self.town.make_id(self.now), "1.8.0" if electric else "W", RegisterKind.IMPORT,
            DialUnit.KWH if electric else DialUnit.CUBIC_METRE, 6,
        )  # fmt: skip
        phase = Phase.THREE if electric else Phase.NONE
        meter = NewMeter(self.town.make_id(self.now), serial, service, "Make", phase, (register,))
        operations.add_meter(actor=self.town.officer, at=self.now, meter=meter)

    def fits(self, serial: str = "M", *services: Service) -> list[Any]:
        """Meters from stock for the services, all of them when none is named."""
        from tahseel.channels.services.values import MeterFit

        found = []
        for service in services or tuple(Service):
            name = f"{serial}-{service}"
            self.meter(name, service)
            code = "1.8.0" if service is Service.ELECTRICITY else "W"
            found.append(MeterFit(service, name, {code: "000012"}))
        return found

    def energise(self, made: Any, fits: Any = None, actor: Actor = OFFICER) -> Any:
        from tahseel.channels.services import operations

        return operations.energise(
            actor=actor, at=self.now, application_id=made.id, day=self.today,
            fits=self.fits() if fits is None else fits,
        )  # fmt: skip

    def state(self, made: Any) -> str:
        from tahseel.channels.services.models import Application

        return str(Application.objects.get(pk=made.id).state)


@pytest.fixture
def office(database: Any) -> Office:
    from tests.integration.registry import town as towns

    from tahseel.registry.premises import operations as premises
    from tahseel.registry.premises.values import NewPremises, NewUnit, Sector, UnitKind

    town = towns.found()
    plot = NewPremises(town.make_id(town.at), "surra", "3", "12", "77")
    villa = NewUnit(
        town.make_id(town.at), plot.id, UnitKind.VILLA, Sector.PRIVATE, date(2026, 1, 1),
        paci_number="17432150",
    )  # fmt: skip
    premises.add_premises(actor=town.head, at=town.at, premises=plot)
    premises.add_unit(actor=town.head, at=town.at, unit=villa)
    return Office(town, town.person(), villa.id)


@pytest.fixture
def leaves(database: object) -> Any:
    """Outcomes of the leaves of one action, oldest first."""
    import json

    from django.db import connection

    def read(action: str) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("select body from audit_leaf order by ctid")
            found = [json.loads(bytes(row[0])) for row in cursor.fetchall()]
        return [leaf["outcome"] for leaf in found if leaf["action"] == action]

    return read

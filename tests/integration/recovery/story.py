"""A small town of debtors: each step goes through the public operation that owns it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import Entry
from tahseel.books.payments import operations as payments
from tahseel.books.payments.values import Received
from tahseel.kernel import secrets
from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.ids import CivilId, new_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day, start_of
from tahseel.recovery.clearance.projector import Projector
from tahseel.recovery.clearance.replica import Record, Writer
from tahseel.recovery.clearance.values import Gate
from tahseel.recovery.collections import operations as collections
from tahseel.recovery.collections.values import ServiceProof
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CIVIL_ID_INDEX, CustomerKind, Evidence

JOB = system("test")
CLERK = Actor(ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))
DUE = date(2026, 5, 1)
NOTICE_DAY = date(2026, 6, 1)
SERVED_DAY = date(2026, 6, 2)
HOLD_DAY = date(2026, 7, 5)
RESIDENT, CITIZEN, OTHER = "285010100015", "299113007777", "290111500778"


def instant(day: date, hour: int = 9) -> datetime:
    return start_of(day) + timedelta(hours=hour)


@dataclass
class Debtor:
    """A customer with one account."""

    customer_id: UUID
    account_id: UUID
    civil_id: str | None

    @property
    def index(self) -> bytes:
        assert self.civil_id
        return secrets.blind_index(self.civil_id, purpose=CIVIL_ID_INDEX)


class Town:
    """Steps of the story, each through the public operation that owns it."""

    def __init__(self) -> None:
        self.now = instant(HOLD_DAY)

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def debtor(
        self,
        civil_id: str | None = RESIDENT,
        kind: CustomerKind = CustomerKind.RESIDENT,
        *fils: int,
        verified: bool = True,
        mobile: str | None = None,
        language: str = "ar",
    ) -> Debtor:
        at = datetime(2026, 1, 5, 8, tzinfo=UTC)
        debtor = Debtor(new_id(at), new_id(at), civil_id)
        customers.register(
            actor=JOB,
            at=at,
            id=debtor.customer_id,
            kind=kind,
            civil_id=CivilId.parse(civil_id) if civil_id else None,
            name_ar="سالم",
            name_en="Salem",
            registration_number=None if civil_id else uuid4().hex,
            mobile=mobile,
            language=language,
        )
        if verified:
            customers.verify_identity(
                actor=JOB,
                at=at,
                customer_id=debtor.customer_id,
                evidence=Evidence.SMART_CARD,
                reference="test",
            )
        for amount in fils:
            self.claim(debtor, amount)
        return debtor

    def claim(self, debtor: Debtor, fils: int, due: date = DUE) -> UUID:
        """One bill: its ledger entry and its claim."""
        at = instant(due - timedelta(days=20))
        made = NewClaim(
            account_id=debtor.account_id,
            id=new_id(at),
            reference=f"B-{uuid4().hex[:10]}",
            kind="bill",
            opened_on=local_day(at),
            due_date=due,
            amount=Money(fils),
            customer_id=debtor.customer_id,
        )
        entry = Entry(
            id=new_id(at),
            account_id=debtor.account_id,
            debit="receivable",
            credit="revenue.electricity",
            amount=Money(fils),
            business_date=local_day(at),
            source="bill",
            source_id=made.id,
        )
        ledger.post(actor=JOB, at=at, entries=[entry])
        claims.open_claims(actor=JOB, at=at, claims=[made])
        return made.id

    def notify(self, day: date = NOTICE_DAY, served: date | None = SERVED_DAY) -> list[UUID]:
        report = collections.serve_notices(actor=JOB, at=instant(day), business_date=day)
        if served:
            evidence = {"receipt_number": "RR1", "received_by": "himself"}
            proofs = [ServiceProof(n, instant(served), evidence) for n in report.notice_ids]
            collections.record_service(actor=JOB, at=instant(served, 10), proofs=proofs)
        return list(report.notice_ids)

    def pay(self, debtor: Debtor, fils: int) -> UUID:
        at = self.clock()
        received = Received(
            id=new_id(at),
            account_id=debtor.account_id,
            customer_id=debtor.customer_id,
            amount=Money(fils),
            tender="cash",
            received_at=at,
            business_date=local_day(at),
        )
        payments.record_received(actor=CLERK, at=at, received=received)
        return received.id


class Link:
    """A projector and its replica, asked as the gateway would ask."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town = town
        self.writer = Writer(folder)
        self.projector = Projector(replica=self.writer, clock=town.clock)

    def restart(self) -> None:
        self.projector = Projector(replica=self.writer, clock=self.town.clock)

    def at(self, debtor: Debtor, gate: Gate = Gate.EXIT) -> Record | None:
        return self.writer.reader().record(debtor.index, gate)

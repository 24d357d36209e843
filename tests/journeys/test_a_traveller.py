"""Salim reads no letter, is stopped at the airport, pays on his phone, and catches his flight.

The whole life of a fils, told once from the meter's file to the text message, through the public
operations of every slice, with the firms outside as processes of their own.
"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from tests.integration.registry import town as registry

from tahseel.app.demo.release import pay_at_the_page
from tahseel.books.claims import queries as claims
from tahseel.books.ledger import queries as ledger
from tahseel.books.payments import operations as payments
from tahseel.charging.billing import operations as billing
from tahseel.consumption.readings import operations as readings
from tahseel.kernel.actor import ANONYMOUS, Actor, ActorKind, Purpose, system
from tahseel.kernel.ids import CivilId, new_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.recovery.clearance import client, pushing, telling
from tahseel.recovery.clearance import jobs as clearance_jobs
from tahseel.recovery.clearance import operations as clearance
from tahseel.recovery.clearance import queries as held
from tahseel.recovery.clearance.projector import Projector
from tahseel.recovery.clearance.replica import Writer
from tahseel.recovery.clearance.values import Gate
from tahseel.recovery.collections import operations as collections
from tahseel.recovery.collections.values import ServiceProof
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind, Evidence
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)
from tahseel.registry.supply import operations as supply
from tahseel.trust.audit import queries as audit
from tahseel.trust.audit import sequencer
from tahseel.trust.notices import messenger

JOB = system("journey")
CLERK = Actor(ActorKind.STAFF, "clerk-1", "clerk", frozenset({"clerk"}))
SALIM = CivilId("285010100015")
MOVED_IN = date(2026, 3, 1)
BILLED = date(2026, 4, 3)
# Due fifteen days later, on 18 April; told from the fourteenth day after that on; by registered
# letter, whose thirty days end on Friday 5 June, and therefore with Sunday 7 June.
NOTICE, LETTER, LAST_DAY, STOPPED = (
    date(2026, 5, 4), date(2026, 5, 6), date(2026, 6, 7), date(2026, 6, 8),
)  # fmt: skip
ROUND = """meter,register,at,value,unit
E-1,1.8.0,2026-03-01,1000,kWh
W-1,8.0.1,2026-03-01,50,m3
E-1,1.8.0,2026-04-01,3500,kWh
W-1,8.0.1,2026-04-01,80,m3
E-9,1.8.0,2026-04-01,17,kWh
"""
# 2,500 kWh at 5 fils in a flat, and 30 cubic metres: 6,600 imperial gallons at KD 2 a thousand
# (30,000 litres / 4.54609 = 6,599.08 gallons, that is KD 13.198).
ELECTRICITY, WATER = 12_500, 13_198


class Day:
    """The calendar of the story: it goes on, from morning to evening, and never back."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 1, 6, tzinfo=UTC)

    def at(self, day: date, hour: int = 9) -> datetime:
        self.now = max(self.now, start_of(day) + timedelta(hours=hour))
        return self.now

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class Kuwait:
    """Everybody who plays a part."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.day = folder, Day()
        self.writer = Writer(folder / "replica")
        self.projector = Projector(replica=self.writer, clock=self.day.clock)
        self.projector.drain()
        self.salim, self.account = new_id(self.day.now), new_id(self.day.now)

    def settle(self) -> None:
        """What runs by itself: decisions, the agency, messages, the audit log's roots."""
        self.projector.drain()
        while pushing.step(at=self.day.clock()) or telling.step(at=self.day.clock()):
            pass
        messenger.hand_over_waiting(at=self.day.clock())
        sequencer.sequence_all(at=self.day.clock())

    def moves_in(self) -> None:
        at = self.day.at(MOVED_IN)
        customers.register(
            actor=CLERK, at=at, id=self.salim, kind=CustomerKind.RESIDENT, civil_id=SALIM,
            name_ar="سليم كومار", name_en="Saleem Kumar", mobile="99887766",
        )  # fmt: skip
        customers.verify_identity(
            actor=CLERK, at=at, customer_id=self.salim, evidence=Evidence.MOBILE_ID, reference="m-1"
        )
        (flat,) = registry.found().units(1)
        supply.open_account(
            actor=CLERK, at=at, id=self.account, unit_id=flat.id, opened_on=MOVED_IN,
            payer_id=self.salim,
        )  # fmt: skip
        points = {point.service: point.id for point in flat.services}
        hung = [
            (_meter("E-1", Service.ELECTRICITY, "1.8.0", DialUnit.KWH), Service.ELECTRICITY),
            (_meter("W-1", Service.WATER, "8.0.1", DialUnit.CUBIC_METRE), Service.WATER),
        ]
        meters.add_many(
            actor=JOB, at=at, batch="flat", meters=[meter for meter, _ in hung],
            installations=[
                NewInstallation(new_id(at), meter.id, points[service], MOVED_IN)
                for meter, service in hung
            ],
        )  # fmt: skip

    def meter_round(self) -> Any:
        file = self.folder / "round-2026-04.csv"
        file.write_text(ROUND)
        return readings.import_files(
            actor=JOB, at=self.day.at(date(2026, 4, 1), 6), paths=[file]
        ).files[0]

    def bill(self) -> None:
        month = BillingMonth.of(MOVED_IN)
        readings.determine(actor=JOB, at=self.day.at(BILLED, 5), month=month)
        billing.run(actor=JOB, at=self.day.at(BILLED, 7), month=month, issued_on=BILLED)
        self.settle()

    def evening(self, day: date) -> None:
        """The decision of a working day."""
        clearance.open_due_holds(actor=JOB, at=self.day.at(day, 8), business_date=day)
        self.settle()


def _meter(serial: str, service: Service, register: str, unit: DialUnit) -> NewMeter:
    at = datetime(2026, 2, 1, tzinfo=UTC)
    dial = NewRegister(new_id(at), register, RegisterKind.IMPORT, unit, 6)
    return NewMeter(new_id(at), serial, service, "Maker", Phase.NONE, (dial,))


@pytest.fixture
def kuwait(country: Path) -> Iterator[Kuwait]:
    made = Kuwait(country)
    yield made
    made.writer.close()


@pytest.fixture
def border(kuwait: Kuwait, country: Path) -> Iterator[Any]:
    """The gateway as a process of its own; `border()` is the officer's question."""
    socket = country / "gateway.sock"
    words = clearance_jobs.command(
        socket_path=socket, replica_path=country / "replica", keys_path=country / "keys"
    )

    def ask() -> client.Answer:
        return client.check(
            socket_path=socket, civil_id=SALIM, gate=Gate.EXIT,
            purpose=Purpose.CLEARANCE_CHECK, reference="booth-7",
        )  # fmt: skip

    with subprocess.Popen(words) as process:
        for _ in range(600):
            if socket.exists():
                break
            time.sleep(0.05)
        yield ask
        process.terminate()


def owed(kuwait: Kuwait) -> int:
    return sum(claim.open.fils for claim in claims.open_claims(kuwait.account))


def asked(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.loads(answer.read())


def agency_stops_salim() -> bool:
    agency = settings.PARTNERS["moi"].removesuffix("/clearance/changes")
    return bool(asked(f"{agency}/simulator/person?civil_id={SALIM.digits}&gate=exit")["held"])


def texts() -> list[str]:
    return [text["message"] for text in asked(f"{settings.SMS_URL}/simulator/messages")]


def served(kuwait: Kuwait) -> list[UUID]:
    report = collections.serve_notices(actor=JOB, at=kuwait.day.at(NOTICE, 7), business_date=NOTICE)
    proof = {"receipt_number": "RR000001KW", "received_by": "himself"}
    collections.record_service(
        actor=CLERK,
        at=kuwait.day.at(LETTER, 15),
        proofs=[ServiceProof(n, start_of(LETTER) + timedelta(hours=11), proof)
                for n in report.notice_ids],
    )  # fmt: skip
    return list(report.notice_ids)


def pays(kuwait: Kuwait, reference: str) -> None:
    """On his phone: the reference of the border, the payment page, and our own question."""
    at = kuwait.day.at(STOPPED, 10)
    found = held.hold_by_reference(actor=ANONYMOUS, at=at, reference=reference)
    assert found is not None
    started = payments.start(
        actor=ANONYMOUS, at=at, id=new_id(at), amount=Money(found.fils), gateway="knet",
        claims=[(claim.account_id, claim.claim_id) for claim in found.claims],
        hold_reference=reference,
    )  # fmt: skip
    pay_at_the_page(started.redirect_url)
    assert payments.confirm(actor=JOB, at=kuwait.day.clock(), track_id=started.track_id).posted


def test_from_a_meter_file_to_a_released_traveller(kuwait: Kuwait, border: Any) -> None:
    kuwait.moves_in()

    taken = kuwait.meter_round()
    assert (taken.stored, taken.parked) == (4, 1), "the unknown meter waits, the others count"
    kuwait.bill()
    assert owed(kuwait) == ELECTRICITY + WATER

    assert served(kuwait), "a letter goes out once the bill is fourteen days overdue"
    kuwait.evening(LAST_DAY)
    assert border().answer == "clear", "the last day of the term is still his"
    assert not agency_stops_salim()

    kuwait.evening(STOPPED)
    answer = border()
    assert (answer.answer, answer.amount_fils) == ("held", ELECTRICITY + WATER)
    assert answer.reference
    assert agency_stops_salim()
    assert texts() == []

    pays(kuwait, answer.reference)
    kuwait.settle()

    assert border().answer == "clear"
    assert not agency_stops_salim()
    [text] = texts()
    assert "رُفع الإيقاف عن جميع معاملاتكم" in text
    assert owed(kuwait) == 0
    assert ledger.recompute().balanced
    assert audit.verify_log().sound


def test_a_letter_that_never_arrived_stops_nobody(kuwait: Kuwait, border: Any) -> None:
    kuwait.moves_in()
    kuwait.meter_round()
    kuwait.bill()
    report = collections.serve_notices(actor=JOB, at=kuwait.day.at(NOTICE, 7), business_date=NOTICE)
    assert report.notice_ids

    kuwait.evening(date(2026, 12, 1))

    assert border().answer == "clear"
    assert owed(kuwait) == ELECTRICITY + WATER


def test_who_pays_on_the_last_day_is_never_stopped(kuwait: Kuwait, border: Any) -> None:
    kuwait.moves_in()
    kuwait.meter_round()
    kuwait.bill()
    served(kuwait)
    [claim] = claims.open_claims(kuwait.account)
    at = kuwait.day.at(LAST_DAY, 20)
    started = payments.start(
        actor=ANONYMOUS, at=at, id=new_id(at), amount=claim.open, gateway="knet",
        claims=[(kuwait.account, claim.id)],
    )  # fmt: skip
    pay_at_the_page(started.redirect_url)
    assert payments.confirm(actor=JOB, at=kuwait.day.clock(), track_id=started.track_id).posted
    assert owed(kuwait) == 0
    kuwait.settle()

    kuwait.evening(STOPPED)

    assert border().answer == "clear", held.open_holds(customer_ids=[kuwait.salim])
    assert not held.open_holds(customer_ids=[kuwait.salim]).get(kuwait.salim)
    assert texts() == []

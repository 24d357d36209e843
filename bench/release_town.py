"""The body of the promise `release`: a small town that is held, and what sets it free.

Imported once Django is set up over the bench's own database.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connections

from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger import rules as ledger_rules
from tahseel.books.ledger.values import Entry
from tahseel.books.payments import facilities
from tahseel.books.payments import operations as payments
from tahseel.books.payments import rules as payments_rules
from tahseel.books.payments.values import Received
from tahseel.countries.kuwait import country
from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.errors import Fault
from tahseel.kernel.ids import CivilId, civil_id_scheme, new_id
from tahseel.kernel.money import Money
from tahseel.kernel.outbox import Doorbell
from tahseel.kernel.period import local_day, start_of
from tahseel.recovery.clearance import client, jobs
from tahseel.recovery.clearance import operations as clearance
from tahseel.recovery.clearance.projector import Projector
from tahseel.recovery.clearance.replica import Writer
from tahseel.recovery.clearance.values import Gate
from tahseel.recovery.collections import operations as collections
from tahseel.recovery.collections.values import ServiceProof
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind, Evidence, NewCustomer
from tahseel.trust.notices import rules as notices_rules
from tahseel.trust.notices import values as notices_values

JOB = system("bench")
CLERK = Actor(ActorKind.STAFF, "bench", "bench", frozenset({"clerk"}))
PERSONS_MAX = 10_000
READY_S = 25.0
RELEASE_S_MAX = 10.0
PAUSE_S = 0.0002
BETWEEN_S = 0.005
STOP_S = 10


@dataclass(frozen=True)
class Debtor:
    customer_id: UUID
    account_id: UUID
    civil_id: str
    fils: int


def now() -> datetime:
    return datetime.now(UTC)


def civil_ids(count: int) -> list[str]:
    """Valid civil ids of adults, each once."""

    scheme, chance = civil_id_scheme(), random.Random(3)
    found: dict[str, bool] = {}
    while len(found) < count:
        day = date(1960, 1, 1) + timedelta(days=chance.randrange(14_000))
        prefix = f"2{day:%y%m%d}{chance.randrange(9_000, 10_000)}"
        digit = scheme.check_digit(prefix)
        if digit is not None:
            found[f"{prefix}{digit}"] = True
    return list(found)


def install() -> None:
    """What the application's start installs, for this process."""

    country.install()
    chart = (country.FOLDER / "chart.toml").read_bytes()
    ledger_rules.install_chart(ledger_rules.load_chart(chart))
    notices_values.install_channels(notices_rules.load_channels(country.data("channels")))
    tenders = payments_rules.load_tenders((country.FOLDER / "tenders.toml").read_bytes())
    by_code = {tender.code: tender for tender in tenders}
    facilities.install(facilities.Facilities({}, by_code, "http://127.0.0.1"))


def seed(count: int) -> list[Debtor]:
    """Residents with one overdue bill each, notified, with the term behind them, and held."""

    today = local_day(now())
    began = start_of(today - timedelta(days=200))
    debtors = [
        Debtor(new_id(began), new_id(began), civil_id, 5_000 + number)
        for number, civil_id in enumerate(civil_ids(count))
    ]
    people = [
        NewCustomer(
            id=one.customer_id,
            kind=CustomerKind.RESIDENT,
            name_ar="سالم",
            name_en="Salem",
            civil_id=CivilId.parse(one.civil_id),
            evidence=Evidence.REGISTRY_FEED,
            evidence_reference="bench",
        )
        for one in debtors
    ]
    customers.register_many(actor=JOB, at=began, batch="bench", customers=people)
    owe(debtors, today)
    notify_and_hold(today)
    return debtors


def owe(debtors: list[Debtor], today: date) -> None:
    """One bill a person: its entry and its claim."""

    opened = today - timedelta(days=150)
    at = start_of(opened)
    made = [
        NewClaim(
            account_id=one.account_id,
            id=new_id(at),
            reference=f"BENCH-{number}",
            kind="bill",
            opened_on=opened,
            due_date=opened + timedelta(days=30),
            amount=Money(one.fils),
            customer_id=one.customer_id,
        )
        for number, one in enumerate(debtors)
    ]
    entries = [
        Entry(
            id=new_id(at),
            account_id=claim.account_id,
            debit="receivable",
            credit="revenue.electricity",
            amount=claim.amount,
            business_date=opened,
            source="bill",
            source_id=claim.id,
        )
        for claim in made
    ]
    ledger.post_many(actor=JOB, at=at, entries=entries)
    claims.open_claims(actor=JOB, at=at, claims=made)


def notify_and_hold(today: date) -> None:

    told = today - timedelta(days=90)
    report = collections.serve_notices(actor=JOB, at=start_of(told), business_date=told)
    served = start_of(told + timedelta(days=1))
    evidence = {"receipt_number": "R1", "received_by": "himself"}
    proofs = [ServiceProof(one, served, evidence) for one in report.notice_ids]
    collections.record_service(actor=JOB, at=served, proofs=proofs)
    clearance.open_due_holds(actor=JOB, at=now(), business_date=today)


def project() -> None:
    """Be the projector's process until the parent is gone."""
    install()
    doorbell = Doorbell(Path(os.environ["TAHSEEL_WAKE_SOCKET"]))
    projector = Projector(replica=Writer(Path(settings.REPLICA)), clock=now)
    parent = os.getppid()
    projector.run(doorbell=doorbell, stopped=lambda: os.getppid() != parent)


def measure(debtors: list[Debtor]) -> list[float]:
    """Milliseconds of each release."""

    connection = client.SocketConnection(Path(settings.GATEWAY_SOCKET))

    def ask(one: Debtor) -> client.Answer:
        return client.ask(
            connection, civil_id=one.civil_id, gate=Gate.EXIT, purpose="exit", reference="bench"
        )

    await_held(debtors[-1], ask)
    times = []
    for one in debtors:
        answer = ask(one)
        if (answer.answer, answer.amount_fils) != ("held", one.fils):
            raise AssertionError(f"expected {one.fils} fils held, got {answer}")
        pay(one)
        start = time.perf_counter()
        while ask(one).answer != "clear":
            if time.perf_counter() - start > RELEASE_S_MAX:
                raise AssertionError(f"still held {RELEASE_S_MAX} s after the payment")
            time.sleep(PAUSE_S)
        times.append((time.perf_counter() - start) * 1_000)
        time.sleep(BETWEEN_S)
    return times


def await_held(one: Debtor, ask: Callable[[Debtor], client.Answer]) -> None:
    """Until both processes are up and the replica knows the last person's hold."""

    end, last = time.monotonic() + READY_S, "not asked"
    while time.monotonic() < end:
        try:
            answer = ask(one)
            if answer.answer == "held":
                return
            last = str(answer)
        except Fault as fault:
            last = str(fault)
        time.sleep(0.02)
    raise RuntimeError(f"the gateway and the projector did not come up: {last}")


def pay(one: Debtor) -> None:
    """The whole amount, at a counter; acknowledged when this returns."""

    at = now()
    received = Received(
        id=new_id(at),
        account_id=one.account_id,
        customer_id=one.customer_id,
        amount=Money(one.fils),
        tender="cash",
        received_at=at,
        business_date=local_day(at),
    )
    payments.record_received(actor=CLERK, at=at, received=received)


def run(count: int) -> list[float]:
    """Seed, start both processes, measure, stop them."""
    install()
    debtors = seed(min(count, PERSONS_MAX))
    connections.close_all()
    gateway = jobs.command(
        socket_path=Path(settings.GATEWAY_SOCKET),
        replica_path=Path(settings.REPLICA),
        keys_path=Path(settings.KEYS),
    )
    projector = [sys.executable, "-m", "bench.release_process", "projector"]
    children = [subprocess.Popen(command) for command in (projector, gateway)]
    try:
        return measure(debtors)
    finally:
        for child in children:
            child.terminate()
            child.wait(STOP_S)

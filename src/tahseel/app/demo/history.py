"""Month by month from the first 1 April to the day of the demonstration: reads, bills, money,
notices, holds. Every step is the product's own operation, at the instant at which it would happen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tahseel.app.demo import buildings
from tahseel.app.demo import payers as habits
from tahseel.app.demo.buildings import Happening
from tahseel.app.demo.payers import Payer
from tahseel.app.demo.tenancies import Tenancies
from tahseel.app.demo.usage import Usage
from tahseel.app.demo.values import BUILDER, Chance, Plan, at_hour
from tahseel.books.payments import operations as payments
from tahseel.charging.billing import operations as billing
from tahseel.charging.billing import queries as bills
from tahseel.charging.sales import operations as sales
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.recovery.clearance import operations as clearance
from tahseel.recovery.clearance.projector import Projector
from tahseel.recovery.collections import operations as collections
from tahseel.recovery.collections.values import ServiceProof
from tahseel.trust.audit import sequencer

ISSUE_DAY = 3
NOTICE_DAY = 20
HOLD_DAY = 26
SERVED_PER_HUNDRED = 96
READ_QUALITY = "actual"
RECEIVED_BY_AR = "المخاطب بنفسه"

Progress = Callable[[str, int, int], None]


@dataclass
class History:
    """What the months leave behind for the next one."""

    plan: Plan
    chance: Chance
    data: Mapping[str, Any]
    usage: Usage
    payers: dict[UUID, Payer]
    clock: Clock
    projector: Projector
    tenancies: Tenancies
    happenings: Sequence[Happening] = ()
    bill_counts: dict[UUID, int] = field(default_factory=dict)
    letters: list[tuple[date, UUID]] = field(default_factory=list)

    def play(self, progress: Progress) -> None:
        """All months in order; after the last one the country stands on `as_of`."""
        months = self.plan.months
        first = self.plan.first_month.first_day
        progress("history", 0, len(months))
        self._read(0, first)
        self._happen(date.min, first - timedelta(days=1))
        acting = [month.next() for month in months]
        for number, month in enumerate(acting, start=1):
            self._month(number, month)
            progress("history", number, len(acting))

    def _happen(self, after: date, until: date) -> None:
        """What happened to buildings, recorded before the month is over and so before its bills."""
        for one in buildings.due(self.happenings, after=after, until=until):
            one.act(self.clock.move(at_hour(one.day, 7)))

    def _month(self, number: int, month: BillingMonth) -> None:
        first = month.first_day
        last = min(month.period.end - timedelta(days=1), self.plan.as_of)
        self._read(number, first)
        issued = min(first + timedelta(days=ISSUE_DAY - 1), last)
        self._bill(month.previous(), issued)
        self.tenancies.play(number, first, self.clock.move(at_hour(issued, 12)), self.payers)
        notice_day = first + timedelta(days=NOTICE_DAY - 1)
        hold_day = first + timedelta(days=HOLD_DAY - 1)
        self._pay(first, min(notice_day, last + timedelta(days=1)))
        if notice_day <= last:
            self._notify(notice_day)
            self._pay(notice_day, min(hold_day, last + timedelta(days=1)))
        self._deliver(last)
        if hold_day <= last:
            self._hold(hold_day)
            self._pay(hold_day, last + timedelta(days=1))
        elif last == self.plan.as_of:
            self._hold(last)
        self._happen(first - timedelta(days=1), last)
        self._settle(at_hour(last, 23, 30))

    def _read(self, column: int, day: date) -> None:
        at = self.clock.move(start_of(day) + timedelta(hours=6))
        instant = start_of(day)
        dials = self.usage.dials[:, column].tolist()
        readings.store_register_reads(
            actor=BUILDER,
            at=at,
            source=f"meter-round-{day:%Y-%m}",
            rows=(
                DialRead(meter.meter_id, meter.register, instant, dial, READ_QUALITY)
                for meter, dial in zip(self.usage.meters, dials, strict=True)
            ),
        )

    def _bill(self, month: BillingMonth, issued_on: date) -> None:
        at = self.clock.move(at_hour(issued_on, 7))
        readings.determine(actor=BUILDER, at=at, month=month)
        sales.bill_month(actor=BUILDER, at=at, month=month, issued_on=issued_on)
        billing.run(actor=BUILDER, at=at, month=month, issued_on=issued_on)
        for account_id, claim_id, amount in bills.issued(month=month):
            count = self.bill_counts[account_id] = self.bill_counts.get(account_id, 0) + 1
            habits.take_bill(
                self.payers[account_id],
                claim_id=claim_id,
                amount=amount,
                issued_on=issued_on,
                number=count,
            )

    def _pay(self, start: date, end: date) -> None:
        """Money that came on the days from `start` to before `end`."""
        received = habits.payments_between(
            list(self.payers.values()), start=start, end=end, chance=self.chance, data=self.data
        )
        if received:
            at = self.clock.move(received[-1].received_at + timedelta(minutes=1))
            payments.record_many(actor=BUILDER, at=at, received=received, history=True)

    def _notify(self, day: date) -> None:
        """Notices of debt leave by registered letter; most arrive within the week."""
        at = self.clock.move(at_hour(day, 9))
        report = collections.serve_notices(actor=BUILDER, at=at, business_date=day)
        post = self.chance.generator(f"post/{day}")
        for notice_id in sorted(report.notice_ids):
            if post.randrange(100) < SERVED_PER_HUNDRED:
                self.letters.append((day + timedelta(days=post.randint(1, 5)), notice_id))

    def _deliver(self, until: date) -> None:
        """The post reports what it has delivered up to and with a day."""
        arrived = [(day, notice_id) for day, notice_id in self.letters if day <= until]
        self.letters = [letter for letter in self.letters if letter[0] > until]
        if arrived:
            latest = max(day for day, _ in arrived)
            at = self.clock.move(at_hour(latest, 15))
            collections.record_service(
                actor=BUILDER, at=at, proofs=[_proof(day, notice_id) for day, notice_id in arrived]
            )

    def _hold(self, day: date) -> None:
        at = self.clock.move(at_hour(day, 20))
        clearance.open_due_holds(actor=BUILDER, at=at, business_date=day)

    def _settle(self, at: datetime) -> None:
        """Let the projector and the audit log catch up with the month."""
        self.clock.move(at)
        self.projector.drain()
        sequencer.sequence_all(at=self.clock.now())


def _proof(day: date, notice_id: UUID) -> ServiceProof:
    evidence = {"receipt_number": f"RR{notice_id.int % 10**9:09d}KW", "received_by": RECEIVED_BY_AR}
    return ServiceProof(notice_id, at_hour(day, 11), evidence)


class Clock:
    """The instant at which the country stands; it only moves forward."""

    def __init__(self, start: datetime) -> None:
        self._at = start

    def move(self, at: datetime) -> datetime:
        self._at = max(self._at, at)
        return self._at

    def now(self) -> datetime:
        return self._at

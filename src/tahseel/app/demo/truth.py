"""What makers certified, a few tests of meters, and visits that customers have booked.

Money stays as it is: one meter failed, and nobody has decided yet what that corrects.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.app.demo.people import Party
from tahseel.app.demo.places import Places
from tahseel.app.demo.values import BUILDER, Chance, at_hour
from tahseel.consumption.appointments import operations as appointments
from tahseel.consumption.appointments import queries as slots
from tahseel.consumption.metrology import operations, rules
from tahseel.consumption.metrology.queries import lots
from tahseel.consumption.metrology.values import NewTest, TestKind, TestPoint
from tahseel.kernel.ids import derived_id
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as nesting
from tahseel.registry.meters import queries as devices
from tahseel.registry.meters.values import NewBehind
from tahseel.registry.premises import queries as premises

BATCH = "synthetic-certificates"
LOTS = UUID(int=0x10751075)
LOT_DAYS_AGO = 20
YEARS, ENDED_DAYS_MAX = 8, 150
ERRORS = (35, -60, 280)  # parts per 10,000: two pass, the last is beyond every class
TESTED_DAYS_AGO = (400, 45, 12)
BOOKED = 4


def certify(*, places: Places, chance: Chance, as_of: date, at: datetime) -> None:
    """Every meter that hangs came certified; for a few that has ended, or ends soon."""
    random = chance.generator("certificates")
    rows = []
    for number, one in enumerate(places.installations, start=1):
        until = as_of + timedelta(days=random.randint(-ENDED_DAYS_MAX, YEARS * 365))
        first = until.replace(year=until.year - YEARS, day=min(until.day, 28))
        rows.append((one.meter_id, first, until, f"M{number:08d}"))
    operations.certify_many(actor=BUILDER, at=at, batch=BATCH, certified=rows)


def find(*, parties: Sequence[Party], account_ids: Sequence[UUID], as_of: date) -> None:
    """Some meters were tested, and some customers have booked a visit."""
    at = at_hour(as_of, 9)
    pairs = list(zip(parties, account_ids, strict=True))
    powered = [
        (one.meter_id, account)
        for party, account in pairs
        for one in party.home.meters
        if one.service is Service.ELECTRICITY
    ]
    tried = zip(powered[3:], ERRORS, TESTED_DAYS_AGO, strict=False)
    for (meter_id, _account), error, ago in tried:
        _test(meter_id, error, as_of - timedelta(days=ago), at=at)
    sample(as_of=as_of)
    _nest([meter_id for meter_id, _account in powered[-3:]], as_of)
    for party, account in pairs[:BOOKED]:
        _book(party, account, as_of, at)


def _test(
    meter_id: UUID,
    error: int,
    day: date,
    *,
    at: datetime,
    kind: TestKind = TestKind.SITE,
    service: Service = Service.ELECTRICITY,
) -> None:
    programme = rules.policy().programme(service, kind)
    assert programme is not None
    points = tuple(TestPoint(p.load, p.factor, error) for p in programme.points)
    test = NewTest(
        id=derived_id(meter_id, f"test {kind}"), meter_id=meter_id, kind=kind, tested_on=day,
        accuracy_class="1", reference="MT-3000/17",
        certificate=f"T{day:%Y%m%d}-{meter_id.hex[-6:]}", points=points,
    )  # fmt: skip
    operations.record_test(actor=BUILDER, at=at, meter_id=meter_id, test=test)


def sample(*, as_of: date) -> None:
    """The largest lot whose certification ends is drawn, and most of its sample was tested."""
    day = as_of - timedelta(days=LOT_DAYS_AGO)
    possible = [one for one in lots.candidates(day=day) if one.plan]
    if not possible:
        return
    largest = max(possible, key=lambda one: (one.size, one.batch.make, one.batch.year))
    made = operations.form_lot(
        actor=BUILDER, at=at_hour(day, 10), lot_id=derived_id(LOTS, f"{largest.batch}"),
        batch=largest.batch, seed=derived_id(LOTS, "seed").hex,
    )  # fmt: skip
    waiting = [one.meter_id for one in lots.sample(lot_id=made.id)]
    for meter_id in waiting[: len(waiting) * 2 // 3]:
        _test(
            meter_id, 30, as_of - timedelta(days=1), at=at_hour(as_of, 9), kind=TestKind.SAMPLING,
            service=largest.batch.service,
        )  # fmt: skip


def _nest(meter_ids: Sequence[UUID], as_of: date) -> None:
    """Two meters stand behind a third from the running month on; no bill knows of it yet."""
    since = as_of.replace(day=1)
    hung = [devices.where_installed(meter_id=one, day=since) for one in meter_ids]
    points = [one.service_point_id for one in hung if one is not None]
    for point in points[1:]:
        nesting.put_behind(
            actor=BUILDER, at=at_hour(as_of, 9),
            behind=NewBehind(derived_id(point, "behind"), point, points[0], since),
        )  # fmt: skip


def _book(party: Party, account_id: UUID, as_of: date, at: datetime) -> None:
    unit_id = party.home.unit.id
    area = premises.area_of(unit_ids=[unit_id])[unit_id].code
    free = slots.free(area=area, today=as_of)
    if free:
        appointments.book(
            actor=BUILDER, at=at, booking_id=derived_id(account_id, "visit"),
            account_id=account_id, day=free[0].day, half=free[0].half, reason="read",
        )  # fmt: skip

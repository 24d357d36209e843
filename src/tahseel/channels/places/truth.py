"""Puts together, for the screens of tests, what is due, a meter's tests, and one test."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from tahseel.channels.pages.values import Pill, Tone
from tahseel.channels.places.queries import word
from tahseel.channels.places.truth_forms import told
from tahseel.channels.places.values import BASIS_NAMES, SERVICE_NAMES, TEST_KIND_NAMES
from tahseel.consumption.appointments import queries as appointments
from tahseel.consumption.appointments.values import Access, AccessState
from tahseel.consumption.metrology import queries, rules
from tahseel.consumption.metrology.values import (
    Basis,
    Certification,
    Correction,
    MonthCorrected,
    Proposed,
    TestView,
    Verdict,
)
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import MeterView
from tahseel.registry.supply import queries as supply

SOON_DAYS = 90


@dataclass(frozen=True, slots=True)
class TestRow:
    """A test in a list."""

    __test__ = False

    view: TestView
    serial: str
    kind: str
    error: str
    pill: Pill


@dataclass(frozen=True, slots=True)
class CertificationRow:
    """A meter whose certification has ended or ends soon, and what the last one rested on."""

    view: Certification
    serial: str
    basis: str
    pill: Pill


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A meter that nobody gets to, and how far it has come."""

    view: Access
    serial: str
    number: str
    pill: Pill

    @property
    def charged(self) -> bool:
        return self.view.state is AccessState.CHARGE


@dataclass(frozen=True, slots=True)
class Work:
    """What waits: certifications, errors of which nobody decided, and what was tested last."""

    due: tuple[CertificationRow, ...]
    undecided: tuple[tuple[TestRow, bool], ...]
    recent: tuple[TestRow, ...]
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True, slots=True)
class MeterTests:
    """A meter's tests and certification."""

    meter: MeterView
    service: str
    certified: CertificationRow | None
    tests: tuple[TestRow, ...]


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month of an account: measured, the difference, and what both make."""

    number: str
    view: MonthCorrected

    @property
    def corrected(self) -> int:
        return self.view.measured + self.view.difference


@dataclass(frozen=True, slots=True)
class TestSheet:
    """One test: its points with their limits, and the correction, made, asked for or possible."""

    __test__ = False

    row: TestRow
    service: str
    points: tuple[tuple[str, str, str, Pill], ...]
    proposed: Proposed | None
    made: Correction | None
    waits: UUID | None
    months: tuple[MonthRow, ...]

    @property
    def serial(self) -> str:
        return self.row.serial


def work(*, day: date, as_of: datetime) -> Work:
    """The work-list of whoever keeps meters true."""
    due = queries.uncertified(day=day, within_days=SOON_DAYS)
    undecided, recent = queries.uncorrected(), queries.recent_tests(limit=20)
    waiting = queries.corrections_waiting(as_of=as_of)
    ids = {one.meter_id for one in due} | {one.meter_id for one in (*undecided, *recent)}
    serials = _serials(ids)
    return Work(
        due=tuple(_certified(one, serials[one.meter_id], day) for one in due),
        undecided=tuple((_row(one, serials[one.meter_id]), one.id in waiting) for one in undecided),
        recent=tuple(_row(one, serials[one.meter_id]) for one in recent),
        refused=_refused(),
    )


def _refused() -> tuple[RefusedRow, ...]:
    words = {
        AccessState.APPOINTMENT: Pill(_("Asked for an appointment"), Tone.INFO),
        AccessState.NOTICE: Pill(_("On notice"), Tone.WARNING),
        AccessState.CHARGE: Pill(_("To be charged"), Tone.BAD),
    }
    found = appointments.access_open(states=tuple(words))
    serials = _serials([one.meter_id for one in found])
    numbers = supply.accounts(account_ids={one.account_id for one in found})
    return tuple(
        RefusedRow(one, serials[one.meter_id], numbers[one.account_id].number, words[one.state])
        for one in found
    )


def of_meter(meter: MeterView, *, day: date) -> MeterTests:
    """Every test of a meter, newest first, and what certifies it on a day."""
    held = queries.certification(meter_id=meter.id)
    return MeterTests(
        meter=meter,
        service=word(SERVICE_NAMES, meter.service),
        certified=_certified(held, meter.serial, day) if held else None,
        tests=tuple(_row(one, meter.serial) for one in queries.meter_tests(meter_id=meter.id)),
    )


def of_test(found: TestView, *, as_of: datetime) -> TestSheet:
    """One test as its page shows it."""
    made = queries.correction_of(test_id=found.id)
    open_still = found.verdict is Verdict.FAILED and made is None
    proposed = queries.proposed(found=found) if open_still else None
    months: Sequence[MonthCorrected] = made.months if made else proposed.months if proposed else ()
    numbers = supply.accounts(account_ids={one.account_id for one in months})
    known = rules.policy()
    return TestSheet(
        row=_row(found, _serials([found.meter_id])[found.meter_id]),
        service=str(found.service),
        points=tuple(
            _point(told(p.load, p.factor), p.error, rules.limit_of(known, found, p))
            for p in found.points
        ),
        proposed=proposed,
        made=made,
        waits=queries.corrections_waiting(as_of=as_of).get(found.id) if open_still else None,
        months=tuple(MonthRow(numbers[one.account_id].number, one) for one in months),
    )


def _point(name: str, error: int, limit: int | None) -> tuple[str, str, str, Pill]:
    within = limit is not None and abs(error) <= limit
    pill = Pill(_("Within"), Tone.GOOD) if within else Pill(_("Beyond"), Tone.BAD)
    allowed = rules.percent(limit or 0).replace("+", "±")
    return name, rules.percent(error), allowed, pill


def _row(found: TestView, serial: str) -> TestRow:
    passed = found.verdict is Verdict.PASSED
    pill = Pill(_("Passed"), Tone.GOOD) if passed else Pill(_("Failed"), Tone.BAD)
    kind = word(TEST_KIND_NAMES, found.kind)
    return TestRow(found, serial, kind, rules.percent(found.error.rounded), pill)


def _certified(held: Certification, serial: str, day: date) -> CertificationRow:
    if held.basis is Basis.WITHDRAWN:
        pill = Pill(_("Failed its test"), Tone.BAD)
    elif held.holds(day):
        soon = (held.until_day - day).days <= SOON_DAYS
        pill = Pill(_("Ends soon"), Tone.WARNING) if soon else Pill(_("Certified"), Tone.GOOD)
    else:
        pill = Pill(_("Ended"), Tone.BAD)
    return CertificationRow(held, serial, word(BASIS_NAMES, held.basis), pill)


def _serials(ids: Collection[UUID]) -> dict[UUID, str]:
    return {one.id: one.serial for one in meters.meters(meter_ids=set(ids)).values()}

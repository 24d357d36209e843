"""A test is written down by whoever made it; what it certifies or ends follows from its points."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import orjson
from django.db import connection

from tahseel.consumption.metrology import events, queries, rules
from tahseel.consumption.metrology.operations import sampling
from tahseel.consumption.metrology.values import (
    Basis,
    Judgement,
    NewTest,
    TestView,
    Verdict,
)
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers, input_hash
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import local_day
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import MeterView
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

TESTERS = ("inspector", "supply_engineer")
MANY_MAX = 500_000
_CERTIFICATION = {
    "id": "uuid", "meter_id": "uuid", "from_day": "date", "until_day": "date", "basis": "text",
    "reference": "text", "recorded_at": "timestamptz", "recorded_by": "text",
}  # fmt: skip


class TestedMeterUnknown(NotFound):
    """No such meter."""

    code = "tested_meter_unknown"
    text_ar = "العداد غير مسجل"
    text_en = "There is no such meter"


class TestDayWrong(Refusal):
    """A test was made on a day that has come, and not before the meter's last one."""

    __test__ = False

    code = "test_day_wrong"
    text_ar = "يوم الفحص لا يسبق آخر فحص ({last}) ولا يتأخر عن اليوم"
    text_en = "The day of the test lies neither before the last one ({last}) nor after today"


class TestUnproven(Refusal):
    """A test names the standard it was compared with, and a passed one its certificate."""

    __test__ = False

    code = "test_unproven"
    text_ar = "يجب ذكر الجهاز المرجعي، ورقم الشهادة للعداد المجتاز"
    text_en = "Name the reference standard, and for a meter that passes its certificate"


class CertificateTaken(Refusal):
    """Another test has this certificate's number."""

    code = "certificate_number_taken"
    text_ar = "رقم الشهادة {certificate} مستخدم لفحص آخر"
    text_en = "Another test has the certificate number {certificate}"
    http_status = 409


class ClassUnknown(Refusal):
    """No limits are on record for this class."""

    code = "accuracy_class_unknown"
    text_ar = "فئة الدقة {accuracy_class} غير معروفة لهذه الخدمة"
    text_en = "The accuracy class {accuracy_class} is not known for this service"


@audited("metrology.record_test", subject="meter_id")
def record_test(*, actor: Actor, at: datetime, meter_id: UUID, test: NewTest) -> TestView:
    """Put a test on record; passed it certifies the device, failed it ends the certification.

    test.id: the caller's; the same again answers the same. Raises NotAllowed, TestedMeterUnknown,
    ClassUnknown, PointsWrong, TestUnproven, TestDayWrong, CertificateTaken, InputDiffers.
    """
    require(actor, *TESTERS)
    meter = _locked(meter_id)
    before = queries.meter_test(test_id=test.id)
    if before is not None:
        return _same(before, test)
    judged = _judged(meter, test, at)
    _store(meter, test, judged, actor=actor, at=at)
    _certify(test, judged.verdict, meter, actor=actor, at=at)
    events.tested(meter_id=meter_id, test_id=test.id, verdict=judged.verdict, at=at)
    note(
        serial=meter.serial,
        kind=str(test.kind),
        tested_on=test.tested_on.isoformat(),
        verdict=str(judged.verdict),
        error=f"{judged.error.parts}/{judged.error.weight}",
        certificate=test.certificate,
    )
    found = queries.meter_test(test_id=test.id)
    assert found is not None
    sampling.take_test(actor=actor, at=at, found=found)
    return found


@audited("metrology.certify_many", subject="batch")
def certify_many(
    *,
    actor: Actor,
    at: datetime,
    batch: str,
    certified: Sequence[tuple[UUID, date, date, str]],
) -> int:
    """Take over what makers or an old system certified: meter, first day, last day + 1, reference.

    Only for jobs; returns how many.
    """
    require(actor)
    if len(certified) > MANY_MAX:
        raise ValueError(f"at most {MANY_MAX} rows a batch")
    rows = [
        (derived_id(meter_id, f"certified {first}"), meter_id, first, until, str(Basis.MAKER),
         reference, at, actor.id)
        for meter_id, first, until, reference in certified
    ]  # fmt: skip
    bulk.copy_rows(table="metrology_certification", columns=_CERTIFICATION, rows=rows)
    note(count=len(rows), digest=input_hash({"rows": list(certified)}).hex())
    return len(rows)


def _locked(meter_id: UUID) -> MeterView:
    """Two tests of one meter queue behind each other."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7))", [str(meter_id)])
    meter = meters.meters(meter_ids=[meter_id]).get(meter_id)
    if meter is None:
        raise TestedMeterUnknown()
    return meter


def _same(before: TestView, test: NewTest) -> TestView:
    told = (
        before.meter_id, before.kind, before.tested_on, before.accuracy_class, before.reference,
        before.certificate, before.points,
    )  # fmt: skip
    asked = (
        test.meter_id, test.kind, test.tested_on, test.accuracy_class, test.reference.strip(),
        test.certificate.strip(), test.points,
    )  # fmt: skip
    if told != asked:
        raise InputDiffers(operation="metrology.record_test")
    return before


def _judged(meter: MeterView, test: NewTest, at: datetime) -> Judgement:
    known = rules.policy()
    if test.accuracy_class not in known.classes(meter.service):
        raise ClassUnknown(accuracy_class=test.accuracy_class)
    judged = rules.judge(
        known,
        service=meter.service,
        kind=test.kind,
        accuracy_class=test.accuracy_class,
        points=test.points,
    )
    proven = test.certificate.strip() or judged.verdict is Verdict.FAILED
    if not test.reference.strip() or not proven:
        raise TestUnproven()
    tests = queries.meter_tests(meter_id=meter.id)
    last = tests[0].tested_on if tests else None
    if test.tested_on > local_day(at) or (last is not None and test.tested_on < last):
        raise TestDayWrong(last=last.isoformat() if last else "—")
    return judged


def _store(
    meter: MeterView, test: NewTest, judged: Judgement, *, actor: Actor, at: datetime
) -> None:
    points = orjson.dumps([[p.load, p.factor, p.error] for p in test.points]).decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into metrology_test (id, meter_id, service, kind, tested_on, accuracy_class,"
            " reference, certificate, points, error_parts, error_weight, verdict, recorded_at,"
            " recorded_by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s)"
            " on conflict (certificate) where certificate <> '' do nothing",
            [
                test.id, meter.id, str(meter.service), str(test.kind), test.tested_on,
                test.accuracy_class, test.reference.strip(), test.certificate.strip(), points,
                judged.error.parts, judged.error.weight, str(judged.verdict), at, actor.id,
            ],
        )  # fmt: skip
        if cursor.rowcount == 0:
            raise CertificateTaken(certificate=test.certificate.strip())


def _certify(
    test: NewTest, verdict: Verdict, meter: MeterView, *, actor: Actor, at: datetime
) -> None:
    day = test.tested_on
    if verdict is Verdict.PASSED:
        programme = rules.policy().programme(meter.service, test.kind)
        assert programme is not None
        until, basis = rules.months_later(day, programme.months), Basis.TEST
    else:
        until, basis = day, Basis.WITHDRAWN
    row = (
        derived_id(test.id, "certification"), meter.id, day, until, str(basis),
        test.certificate.strip(), at, actor.id,
    )  # fmt: skip
    bulk.append_rows(table="metrology_certification", columns=_CERTIFICATION, rows=[row])

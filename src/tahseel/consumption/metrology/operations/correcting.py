"""A measured error corrects past bills only when somebody else agrees than who asked.

What the second person sees is what is written: if the quantities that stand have moved meanwhile,
it is refused and asked for anew. Nothing that was measured or billed is changed here; what must be
added to each month is put on record, announced, and handed to those who bill.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.consumption.metrology import events, queries, rules, watching
from tahseel.consumption.metrology.values import (
    CORRECT,
    Correction,
    ErrorConfirmed,
    MonthCorrected,
    Proposed,
    TestView,
    Verdict,
)
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import input_hash
from tahseel.kernel.period import Period
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import queries as meters
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit.operations import audited, note

CHECKERS = ("office_head", "revenue_manager")
PROPOSERS = ("inspector", "supply_engineer", *CHECKERS)
_MONTH = {
    "correction_id": "uuid", "account_id": "uuid", "month": "int4", "version": "int4",
    "days": "int4", "covered": "int4", "measured": "int8", "difference": "int8",
}  # fmt: skip


class TestUnknown(NotFound):
    """No such test."""

    __test__ = False

    code = "meter_test_unknown"
    text_ar = "لا يوجد فحص بهذا الرقم"
    text_en = "There is no such test"


class WithinLimits(Refusal):
    """Only an error beyond the limits of the meter's class corrects bills."""

    code = "meter_within_limits"
    text_ar = "خطأ العداد ضمن الحدود المسموحة، أو لا أثر له"
    text_en = "The meter is within its limits, or its mean error is nothing"
    http_status = 409


class NothingToCorrect(Refusal):
    """No measured month lies in the days that the error is taken to cover."""

    code = "no_month_to_correct"
    text_ar = "لا توجد أشهر مقاسة ضمن الأيام التي يشملها الخطأ"
    text_en = "No measured month lies in the days that the error covers"
    http_status = 409


class CorrectionMade(Refusal):
    """The test corrected its bills already, or somebody has asked that it does."""

    code = "correction_made"
    text_ar = "سبق تصحيح الفواتير بهذا الفحص أو طلب تصحيحها"
    text_en = "The test has corrected bills already, or a correction waits"
    http_status = 409


class CorrectionMoved(Refusal):
    """Other quantities stand now than when it was asked for."""

    code = "correction_moved"
    text_ar = "تغيرت الكميات منذ طلب التصحيح"
    text_en = "The quantities have changed since the correction was asked for"
    http_status = 409


@audited("metrology.propose_correction", subject="test_id")
def propose_correction(
    *, actor: Actor, at: datetime, approval_id: UUID, test_id: UUID, reason: str
) -> UUID:
    """Ask that a failed test correct the months its error covers; a second person decides.

    Returns the approval's id. The same again under it changes nothing. Raises NotAllowed,
    TestUnknown, WithinLimits, CorrectionMade, NothingToCorrect, and what `approvals.submit` raises.
    """
    require(actor, *PROPOSERS)
    found = _failed(test_id)
    waiting = queries.corrections_waiting(as_of=at).get(test_id, approval_id)
    if waiting != approval_id or queries.correction_of(test_id=test_id):
        raise CorrectionMade()
    wanted = _wanted(found)
    note(meter=str(found.meter_id), months=len(wanted.months), difference=wanted.difference)
    payload = {
        "test": str(test_id),
        "from_day": wanted.span.start.isoformat(),
        "until_day": wanted.span.end.isoformat(),
        "months": len(wanted.months),
        "difference": wanted.difference,
        "digest": _digest(wanted.months),
        "reason": reason.strip(),
    }
    return approvals.submit(
        actor=actor, at=at, operation=CORRECT, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


def correction_approved(
    *, actor: Actor, at: datetime, approval_id: UUID, payload: Payload
) -> Correction:
    """What runs once the second person agrees."""
    return _correct(
        actor=actor,
        at=at,
        test_id=UUID(str(payload["test"])),
        approval_id=approval_id,
        seen=str(payload["digest"]),
        reason=str(payload["reason"]),
    )


@audited("metrology.correct", subject="test_id")
def _correct(
    *, actor: Actor, at: datetime, test_id: UUID, approval_id: UUID, seen: str, reason: str
) -> Correction:
    found = _failed(test_id)
    with connection.cursor() as cursor:
        meter_id = str(found.meter_id)
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7))", [meter_id])
    if queries.correction_of(test_id=test_id):
        raise CorrectionMade()
    wanted = _wanted(found)
    if _digest(wanted.months) != seen:
        raise CorrectionMoved()
    made = _written(wanted, approval_id, actor=actor, at=at, reason=reason)
    events.confirmed(correction=made, at=at)
    for told in _told(made):
        watching.tell(actor=actor, at=at, confirmed=told)
    note(
        meter=str(found.meter_id),
        from_day=made.span.start.isoformat(),
        until_day=made.span.end.isoformat(),
        months=len(made.months),
        difference=wanted.difference,
        approval=str(approval_id),
    )
    return made


def _failed(test_id: UUID) -> TestView:
    found = queries.meter_test(test_id=test_id)
    if found is None:
        raise TestUnknown()
    if found.verdict is Verdict.PASSED or not found.error.parts:
        raise WithinLimits()
    return found


def _wanted(found: TestView) -> Proposed:
    wanted = queries.proposed(found=found)
    if wanted is None or not any(one.difference for one in wanted.months):
        raise NothingToCorrect()
    return wanted


def _digest(months: Sequence[MonthCorrected]) -> str:
    rows = [
        [str(m.account_id), str(m.month), m.version, m.covered, m.measured, m.difference]
        for m in months
    ]
    return input_hash({"months": rows}).hex()


def _written(
    wanted: Proposed, correction_id: UUID, *, actor: Actor, at: datetime, reason: str
) -> Correction:
    test, span = wanted.test, wanted.span
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into metrology_correction (id, test_id, meter_id, service, from_day, until_day,"
            " error_parts, error_weight, reason, confirmed_at, confirmed_by)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                correction_id, test.id, test.meter_id, str(test.service), span.start, span.end,
                test.error.parts, test.error.weight, reason, at, actor.id,
            ],
        )  # fmt: skip
    rows = [
        (correction_id, m.account_id, m.month.ordinal, m.version, m.days, m.covered, m.measured,
         m.difference)
        for m in wanted.months
    ]  # fmt: skip
    bulk.append_rows(table="metrology_corrected_month", columns=_MONTH, rows=rows)
    made = queries.correction_of(test_id=test.id)
    assert made is not None
    return made


def _told(made: Correction) -> list[ErrorConfirmed]:
    sums: dict[UUID, int] = defaultdict(int)
    days: dict[UUID, list[Period]] = defaultdict(list)
    for one in made.months:
        sums[one.account_id] += one.difference
        within = made.span.overlap(one.month.period)
        days[one.account_id] += [within] if within and one.difference else []
    return [
        ErrorConfirmed(
            account_id,
            made.meter_id,
            Period(min(p.start for p in spans), max(p.end for p in spans)),
            sums[account_id],
        )
        for account_id, spans in days.items()
        if spans
    ]


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which meter was wrong by how much, over which days, and what that comes to."""
    found = queries.meter_test(test_id=UUID(str(payload["test"])))
    if found is None:
        return Proposal("تصحيح بخطأ عداد", "Correct by a meter's error", ())
    meter = meters.meters(meter_ids=[found.meter_id]).get(found.meter_id)
    unit = ("واط ساعة", "Wh") if found.service is Service.ELECTRICITY else ("لتر", "litres")
    return Proposal(
        text_ar="تصحيح كميات سابقة بخطأ مقيس في العداد",
        text_en="Correct past quantities by the measured error of a meter",
        details=(
            Detail("العداد", "Meter", meter.serial if meter else None),
            Detail("يوم الفحص", "Tested on", found.tested_on),
            Detail("متوسط الخطأ", "Mean error", rules.percent(found.error.rounded)),
            Detail("من", "From", date.fromisoformat(payload["from_day"])),
            Detail("حتى قبل", "Until before", date.fromisoformat(payload["until_day"])),
            Detail("عدد الأشهر", "Months", int(payload["months"])),
            Detail(f"الفرق ({unit[0]})", f"Difference ({unit[1]})", int(payload["difference"])),
        ),
    )


def register() -> None:
    """Called when the application is put together."""
    approvals.register(
        CORRECT, correction_approved, roles=CHECKERS, makers=PROPOSERS, in_words=in_words
    )

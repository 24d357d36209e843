"""A run that a person asks for, after it was tried out, and a second person agrees to.

Agreeing writes down that the run is to be made; a worker makes it (`attending`), at once or from
an hour of the day on. Until it has begun it can be called off.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import connection

from tahseel.charging.billing import queries
from tahseel.charging.billing.operations import running
from tahseel.charging.billing.values import (
    ORDER_LIFE,
    ORDER_RUN,
    Expected,
    OrderedRun,
    OrderState,
    RunReport,
    Wanted,
)
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.period import local_day, start_of
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

MAKERS = ("revenue_manager",)
CHECKERS = {0: ("revenue_manager",)}
AT_ONCE = -1
HOURS = 24
NUMBERS_MAX = 2_000


class RunMonthNotOver(Refusal):
    """Nobody's use of a month is known before it has ended."""

    code = "run_month_not_over"
    text_ar = "لم ينته شهر {month} بعد"
    text_en = "The month {month} is not over"


class RunEmpty(Refusal):
    """Everybody who is meant has his bill."""

    code = "run_empty"
    text_ar = "لا أحد ضمن هذا الاختيار بانتظار فاتورة شهر {month}"
    text_en = "Nobody of this choice waits for a bill of {month}"


class RunListTooLong(Refusal):
    """More account numbers than one request holds."""

    code = "run_list_too_long"
    text_ar = "عدد الحسابات في القائمة {count} أكثر من {most}"
    text_en = "The list has {count} accounts, more than {most}"


class RunHourWrong(Refusal):
    """No hour of a day."""

    code = "run_hour_wrong"
    text_ar = "الساعة {hour} ليست من ساعات اليوم"
    text_en = "{hour} is no hour of a day"


class OrderUnknown(NotFound):
    """No run was agreed to under this id."""

    code = "ordered_run_unknown"
    text_ar = "لا توجد دورة فوترة معتمدة بهذا الرقم"
    text_en = "No run was agreed to under this id"


class CancelUnexplained(Refusal):
    """Whoever calls a run off says why."""

    code = "run_cancel_unexplained"
    text_ar = "يجب ذكر سبب إلغاء دورة الفوترة"
    text_en = "Say why the run is called off"


@audit.audited("billing.ask_run", subject="approval_id")
def ask_run(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    wanted: Wanted,
    hour: int = AT_ONCE,
    reason: str,
) -> UUID:
    """Ask for a run; returns the approval's id, which is the run's. It is tried out once more.

    hour: of the day, from which on it may begin; AT_ONCE where it need not wait. The same again
    under the same id answers the same. Raises NotAllowed, RunMonthNotOver, RunEmpty, RunHourWrong,
    RunListTooLong, InputDiffers, what `queries.chosen` and `approvals.submit` raise.
    """
    require(actor, *MAKERS)
    _check(wanted, hour, at)
    asked = wanted.as_dict() | {"hour": hour}
    if _asked_before(actor, approval_id, asked):
        return approval_id
    tried = _tried(actor, at, wanted)
    expected = expected_of(tried)
    if not (expected.bills or expected.held or expected.parked):
        raise RunEmpty(month=str(wanted.month))
    audit.note(**wanted.as_dict(), **expected.as_dict())
    return approvals.submit(
        actor=actor, at=at, operation=ORDER_RUN, reason=reason, approval_id=approval_id,
        payload=asked | {"expected": expected.as_dict()},
    )  # fmt: skip


def expected_of(tried: RunReport) -> Expected:
    """What a run that was tried out would come to."""
    return Expected(
        accounts=tried.accounts,
        bills=tried.bills,
        total_fils=tried.total.fils,
        held=sum(tried.held.values()),
        parked=sum(tried.parked.values()),
    )


def _check(wanted: Wanted, hour: int, at: datetime) -> None:
    if wanted.month.period.end > local_day(at):
        raise RunMonthNotOver(month=str(wanted.month))
    if not AT_ONCE <= hour < HOURS:
        raise RunHourWrong(hour=hour)
    if len(wanted.numbers) > NUMBERS_MAX:
        raise RunListTooLong(count=len(wanted.numbers), most=NUMBERS_MAX)


def _asked_before(actor: Actor, approval_id: UUID, asked: Payload) -> bool:
    before = approvals_queries.find(approval_id)
    if before is None:
        return False
    same = {name: before.payload.get(name) for name in asked} == dict(asked)
    if (before.operation, before.maker_id) != (ORDER_RUN, actor.id) or not same:
        raise InputDiffers(operation=ORDER_RUN)
    audit.note(approval=approval_id, again=True)
    return True


def _tried(actor: Actor, at: datetime, wanted: Wanted) -> RunReport:
    ids = queries.chosen(
        month=wanted.month, governorate=wanted.governorate, cycle=wanted.cycle,
        numbers=wanted.numbers,
    )  # fmt: skip
    return running.run(
        actor=actor, at=at, month=wanted.month, issued_on=local_day(at), account_ids=ids,
        preview=True,
    )  # fmt: skip


def order_approved(
    *, actor: Actor, at: datetime, approval_id: UUID, payload: Payload
) -> OrderedRun:
    """What runs once the second person agrees: the run is written down for the worker."""
    return _order(actor=actor, at=at, order_id=approval_id, payload=payload)


@audit.audited("billing.order_run", subject="order_id")
def _order(*, actor: Actor, at: datetime, order_id: UUID, payload: Payload) -> OrderedRun:
    wanted, begins = Wanted.from_dict(payload), begins_at(int(payload["hour"]), at)
    asked = approvals_queries.by_id(order_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into billing_ordered"
            " (id, month, wanted, expected, asked_by, agreed_by, agreed_at, begins_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                order_id,
                wanted.month.ordinal,
                orjson.dumps(wanted.as_dict()).decode(),
                orjson.dumps(payload["expected"]).decode(),
                asked.maker_id,
                actor.id,
                at,
                begins,
            ],
        )
    audit.note(**wanted.as_dict(), begins_at=begins.isoformat())
    made = queries.ordered_run(order_id=order_id)
    assert made is not None, "written a moment ago"
    return made


def begins_at(hour: int, at: datetime) -> datetime:
    """The next instant at which the clock on the wall shows the hour; now for AT_ONCE."""
    if hour == AT_ONCE:
        return at
    today = local_day(at)
    first = start_of(today) + timedelta(hours=hour)
    return first if first >= at else start_of(today + timedelta(days=1)) + timedelta(hours=hour)


@audit.audited("billing.cancel_run", subject="order_id")
def cancel_run(*, actor: Actor, at: datetime, order_id: UUID, reason: str) -> OrderedRun:
    """Call off a run that has not begun.

    Raises NotAllowed, CancelUnexplained, OrderUnknown, WrongState.
    """
    require(actor, *MAKERS)
    if not reason.strip():
        raise CancelUnexplained()
    order = locked(order_id)
    ORDER_LIFE.require(order.state, OrderState.CANCELLED)
    with connection.cursor() as cursor:
        cursor.execute(
            "update billing_ordered set state = %s, ended_at = %s, ended_by = %s, reason = %s"
            " where id = %s",
            [OrderState.CANCELLED, at, actor.id, reason.strip(), order_id],
        )
    audit.note(reason=reason.strip())
    return order


def locked(order_id: UUID) -> OrderedRun:
    """The order, which nobody else changes until this transaction ends. Raises OrderUnknown."""
    with connection.cursor() as cursor:
        cursor.execute("select from billing_ordered where id = %s for no key update", [order_id])
    found = queries.ordered_run(order_id=order_id)
    if found is None:
        raise OrderUnknown()
    return found


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which month of whom, and what it came to when it was tried out."""
    wanted, expected = Wanted.from_dict(payload), Expected(**payload["expected"])
    hour = int(payload["hour"])
    where = [one for one in (wanted.governorate, wanted.cycle, *wanted.numbers) if one]
    return Proposal(
        text_ar="تشغيل دورة فوترة" if where else "تشغيل دورة فوترة لجميع الحسابات",
        text_en="Make a bill run" if where else "Make a bill run for every account",
        details=(
            Detail("الشهر", "Month", str(wanted.month)),
            *([Detail("لمن", "For", ", ".join(where))] if where else []),
            Detail("حسابات", "Accounts looked at", expected.accounts),
            Detail("فواتير متوقعة", "Bills expected", expected.bills),
            Detail("مجموعها", "What they come to", expected.total),
            Detail("توقف للمراجعة", "Held back", expected.held),
            Detail("تُعلّق", "Parked", expected.parked),
            Detail("تبدأ الساعة", "Begins at", None if hour == AT_ONCE else f"{hour:02d}:00"),
        ),
    )


def register() -> None:
    """Called when the product is assembled."""
    approvals.register(ORDER_RUN, order_approved, roles=CHECKERS, makers=MAKERS, in_words=in_words)

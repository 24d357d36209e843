"""A month's end: unbilled revenue and doubtful debts are posted, and taken back the day after.

One person asks and another one agrees to the very sums. Both entries stand on one account of the
ledger that is the utility's own, dated on the last day of the month; their exact negatives, posted
with them, on the first day of the next. Ids follow from the month: none is posted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from tahseel.books.claims import queries as claims
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger import queries as ledger_queries
from tahseel.books.ledger.values import Entry
from tahseel.charging.billing import doubt, queries, rules
from tahseel.charging.billing.operations import running
from tahseel.charging.billing.values import Accrual
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.period import BillingMonth, local_day
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

ACCRUE, SOURCE = "billing.accrue", "accrual"
ROLES = ("revenue_manager",)
HOUSE = UUID("a0000000-0000-4000-8000-000000000001")
"""The account of the ledger on which the utility itself stands."""
SIDES = {"unbilled": ("accrued", "revenue.unbilled"), "doubtful": ("doubtful", "provision")}


class MonthNotOver(Refusal):
    """A month's end is posted once the month is over."""

    code = "accrual_month_not_over"
    text_ar = "الشهر {month} لم ينته بعد"
    text_en = "{month} is not over yet"


class AccruedBefore(Refusal):
    """The month's end stands in the books."""

    code = "accrued_before"
    text_ar = "قيود نهاية الشهر {month} مسجلة سابقاً"
    text_en = "The end of {month} has been posted before"
    http_status = 409


class AccrualWaits(Refusal):
    """The same is asked for, and nobody has decided yet."""

    code = "accrual_waits"
    text_ar = "قيود نهاية الشهر {month} بانتظار الاعتماد"
    text_en = "The end of {month} waits for an approval"
    http_status = 409


def register() -> None:
    """A month's end needs a second person; called when `app` assembles the house."""
    approvals.register(ACCRUE, accrual_agreed, roles=ROLES, makers=ROLES, in_words=_tell)


def preview(
    *,
    actor: Actor,
    at: datetime,
    month: BillingMonth,
    progress: Callable[[int, int], None] | None = None,
) -> Accrual:
    """What a month's end would post; nothing is written. Raises MonthNotOver."""
    if local_day(at) < month.period.end:
        raise MonthNotOver(month=str(month))
    last = month.period.end - timedelta(days=1)
    own = _unbilled(actor, at, month, last, progress=progress)
    earlier = sum(
        (_unbilled(actor, at, one, last, only=_without_bill(one)) for one in _months_before(month)),
        ZERO,
    )
    overdue = claims.overdue_by_age(day=last, edges=[band.days for band in doubt.bands()])
    return Accrual(month, own + earlier, doubt.provision(overdue), earlier)


def _months_before(month: BillingMonth) -> list[BillingMonth]:
    """Those whose use may still be billed: from the first that was billed here, within the limit of
    back-billing.
    """
    first = queries.first_month()
    if first is None:
        return []
    least = max(first.ordinal, month.ordinal - rules.policy().corrections.months_max)
    return [BillingMonth.from_ordinal(one) for one in range(least, month.ordinal)]


def _without_bill(month: BillingMonth) -> list[UUID]:
    ids = supply.open_accounts(month=month)
    return sorted(set(ids) - queries.billed_accounts(month, ids))


def _unbilled(
    actor: Actor,
    at: datetime,
    month: BillingMonth,
    last: date,
    *,
    only: Sequence[UUID] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Money:
    """What of a month's use no bill told by a day: billed later, or not yet."""
    finals = [one.total for one in queries.held_finals() if one.month == month]
    late = sum(finals, queries.billed_after(month=month, day=last))
    if only is not None and not only:
        return late
    rest = running.run(
        actor=actor, at=at, month=month, issued_on=local_day(at), account_ids=only,
        preview=True, progress=progress,
    )  # fmt: skip
    return late + rest.total + rest.held_total


@audit.audited("billing.propose_accrual", subject="month")
def propose_accrual(
    *, actor: Actor, at: datetime, approval_id: UUID, month: BillingMonth, reason: str
) -> UUID:
    """Ask that a month's end be posted as it is now; returns the approval's id.

    The same again under the same id answers the same. Raises NotAllowed, MonthNotOver,
    AccruedBefore, AccrualWaits, PeriodClosed, InputDiffers, ReasonMissing.
    """
    require(actor, *ROLES)
    if approvals_queries.asked_before(
        approval_id=approval_id, actor=actor, operation=ACCRUE, payload={"month": str(month)}
    ):
        return approval_id
    waiting = approvals_queries.waiting(as_of=at, operation=ACCRUE)
    if str(month) in {one.payload["month"] for one in waiting}:
        raise AccrualWaits(month=str(month))
    _require_new(month)
    found = preview(actor=actor, at=at, month=month)
    payload = {
        "month": str(month),
        "unbilled": found.unbilled.fils,
        "doubtful": found.doubtful.fils,
        "earlier": found.earlier.fils,
    }
    audit.note(unbilled_fils=found.unbilled.fils, doubtful_fils=found.doubtful.fils)
    return approvals.submit(
        actor=actor, at=at, operation=ACCRUE, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


def accrual_agreed(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> Accrual:
    """What runs once the second person agrees."""
    found = Accrual(
        BillingMonth.parse(str(payload["month"])),
        Money(int(payload["unbilled"])),
        Money(int(payload["doubtful"])),
        Money(int(payload.get("earlier", 0))),
    )
    return _accrue(actor=actor, at=at, month=found.month, found=found)


@audit.audited("billing.accrue", subject="month")
def _accrue(*, actor: Actor, at: datetime, month: BillingMonth, found: Accrual) -> Accrual:
    """Raises AccruedBefore, PeriodClosed."""
    ledger.lock_accounts([HOUSE])
    _require_new(month)
    audit.note(unbilled_fils=found.unbilled.fils, doubtful_fils=found.doubtful.fils)
    sums = {"unbilled": found.unbilled, "doubtful": found.doubtful}
    last = month.period.end - timedelta(days=1)
    entries = [_entry(month, kind, amount, last) for kind, amount in sums.items() if amount]
    ledger.post(actor=actor, at=at, entries=entries)
    for entry in entries:
        ledger.reverse(
            actor=actor,
            at=at,
            id=derived_id(entry.id, "taken-back"),
            account_id=HOUSE,
            entry_id=entry.id,
            business_date=month.period.end,
            source=SOURCE,
            source_id=entry.source_id,
        )
    return found


def _entry(month: BillingMonth, kind: str, amount: Money, day: date) -> Entry:
    debit, credit = SIDES[kind]
    source = derived_id(HOUSE, "accrual", str(month))
    return Entry(
        id=derived_id(source, kind),
        account_id=HOUSE,
        debit=debit,
        credit=credit,
        amount=amount,
        business_date=day,
        source=SOURCE,
        source_id=source,
    )


def _require_new(month: BillingMonth) -> None:
    until = ledger_queries.closed_until()
    last = month.period.end - timedelta(days=1)
    if until is not None and last < until:
        raise ledger.PeriodClosed(until=until.isoformat(), day=last.isoformat())
    source = derived_id(HOUSE, "accrual", str(month))
    with connection.cursor() as cursor:
        cursor.execute(
            "select 1 from ledger_entry where account_id = %s and source_id = %s limit 1",
            [HOUSE, source],
        )
        if cursor.fetchone():
            raise AccruedBefore(month=str(month))


def _tell(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    month, earlier = payload["month"], Money(int(payload.get("earlier", 0)))
    return Proposal(
        f"تسجيل قيود نهاية الشهر {month}، وعكسها في أول يوم من الشهر التالي",
        f"Post the end of {month}, and take it back on the first day of the next month",
        (
            Detail("إيرادات غير مفوترة", "Unbilled revenue", Money(int(payload["unbilled"]))),
            Detail("منها لأشهر سابقة", "Of it for earlier months", earlier),
            Detail("ديون مشكوك في تحصيلها", "Doubtful debts", Money(int(payload["doubtful"]))),
        ),
    )

"""A leak that was found and repaired: a part of what ran away unseen is given back.

What is usual is the account's own use a day in the months before, of the same customer. A share of
what was billed beyond it is taken off and the month priced again by its own book; the difference,
capped, is a credit that a second person agrees to. No bill is changed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from tahseel.charging.billing import queries, rest, rules
from tahseel.charging.billing.operations import repricing, running
from tahseel.charging.billing.operations.rebilling import BillUnknown
from tahseel.charging.billing.values import Bill, Relief
from tahseel.charging.charges import operations as charges
from tahseel.charging.charges import queries as charges_queries
from tahseel.charging.charges import rules as charges_rules
from tahseel.charging.tariffs.values import CONSUMPTION
from tahseel.consumption.readings.values import Determinant
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money, round_half_up
from tahseel.kernel.quantity import Service
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

KIND = "leak_allowance"


class NoUsualUse(Refusal):
    """The account's own use before the leak is not known for long enough."""

    code = "leak_no_usual_use"
    text_ar = "لا تتوفر {months} أشهر مفوترة قبل التسرب للعميل نفسه"
    text_en = "There are not {months} billed months of this customer before the leak"


class LeakByHand(Refusal):
    """The bill cannot be priced again as it was made."""

    code = "leak_by_hand"
    text_ar = "لا يمكن إعادة تسعير هذه الفاتورة آلياً"
    text_en = "This bill cannot be priced again by itself"


class NothingToRelieve(Refusal):
    """Nothing beyond the usual use was billed."""

    code = "leak_nothing_beyond"
    text_ar = "لم يُفوتر في {month} ما يزيد على الاستهلاك المعتاد"
    text_en = "Nothing beyond the usual use was billed for {month}"


class LeakNotRepaired(Refusal):
    """The day of the repair lies before the month, or in the future."""

    code = "leak_not_repaired"
    text_ar = "تاريخ الإصلاح {day} لا يناسب شهر {month}"
    text_en = "A repair on {day} does not go with a leak in {month}"


class RelievedBefore(Refusal):
    """So many months may be relieved in a period, and no more."""

    code = "leak_relieved_before"
    text_ar = "مُنح سماح تسرب عن {count} أشهر خلال آخر {months} شهراً وهو الحد الأقصى"
    text_en = "{count} months of the last {months} had a leak allowance, and no more may"


def relief(*, bill: Bill) -> Relief:
    """What a leak in a bill's month would give back: old, new, difference, to the fils.

    Raises NoUsualUse, LeakByHand, NothingToRelieve.
    """
    rule, service = charges_rules.catalogue().leak, Service.WATER
    made = repricing.remade(bill=bill)
    if made is None or not repricing.says(made, bill):
        raise LeakByHand()
    used = sum(one.used for one in (p.line for p in made.lines) if one.service is service)
    usual = _usual(bill, service)
    forgiven = max(0, used - usual) * rule.share_percent // 100
    if not forgiven:
        raise NothingToRelieve(month=str(bill.month))
    old = made.by_service()[service]
    new = _priced(bill, service, forgiven)
    amount = Money(min((old - new).fils, charges_rules.kind(KIND).most.fils))
    if amount.fils <= 0:
        raise NothingToRelieve(month=str(bill.month))
    return Relief(bill, used, usual, forgiven, old, new, amount)


@audit.audited("billing.ask_relief", subject="account_id")
def ask_relief(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    account_id: UUID,
    bill_id: UUID,
    repaired_on: date,
    report: str,
) -> UUID:
    """Ask for the allowance of a month; returns the approval's id. report: what proves the repair.

    Raises BillUnknown, as `relief`, LeakNotRepaired, RelievedBefore, and what `charges.ask` raises.
    """
    require(actor, *charges_rules.kind(KIND).asks)
    bill = next((one for one in queries.standing(account_id) if one.id == bill_id), None)
    if bill is None:
        raise BillUnknown()
    audit.note(bill=bill.number, report=report)
    if not bill.period.start <= repaired_on <= at.date():
        raise LeakNotRepaired(day=repaired_on.isoformat(), month=str(bill.month))
    given = relief(bill=bill)
    rule = charges_rules.catalogue().leak
    before = [
        one
        for one in charges_queries.of_account(bill.account_id)
        if one.kind == KIND
        and one.reversed_at is None
        and one.cause != str(bill.month)
        and abs(_ordinal(one.cause) - bill.month.ordinal) < rule.period_months
    ]
    if len(before) >= rule.months_max:
        raise RelievedBefore(count=len(before), months=rule.period_months)
    told = f"{given.old.dinars()} - {given.new.dinars()} = {(given.old - given.new).dinars()}"
    return charges.ask(
        actor=actor,
        at=at,
        approval_id=approval_id,
        account_id=bill.account_id,
        kind=KIND,
        cause=str(bill.month),
        amount=given.amount,
        evidence=f"{report.strip()} · {repaired_on.isoformat()} · {told}" if report.strip() else "",
        computed=True,
    )


def _ordinal(cause: str) -> int:
    year, month = cause.split("-")
    return int(year) * 12 + int(month) - 1


def _usual(bill: Bill, service: Service) -> int:
    """What the customer used on as many days, by his months before; base units."""
    rule = charges_rules.catalogue().leak
    before = [
        one
        for one in queries.standing(bill.account_id)
        if one.customer_id == bill.customer_id
        and 0 < bill.month.ordinal - one.month.ordinal <= rule.usual_months
    ]
    if len({one.month for one in before}) < rule.least_months:
        raise NoUsualUse(months=rule.least_months)
    used = days = 0
    for one in before:
        view = queries.bill_view(one.account_id, one.id)
        lines = view.lines if view else ()
        own = (one for one in lines if one.service == service and one.kind == CONSUMPTION)
        used += sum(line.quantity for line in own)
        days += one.period.days
    return round_half_up(used * bill.period.days, days)


def _priced(bill: Bill, service: Service, forgiven: int) -> Money:
    """The month's charge for the service with so much less."""
    ids = [bill.account_id]
    accounts, quantities = rest.of_month(
        month=bill.month,
        accounts=supply.billable_accounts(month=bill.month, account_ids=ids),
        quantities=running.by_account(bill.month, ids),
    )
    lowered = {bill.account_id: _lowered(quantities[bill.account_id], service, forgiven)}
    bills, parked = running.price(accounts, lowered, bill.month, rules.policy().book)
    if len(bills) != 1 or parked:
        raise LeakByHand()
    return bills[0].by_service()[service]


def _lowered(found: list[Determinant], service: Service, less: int) -> list[Determinant]:
    lowered = []
    for one in sorted(found, key=lambda d: (-d.quantity, str(d.meter_id))):
        taken = min(less, one.quantity) if one.service is service else 0
        less -= taken
        lowered.append(replace(one, quantity=one.quantity - taken))
    return lowered

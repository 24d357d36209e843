"""Main accounts and those under them, for bodies and companies with hundreds of meters.

To be under another account changes nothing about who is liable: it says with which one the account
is looked at, added up and settled, from a day on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.registry.supply.models import Account, Child
from tahseel.registry.supply.operations.linking import (
    AccountClosed,
    AccountRefused,
    AccountUnknown,
)
from tahseel.trust.access.rules import require_duty
from tahseel.trust.audit.operations import audited, note

CHILDREN_MAX = 5_000
_COLUMNS = {
    "id": "uuid", "child_id": "uuid", "parent_id": "uuid", "from_day": "date", "until_day": "date",
    "agreement": "text", "recorded_at": "timestamptz", "recorded_by": "text",
}  # fmt: skip


class AccountUnderItself(Refusal):
    """The main account is, on some of the days, itself under one of these."""

    code = "account_under_itself"
    text_ar = "لا يمكن أن يتبع الحساب نفسه: الحساب الرئيسي تابع لأحد هذه الحسابات في هذه المدة"
    text_en = "An account cannot be under itself: the main account is under one of these then"
    http_status = 409


class SecondParent(Refusal):
    """One of the accounts is under a main account on some of the days."""

    code = "second_parent"
    text_ar = "أحد الحسابات تابع لحساب رئيسي في هذه المدة"
    text_en = "One of the accounts is under a main account on some of these days"
    http_status = 409


class OpenedLater(Refusal):
    """An account is under another one only while both are open."""

    code = "account_opened_later"
    text_ar = "الحساب {number} لم يكن مفتوحًا في {day}"
    text_en = "Account {number} was not open on {day}"


class NotUnder(NotFound):
    """The account is under none that it could be taken out of on the day."""

    code = "account_not_under"
    text_ar = "الحساب غير تابع لحساب رئيسي في {day}"
    text_en = "The account is under no main account on {day}"


_REFUSAL_OF: dict[str, type[Refusal]] = {
    "supply_child_no_circle": AccountUnderItself,
    "supply_child_not_itself": AccountUnderItself,
    "supply_child_one_parent": SecondParent,
    "supply_child_pkey": SecondParent,
}


@audited("supply.put_under", subject="parent_id")
def put_under(
    *,
    actor: Actor,
    at: datetime,
    parent_id: UUID,
    child_ids: Sequence[UUID],
    from_day: date,
    until_day: date | None = None,
    agreement: str = "",
) -> int:
    """Put accounts under a main account over a span of days; all or none. Returns how many.

    Raises NotAllowed, AccountUnknown, AccountClosed, OpenedLater, AccountUnderItself, SecondParent,
    AccountRefused.
    """
    require_duty(actor, "supply.put_under")
    wanted = sorted(set(child_ids))
    if len(wanted) > CHILDREN_MAX:
        raise ValueError(f"at most {CHILDREN_MAX} accounts at once")
    known = {row.id: row for row in Account.objects.filter(pk__in=[parent_id, *wanted])}
    if len(known) != len({parent_id, *wanted}):
        raise AccountUnknown()
    for account in known.values():
        _require_open(account, from_day)
    rows = [
        (derived_id(one, "under", from_day.isoformat()), one, parent_id, from_day, until_day,
         agreement.strip(), at, actor.id)
        for one in wanted
    ]  # fmt: skip
    with _refusing():
        bulk.copy_rows(table="supply_child", columns=_COLUMNS, rows=rows)
    note(children=len(rows), from_day=from_day.isoformat(), agreement=agreement.strip())
    return len(rows)


@audited("supply.take_out", subject="child_id")
def take_out(*, actor: Actor, at: datetime, child_id: UUID, on_day: date, reason: str = "") -> None:
    """Let an account stand for itself again; `on_day` is the first day. Raises NotUnder."""
    require_duty(actor, "supply.take_out")
    span = (
        Child.objects.select_for_update()
        .filter(child_id=child_id, from_day__lt=on_day)
        .exclude(until_day__lte=on_day)
        .first()
    )
    if span is None:
        raise NotUnder(day=on_day.isoformat())
    span.until_day = on_day
    span.save(update_fields=["until_day"])
    note(parent=str(span.parent_id), on_day=on_day.isoformat(), reason=reason.strip())


def _require_open(account: Account, day: date) -> None:
    if account.closed_on is not None and account.closed_on <= day:
        raise AccountClosed(closed_on=account.closed_on.isoformat())
    if account.opened_on > day:
        raise OpenedLater(number=account.number, day=day.isoformat())


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except bulk.BROKEN_RULES as broken:
        rule = bulk.rule_broken(broken)
        raise _REFUSAL_OF.get(rule, AccountRefused)(rule=rule) from broken

"""What bills tell of an account: issued, and months that could not be billed."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from tahseel.charging.billing.values import PRICED, Cause
from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_ISSUE = ("billing.issue",)
_MARK, _CLOSE = ("billing.mark_misdirected",), ("billing.close_misdirected",)
_REBILL = ("billing.rebill",)
ACTS = frozenset({*_ISSUE, *_MARK, *_CLOSE, *_REBILL, "billing.propose_rebill", "billing.run"})

WORDS: Words = {
    "billing.issued": (
        "فاتورة {number} بمبلغ {total_fils}، تستحق في {due_on}",
        "Bill {number} of {total_fils}, due on {due_on}",
    ),
    "billing.corrected": (
        "حلّت الفاتورة {number} بمبلغ {total_fils} محل الفاتورة {corrects} بمبلغ {before_fils}",
        "Bill {number} of {total_fils} stands in the place of bill {corrects} of {before_fils}",
    ),
    "billing.parked": (
        "تعذر إصدار فاتورة شهر {month}: {reason}",
        "The month {month} could not be billed: {reason}",
    ),
    "billing.misdirected": (
        "فواتير من {from_day} إلى {until_day} باسم من تبيّن أنه غير مسؤول عنها",
        "Bills from {from_day} to {until_day} name somebody who does not answer for them",
    ),
    "billing.mispriced": (
        "فاتورة من {from_day} إلى {until_day} تغيّر سعر أيامها بعد إصدارها",
        "The price of a bill's days, from {from_day} to {until_day}, changed after it went out",
    ),
    "billing.mismeasured": (
        "فواتير من {from_day} إلى {until_day} سجّل عدادها كمية غير صحيحة",
        "The meter of the bills from {from_day} to {until_day} had registered wrongly",
    ),
    "billing.remeasured": (
        "صُححت بقراءات لاحقة كمية الفواتير من {from_day} إلى {until_day}",
        "Later reads corrected the quantity of the bills from {from_day} to {until_day}",
    ),
    "billing.misdirected_closed": (
        "رُوجعت الفواتير من {from_day} إلى {until_day}: {reason}",
        "The bills from {from_day} to {until_day} were looked at again: {reason}",
    ),
}
TERMS: Words = {}


def _found(code: str, *causes: Cause) -> Branch:
    """Bills to look at again for some causes."""
    parts = ", ".join(f"'{cause}'" for cause in sorted(causes))
    return Branch(
        code,
        "accounts",
        _MARK,
        f"""select m.found_at, {day_of("m.found_at")}, m.id, 'account', m.account_id, m.found_by,
          m.id::text, jsonb_build_object('from_day', m.from_day, 'until_day', m.until_day)
        from billing_misdirected m where m.account_id = any(%(accounts)s::uuid[])
          and m.part in ({parts}) and %(only)s::uuid is null""",
    )


_BRANCHES = (
    Branch(
        "billing.issued",
        "accounts",
        _ISSUE,
        """select b.recorded_at, b.issued_on, b.id, 'bill', b.id, '', b.run_id::text,
          jsonb_build_object('number', b.number, 'total_fils', b.total_fils, 'due_on', b.due_date)
        from billing_bill b where b.account_id = any(%(accounts)s::uuid[]) and b.corrects is null
          and (%(only)s::uuid is null or b.customer_id = %(only)s::uuid)""",
    ),
    Branch(
        "billing.corrected",
        "accounts",
        _REBILL,
        """select b.recorded_at, b.issued_on, b.id, 'bill', b.id, '', b.account_id::text,
          jsonb_build_object('number', b.number, 'total_fils', b.total_fils,
            'corrects', o.number, 'before_fils', o.total_fils)
        from billing_bill b join billing_bill o
          on o.account_id = b.account_id and o.id = b.corrects
        where b.account_id = any(%(accounts)s::uuid[])
          and (%(only)s::uuid is null or b.customer_id = %(only)s::uuid)""",
    ),
    Branch(
        "billing.parked",
        "accounts",
        _ISSUE,
        f"""select p.parked_at, {day_of("p.parked_at")}, p.run_id, 'account', p.account_id, '',
          p.run_id::text, jsonb_build_object('month',
            p.month / 12 || '-' || lpad((p.month %% 12 + 1)::text, 2, '0'), 'reason', p.reason)
        from billing_parked p where p.account_id = any(%(accounts)s::uuid[])
          and %(only)s::uuid is null""",
    ),
    _found("billing.misdirected", Cause.LIABLE, Cause.PAYER, Cause.ESTATE),
    _found("billing.mispriced", *PRICED),
    _found("billing.mismeasured", Cause.METER),
    _found("billing.remeasured", Cause.QUANTITY),
    Branch(
        "billing.misdirected_closed",
        "accounts",
        _CLOSE,
        f"""select m.ended_at, {day_of("m.ended_at")}, m.id, 'account', m.account_id, m.ended_by,
          m.id::text, jsonb_build_object('from_day', m.from_day, 'until_day', m.until_day,
            'reason', m.reason)
        from billing_misdirected m where m.account_id = any(%(accounts)s::uuid[])
          and m.state = 'done' and %(only)s::uuid is null""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)


def claims_told(*, account_ids: Collection[UUID], claim_ids: Collection[UUID]) -> set[UUID]:
    """Those of some claims that a bill opened: the bill's own step tells of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from billing_bill"
            " where account_id = any(%s::uuid[]) and id = any(%s::uuid[])",
            [list(account_ids), list(claim_ids)],
        )
        return {row[0] for row in cursor.fetchall()}

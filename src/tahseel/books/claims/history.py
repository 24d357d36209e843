"""What the open items tell: claims that no bill opened, and claims paid in full."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_OPEN = ("claims.open", "claims.open_columns", "claims.open_lines")
_CLOSE = ("claims.apply_payment", "claims.apply_many")
_CREDIT = ("claims.use_credit",)
ACTS = frozenset({*_OPEN, *_CLOSE, *_CREDIT})

WORDS: Words = {
    "claims.opened": (
        "مطالبة {reference} بمبلغ {amount_fils}، تستحق في {due_on}",
        "Claim {reference} of {amount_fils}, due on {due_on}",
    ),
    "claims.closed": (
        "لم يبق على هذا الحساب شيء من المطالبة {reference} ({amount_fils})",
        "Nothing is owed here any more of claim {reference} ({amount_fils})",
    ),
    "claims.credit_used": (
        "استُخدم رصيد دائن قدره {amount_fils} في سداد المستحق",
        "Credit of {amount_fils} met what was owed",
    ),
}
TERMS: Words = {}
_MINE = """
from claims_claim c where c.account_id = any(%(accounts)s::uuid[])
and (%(only)s::uuid is null or c.customer_id = %(only)s::uuid)
"""
_BRANCHES = (
    Branch(
        "claims.opened",
        "accounts",
        _OPEN,
        f"""select {dated("c.opened_on")}, c.opened_on, c.id, 'account', c.account_id, '', '',
          jsonb_build_object('reference', c.reference, 'amount_fils', c.amount,
            'due_on', c.due_date, 'kind', c.kind)
        {_MINE} and not c.kind = any(%(told)s::text[])""",
    ),
    Branch(
        "claims.closed",
        "accounts",
        _CLOSE,
        f"""select c.closed_at, {day_of("c.closed_at")}, c.id, 'account', c.account_id, '', '',
          jsonb_build_object('reference', c.reference, 'amount_fils', c.amount)
        {_MINE} and c.closed_at is not null""",
    ),
    Branch(
        "claims.credit_used",
        "accounts",
        _CREDIT,
        f"""select c.recorded_at, {day_of("c.recorded_at")}, c.id, 'account', c.account_id, '', '',
          jsonb_build_object('amount_fils', -c.amount)
        from claims_credit c where c.account_id = any(%(accounts)s::uuid[])
        and (%(only)s::uuid is null or c.customer_id = %(only)s::uuid)
        and c.source = 'credit' and c.amount < 0""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

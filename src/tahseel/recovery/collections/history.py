"""What collections tell: notices of debt with what they name, and plans to pay in parts."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_SERVE = ("notices.issue", "collections.take_on_notices")
_PLAN = ("collections.take_on_plans",)
ACTS = frozenset({*_SERVE, *_PLAN, "collections.serve_notices"})

WORDS: Words = {
    "collections.noticed": (
        "إنذار بمديونية قدرها {amount_fils} على {claims} من المطالبات",
        "Notice of a debt of {amount_fils}, claims named: {claims}",
    ),
    "collections.plan_agreed": (
        "اتفاقية تقسيط {reference} بمبلغ {amount_fils} على {parts} من الأقساط",
        "Instalment plan {reference} of {amount_fils}, instalments: {parts}",
    ),
}
TERMS: Words = {}
_NOTICE = f"""
select n.issued_at, n.issued_on, n.id, 'notice', n.id, '', n.id::text,
  jsonb_build_object('amount_fils', {{fils}}, 'claims', {{claims}}, 'day', {dated("n.issued_on")})
from collections_notice n
"""
_NAMED = "collections_notice_claim c where c.notice_id = n.id"
_HERE = f"{_NAMED} and c.account_id = any(%(accounts)s::uuid[])"
_PLANS = f"""
select {dated("p.agreed_on")}, p.agreed_on, p.id, 'account', p.account_id, '', '',
  jsonb_build_object('reference', p.reference, 'amount_fils', p.fils, 'state', p.state,
    'parts', (select count(*) from collections_instalment i where i.plan_id = p.id))
from collections_plan p where p.account_id = any(%(accounts)s::uuid[])
  and (%(only)s::uuid is null or p.customer_id = %(only)s::uuid)
"""
_BRANCHES = (
    Branch(
        "collections.noticed",
        "customers",
        _SERVE,
        _NOTICE.format(fils="n.fils", claims=f"(select count(*) from {_NAMED})")
        + " where n.customer_id = any(%(customers)s::uuid[])",
    ),
    Branch(
        "collections.noticed",
        "accounts",
        _SERVE,
        _NOTICE.format(
            fils=f"(select sum(c.fils) from {_HERE})", claims=f"(select count(*) from {_HERE})"
        )
        + f" where %(only)s::uuid is null and exists (select from {_HERE})",
    ),
    Branch("collections.plan_agreed", "accounts", _PLAN, _PLANS),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

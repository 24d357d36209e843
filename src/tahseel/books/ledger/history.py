"""What the ledger tells of an account: entries that no other slice tells better."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_POST = (
    "ledger.post", "ledger.post_many", "ledger.post_charged", "ledger.post_lines", "ledger.reverse",
)  # fmt: skip
ACTS = frozenset(_POST)

WORDS: Words = {
    "ledger.posted": (
        "قيد بمبلغ {amount_fils}: من {debit} إلى {credit}",
        "Entry of {amount_fils}: debit {debit}, credit {credit}",
    ),
    "ledger.reversed": (
        "قيد عكسي بمبلغ {amount_fils}: من {debit} إلى {credit}",
        "Reversing entry of {amount_fils}: debit {debit}, credit {credit}",
    ),
}
TERMS: Words = {}


def _entries(code: str, which: str) -> Branch:
    return Branch(
        code,
        "accounts",
        _POST,
        f"""select e.recorded_at, e.business_date, e.id, 'account', e.account_id, '', e.id::text,
          jsonb_build_object('amount_fils', e.amount, 'debit', d.name_ar || ' | ' || d.name_en,
            'credit', c.name_ar || ' | ' || c.name_en, 'source', e.source)
        from ledger_entry e
        left join ledger_chart d on d.code = e.debit left join ledger_chart c on c.code = e.credit
        where e.account_id = any(%(accounts)s::uuid[]) and %(only)s::uuid is null
          and not e.source = any(%(told)s::text[]) and e.reverses is {which}""",
    )


_BRANCHES = (_entries("ledger.posted", "null"), _entries("ledger.reversed", "not null"))


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

"""What transfers tell of both accounts: a debt that went, one that came, one given back."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_MOVE, _RETURN = ("transfers.move",), ("transfers.return",)
ACTS = frozenset({*_MOVE, *_RETURN})

WORDS: Words = {
    "transfers.went": (
        "نُقلت مديونية بمبلغ {amount_fils} إلى الحساب {other} ({reference}): {claims}",
        "A debt of {amount_fils} moved to account {other} ({reference}): {claims}",
    ),
    "transfers.came": (
        "نُقلت إليه مديونية بمبلغ {amount_fils} من الحساب {other} ({reference}): {claims}",
        "A debt of {amount_fils} came from account {other} ({reference}): {claims}",
    ),
    "transfers.returned": (
        "رُدّت المديونية المنقولة {reference} بمبلغ {amount_fils}: {reason}",
        "The moved debt {reference} of {amount_fils} was given back: {reason}",
    ),
}
TERMS: Words = {}
_CLAIMS = """
(select string_agg(c.reference, ', ' order by c.due_date, c.reference) from transfers_part p
 join claims_claim c on c.account_id = p.account_id and c.id = p.claim_id
 where p.transfer_id = t.id)
"""
_WHOSE = {
    "from": "c.account_id = p.account_id and c.id = p.claim_id",
    "to": "c.account_id = p.to_account_id and c.id = p.new_claim_id",
}
_OTHER = {"from": "to", "to": "from"}


def _mine(side: str) -> str:
    """On the accounts asked about; of a person, only where the claims of that side are his."""
    return f"""t.{side}_account_id = any(%(accounts)s::uuid[]) and (%(only)s::uuid is null
      or exists (select 1 from transfers_part p join claims_claim c on {_WHOSE[side]}
        where p.transfer_id = t.id and c.customer_id = %(only)s::uuid))"""


def _moved(code: str, side: str) -> Branch:
    return Branch(
        code,
        "accounts",
        _MOVE,
        f"""select t.recorded_at, t.moved_on, t.id, 'account', t.{side}_account_id, t.agreed_by,
          t.id::text, jsonb_build_object('amount_fils', t.amount, 'reference', t.reference,
            'other', a.number, 'claims', {_CLAIMS})
        from transfers_transfer t join supply_account a on a.id = t.{_OTHER[side]}_account_id
        where {_mine(side)}""",
    )


_BRANCHES = (
    _moved("transfers.went", "from"),
    _moved("transfers.came", "to"),
    Branch(
        "transfers.returned",
        "accounts",
        _RETURN,
        f"""select r.recorded_at, {day_of("r.recorded_at")}, t.id, 'account', t.from_account_id,
          r.agreed_by, t.id::text, jsonb_build_object('amount_fils', t.amount,
            'reference', t.reference, 'reason', r.reason)
        from transfers_return r join transfers_transfer t on t.id = r.transfer_id
        where ({_mine("from")}) or ({_mine("to")})""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

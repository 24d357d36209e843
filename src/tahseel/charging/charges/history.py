"""What charges tell of an account: agreed to, carried by a bill or given, and taken back."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_AGREE, _REVERSE = ("charges.agree",), ("charges.reverse",)
_POST = ("charges.carry", "charges.claim_left_over")
ACTS = frozenset({*_AGREE, *_REVERSE, *_POST})

WORDS: Words = {
    "charges.agreed": (
        "اعتُمد {sign} {reference} بمبلغ {amount_fils}، سببه {cause}",
        "A {sign} {reference} of {amount_fils} was agreed to, for {cause}",
    ),
    "charges.posted": (
        "قُيّد {sign} {reference} بمبلغ {amount_fils}",
        "The {sign} {reference} of {amount_fils} was posted",
    ),
    "charges.reversed": (
        "أُلغي {sign} {reference} بمبلغ {amount_fils}: {reason}",
        "The {sign} {reference} of {amount_fils} was taken back: {reason}",
    ),
}
TERMS: Words = {"charge": ("رسم", "charge"), "credit": ("خصم", "credit")}
_ROWS = """
jsonb_build_object('sign', c.sign, 'reference', c.reference, 'amount_fils', c.amount{more})
from charges_charge c where c.account_id = any(%(accounts)s::uuid[])
  and (%(only)s::uuid is null or c.customer_id = %(only)s::uuid)
"""
_BRANCHES = (
    Branch(
        "charges.agreed",
        "accounts",
        _AGREE,
        f"""select c.agreed_at, {day_of("c.agreed_at")}, c.id, 'account', c.account_id, c.agreed_by,
          c.account_id::text, {_ROWS.format(more=", 'cause', c.cause")}""",
    ),
    Branch(
        "charges.posted",
        "accounts",
        _POST,
        f"""select {dated("c.posted_on")}, c.posted_on, c.id, 'account', c.account_id, '', '',
          {_ROWS.format(more="")} and c.posted_on is not null""",
    ),
    Branch(
        "charges.reversed",
        "accounts",
        _REVERSE,
        f"""select c.reversed_at, {day_of("c.reversed_at")}, c.id, 'account', c.account_id, '',
          c.account_id::text, {_ROWS.format(more=", 'reason', c.reason")}
          and c.reversed_at is not null""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

"""What the second person reads before he agrees that a debt moves, or that it is given back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.books.claims import queries as claims
from tahseel.books.transfers import queries, rules
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.money import Money
from tahseel.registry.customers import queries as customers
from tahseel.registry.supply import queries as supply
from tahseel.trust.approvals.values import Detail, Payload, Proposal


def tier_of(payload: Payload) -> int:
    """A large debt is for a revenue manager."""
    return int(int(payload["fils"]) >= rules.terms().large.fils)


def move_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Whose debt, of which claims, by which paper, to whom."""
    account_id = UUID(str(payload["from_account"]))
    keys = [(account_id, UUID(one["claim"])) for one in payload["parts"]]
    named = claims.claims_by_key(keys)
    told = [
        f"{named[key].reference} ({Money(int(one['fils'])).dinars()})"
        for key, one in zip(keys, payload["parts"], strict=True)
        if key in named
    ]
    return Proposal(
        text_ar="نقل مديونية إلى حساب آخر بموجب حوالة دين موقّعة",
        text_en="Move a debt to another account by a signed assumption",
        details=(
            *_sides(actor, at, payload),
            Detail("المبلغ", "Amount", Money(int(payload["fils"]))),
            Detail("المطالبات", "Claims", "، ".join(told)),
        ),
    )


def return_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which transfer is taken back, and what it moved."""
    found = queries.by_id(UUID(str(payload["transfer"])))
    return Proposal(
        text_ar="رد مديونية منقولة إلى حسابها الأصلي",
        text_en="Give a debt that moved back to the account it came from",
        details=(
            Detail("النقل", "Transfer", found.reference if found else None),
            *_sides(actor, at, payload),
            Detail("المبلغ", "Amount", Money(int(payload["fils"]))),
            Detail("نُقلت في", "Moved on", found.moved_on if found else None),
        ),
    )


def _sides(actor: Actor, at: datetime, payload: Payload) -> tuple[Detail, ...]:
    """The paper, both accounts and both debtors."""
    ids = [UUID(str(payload[side])) for side in ("from_account", "to_account")]
    refs = supply.accounts(account_ids=ids)
    numbers = [refs[one].number if one in refs else None for one in ids]
    paper = supply.assumption(assumption_id=UUID(str(payload["assumption"])))
    if paper is None:
        return (
            Detail("من الحساب", "From account", numbers[0]),
            Detail("إلى الحساب", "To account", numbers[1]),
        )
    whose = (paper.from_customer_id, paper.to_customer_id)
    people = customers.by_ids(actor=actor, at=at, purpose=Purpose.COLLECTION, customer_ids=whose)
    names = [f"{people[one].name_ar} · {people[one].name_en}" for one in whose]
    return (
        Detail("الإقرار الموقّع", "Signed paper", paper.document),
        Detail("وُقّع في", "Signed on", paper.signed_on),
        Detail("وُقّع حتى مبلغ", "Signed up to", paper.amount),
        Detail("من الحساب", "From account", numbers[0]),
        Detail("المدين الأصلي", "Old debtor", names[0]),
        Detail("إلى الحساب", "To account", numbers[1]),
        Detail("المحال عليه", "New debtor", names[1]),
    )

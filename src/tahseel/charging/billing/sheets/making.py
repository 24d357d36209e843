"""From the ids of a chunk to a priced sheet of those whose bills need no second look."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tahseel.charging.billing import checking, rules, terms
from tahseel.charging.billing.sheets import facts, looking, pricing
from tahseel.charging.billing.sheets.pricing import Priced
from tahseel.charging.tariffs.values import PriceBook
from tahseel.kernel.period import BillingMonth


def made(*, month: BillingMonth, account_ids: Sequence[UUID], book: PriceBook) -> Priced | None:
    """The bills of the plain accounts among these (by id); None where there is none.

    A book that asks for more than sector and quantity has no plain accounts.
    """
    if terms.needs(book):
        return None
    sheet = facts.gather(month=month, account_ids=account_ids)
    priced = pricing.price(sheet, book) if len(sheet) else None
    if priced is None:
        return None
    policy = rules.policy().holding
    above, below = checking.far(policy)
    odd = looking.far(
        priced,
        account_ids=account_ids,
        months=checking.months_of(policy, month.ordinal),
        above=above,
        below=below,
    )
    return None if odd.all() else priced.kept(~odd)

"""Main accounts: a ministry with its sites, and a holding company with its branches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tahseel.app.demo.people import Party
from tahseel.app.demo.values import BUILDER
from tahseel.registry.customers.values import CustomerKind, NewCustomer
from tahseel.registry.supply import operations as supply

BRANCHES = 4
AGREEMENT = "GROUP"


def put(
    *,
    parties: Sequence[Party],
    account_ids: Sequence[UUID],
    customers: Sequence[NewCustomer],
    at: datetime,
) -> list[UUID]:
    """Every ministry with several accounts gets a main one, and the first companies another.

    Returns the main accounts. Who owes what does not change.
    """
    above = {one.id: one.parent_id for one in customers}
    by_top: dict[UUID, list[UUID]] = defaultdict(list)
    companies = []
    for party, account_id in zip(parties, account_ids, strict=True):
        if party.kind is CustomerKind.GOVERNMENT:
            by_top[_top(party.customer_id, above)].append(account_id)
        elif party.kind is CustomerKind.COMPANY:
            companies.append(account_id)
    mains = []
    for number, accounts in enumerate([*by_top.values(), companies[:BRANCHES]], 1):
        if len(accounts) > 1:
            main, *under = accounts
            supply.put_under(
                actor=BUILDER, at=at, parent_id=main, child_ids=under, from_day=at.date(),
                agreement=f"{AGREEMENT}-{at:%Y}-{number}",
            )  # fmt: skip
            mains.append(main)
    return mains


def _top(customer_id: UUID, above: Mapping[UUID, UUID | None]) -> UUID:
    top = customer_id
    while (parent := above.get(top)) is not None:
        top = parent
    return top

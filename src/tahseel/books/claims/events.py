"""What the slice announces: one event an account and call, in single and in bulk use alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from tahseel.kernel import outbox
from tahseel.kernel.ids import new_id

OPENED = "claims:claim:opened"
BATCH_OPENED = "claims:batch:opened"
CLOSED = "claims:claim:closed"
REOPENED = "claims:claim:reopened"
DISPUTED = "claims:claim:disputed"
CREDIT_USED = "claims:credit:used"


def announce(*, name: str, claims: Iterable[tuple[UUID, UUID, UUID, int]], at: datetime) -> None:
    """Announce claims, given as (account, customer, claim, fils), one event for each account.

    Facts: `account_id`, `customer_ids`, `claim_ids`, `count`, `amount_fils`. The subject is the
    account's id.
    """
    by_account: dict[UUID, list[tuple[UUID, UUID, int]]] = {}
    for account_id, customer_id, claim_id, fils in claims:
        by_account.setdefault(account_id, []).append((customer_id, claim_id, fils))
    outbox.announce_many(
        [
            outbox.Announcement(
                new_id(at), at, name, str(account_id), account_id, _facts(account_id, rows)
            )
            for account_id, rows in by_account.items()
        ]
    )


def _facts(account_id: UUID, rows: list[tuple[UUID, UUID, int]]) -> Mapping[str, object]:
    return {
        "account_id": str(account_id),
        "customer_ids": sorted({str(customer_id) for customer_id, _, _ in rows}),
        "claim_ids": [str(claim_id) for _, claim_id, _ in rows],
        "count": len(rows),
        "amount_fils": sum(fils for _, _, fils in rows),
    }


def batch_opened(*, batch: str, count: int, fils: int, at: datetime) -> None:
    """One event for claims that are taken on together."""
    facts = {"count": count, "amount_fils": fils}
    outbox.announce(name=BATCH_OPENED, subject=batch, at=at, facts=facts)

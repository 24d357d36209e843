"""The deposits' review of the month in which most tenancies began, and what a head decides."""

from __future__ import annotations

from datetime import date

from tahseel.app.demo.values import BUILDER, at_hour
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.deposits.values import ProposalKind

ACCEPTED_MAX = 5


def ask(*, opened_on: date, as_of: date) -> None:
    """Some proposals that ask for more are accepted; the others wait on the list of work."""
    year = as_of.year if opened_on.month <= as_of.month else as_of.year - 1
    if year <= opened_on.year:
        return
    deposits.review(actor=BUILDER, at=at_hour(as_of, 12), day=opened_on.replace(year=year, day=1))
    asking = [
        one
        for one in deposits_queries.open_proposals()
        if one.kind in {ProposalKind.RAISE, ProposalKind.RENEW}
    ]
    for one in asking[: min(ACCEPTED_MAX, (len(asking) + 1) // 2)]:
        deposits.decide_proposal(
            actor=BUILDER,
            at=at_hour(as_of, 12),
            account_id=one.account_id,
            proposal_id=one.id,
            accept=True,
            on_day=as_of,
        )

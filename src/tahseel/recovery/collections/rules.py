"""Which overdue claims a notice names. Pure: claims and the strategy in, the choice out."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Sequence
from datetime import date, timedelta

from tahseel.books.claims.values import Claim
from tahseel.kernel.money import Money, format_money
from tahseel.recovery.collections.values import ClaimKey, NewPlan, PlanState, Step, Strategy

_installed: list[Strategy] = []


def load_strategy(content: bytes) -> Strategy:
    """Read strategy.toml."""
    steps = [
        Step(
            code=entry["code"],
            customer_kinds=frozenset(entry["customer_kinds"]),
            days_after_due=entry["days_after_due"],
            threshold_fils=entry["threshold_fils"],
            channel=entry["channel"],
            term_days=entry["term_days"],
            subject_ar=entry["subject_ar"],
            subject_en=entry["subject_en"],
            body_ar=entry["body_ar"],
            body_en=entry["body_en"],
            start=entry["from"],
        )
        for entry in tomllib.loads(content.decode())["step"]
    ]
    return Strategy(tuple(steps))


def install_strategy(strategy: Strategy) -> None:
    """Called once by `app` with the country's strategy."""
    _installed[:] = [strategy]


def strategy() -> Strategy:
    """The installed strategy. Raises LookupError before `install_strategy`."""
    if not _installed:
        raise LookupError("no collection strategy is installed")
    return _installed[0]


def claims_to_name(
    *, overdue: Sequence[Claim], named: Collection[ClaimKey], step: Step, day: date
) -> list[Claim]:
    """The overdue claims that no earlier notice names, when together they reach the threshold.

    A claim waits `days_after_due` days after its due date before it is named.
    """
    latest = day - timedelta(days=step.days_after_due)
    fresh = [
        claim
        for claim in overdue
        if claim.is_overdue(latest) and (claim.account_id, claim.id) not in named
    ]
    total = sum(claim.payable.fils for claim in fresh)
    return fresh if fresh and total >= step.threshold_fils else []


def body(template: str, *, claims: Sequence[Claim], step: Step) -> str:
    """The text of a notice: the sum in dinars, how many claims, their references, the term."""
    total = Money(sum(claim.payable.fils for claim in claims))
    return template.format(
        amount=format_money(total),
        count=len(claims),
        term_days=step.term_days,
        references=", ".join(claim.reference for claim in claims),
    )


def state_of(plan: NewPlan) -> PlanState:
    """A plan of which every instalment is paid is paid; any other one runs."""
    paid = all(one.paid == one.amount for one in plan.instalments)
    return PlanState.PAID if paid else PlanState.RUNNING

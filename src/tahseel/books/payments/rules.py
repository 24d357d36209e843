"""What follows from what: allocation, the judgement of an answer, track ids, tenders. Pure."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from tahseel.books.payments.gateways.interface import Answer, Outcome
from tahseel.books.payments.values import (
    Allocation,
    AllocationRule,
    CaseKind,
    Finality,
    IntentState,
    Part,
    Payable,
    Tender,
)
from tahseel.kernel.money import ZERO, Money

TRACK_ID_LENGTH = 19
TRACK_ID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def track_id_of(intent_id: UUID) -> str:
    """The gateway's name for an intent: 19 letters and digits that follow from its id.

    19 is what the narrowest field of the wire takes; 95 bits of SHA-256 keep it unique.
    """
    number = int.from_bytes(hashlib.sha256(b"track" + intent_id.bytes).digest(), "big")
    return "".join(TRACK_ID_ALPHABET[number >> 5 * n & 31] for n in range(TRACK_ID_LENGTH))


def in_order(
    payables: Sequence[Payable], *, quoted: Collection[UUID], rule: AllocationRule
) -> list[Payable]:
    """Quoted claims first, then by the rule; ties by id, so that the order never varies."""
    newest = rule is AllocationRule.CURRENT_FIRST

    def rank(claim: Payable) -> tuple[bool, int, UUID]:
        day = claim.due_date.toordinal()
        return claim.claim_id not in quoted, -day if newest else day, claim.claim_id

    return sorted(payables, key=rank)


def allocate(
    *,
    amount: Money,
    payables: Sequence[Payable],
    quoted: Collection[UUID] = (),
    rule: AllocationRule = AllocationRule.OLDEST_FIRST,
) -> Allocation:
    """Spread a payment over open claims; what no claim takes stays unapplied.

    The disputed part of a claim is not in `payable` and is therefore never paid here.
    """
    left = amount.fils
    parts: list[Part] = []
    for claim in in_order(payables, quoted=quoted, rule=rule):
        taken = min(left, claim.payable.fils)
        if taken > 0:
            parts.append(Part(claim.account_id, claim.claim_id, Money(taken)))
            left -= taken
    return Allocation(tuple(parts), Money(left))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an inquiry's answer makes of an intent. `state` None: nothing is known yet."""

    state: IntentState | None
    case: CaseKind | None = None


WAIT = Judgement(None)


def judge(
    *,
    amount: Money,
    track_id: str,
    claimed: Outcome | None,
    answer: Answer,
    expired: bool,
) -> Judgement:
    """Decide by the gateway's own answer; a notification (`claimed`) can only raise a doubt.

    CAPTURED counts with our amount and our track id alone. A notification that says the opposite
    of the answer opens a case. As long as the page may still be open, "not paid" means "not yet".
    """
    if answer.outcome is Outcome.CAPTURED:
        return _captured(amount=amount, track_id=track_id, claimed=claimed, answer=answer)
    if answer.outcome is Outcome.UNKNOWN:
        if expired or claimed is not None:
            return Judgement(IntentState.IN_DOUBT, CaseKind.NO_CLEAR_ANSWER)
        return WAIT
    if claimed is Outcome.CAPTURED:
        return Judgement(IntentState.IN_DOUBT, CaseKind.CONTRADICTION)
    if Outcome.CANCELLED in {claimed, answer.outcome}:
        return Judgement(IntentState.CANCELLED)
    definite = answer.outcome is Outcome.NOT_CAPTURED and claimed is not None
    if expired or definite or claimed is Outcome.NOT_CAPTURED:
        return Judgement(IntentState.NOT_CAPTURED)
    return WAIT


def _captured(
    *, amount: Money, track_id: str, claimed: Outcome | None, answer: Answer
) -> Judgement:
    if answer.track_id != track_id:
        return Judgement(IntentState.IN_DOUBT, CaseKind.WRONG_TRACK)
    if answer.amount != amount:
        return Judgement(IntentState.IN_DOUBT, CaseKind.WRONG_AMOUNT)
    denied = claimed in {Outcome.NOT_CAPTURED, Outcome.CANCELLED}
    return Judgement(IntentState.CAPTURED, CaseKind.CONTRADICTION if denied else None)


def load_tenders(document: bytes) -> tuple[Tender, ...]:
    """Tenders from TOML: one table `[tender.<code>]` each. Raises ValueError, KeyError."""
    tables = tomllib.loads(document.decode())["tender"]
    tenders = tuple(
        Tender(
            code=code,
            name_ar=table["name_ar"],
            name_en=table["name_en"],
            channel=table["channel"],
            finality=Finality(table["finality"]),
            debit=table["debit"],
            source=table["source"],
        )
        for code, table in tables.items()
    )
    if not tenders:
        raise ValueError("a country has at least one tender")
    return tenders


def total(parts: Sequence[Part]) -> Money:
    """The sum of parts."""
    return sum((part.amount for part in parts), ZERO)

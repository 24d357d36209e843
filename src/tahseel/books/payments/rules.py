"""What follows from what: track ids, the judgement of an answer, when to ask again. Pure."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tahseel.books.payments.gateways.interface import Answer, Outcome
from tahseel.books.payments.values import (
    CaseKind,
    Finality,
    IntentState,
    SweepPolicy,
    Tender,
)
from tahseel.kernel.money import Money

TRACK_ID_LENGTH = 19
TRACK_ID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def track_id_of(intent_id: UUID) -> str:
    """The gateway's name for an intent: 19 letters and digits that follow from its id.

    19 is what the narrowest field of the wire takes; 95 bits of SHA-256 keep it unique.
    """
    number = int.from_bytes(hashlib.sha256(b"track" + intent_id.bytes).digest(), "big")
    return "".join(TRACK_ID_ALPHABET[number >> 5 * n & 31] for n in range(TRACK_ID_LENGTH))


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
    return _not_paid(claimed=claimed, said=answer.outcome, expired=expired)


def _not_paid(*, claimed: Outcome | None, said: Outcome, expired: bool) -> Judgement:
    if claimed is Outcome.CAPTURED:
        return Judgement(IntentState.IN_DOUBT, CaseKind.CONTRADICTION)
    if Outcome.CANCELLED in {claimed, said}:
        return Judgement(IntentState.CANCELLED)
    definite = said is Outcome.NOT_CAPTURED and claimed is not None
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


def next_inquiry(
    *,
    state: IntentState,
    case: CaseKind | None,
    inquiries: int,
    at: datetime,
    expires_at: datetime,
    policy: SweepPolicy,
) -> datetime | None:
    """When to ask again after an inquiry at `at`; None when asking is over.

    A payment found unpaid is asked about once more when its page has surely closed. One captured
    with another amount or track id is for a person, not for another inquiry.
    """
    if state in {IntentState.NOT_CAPTURED, IntentState.CANCELLED}:
        return expires_at if at < expires_at else None
    settled = state in {IntentState.CAPTURED, IntentState.POSTED}
    for_a_person = case in {CaseKind.WRONG_AMOUNT, CaseKind.WRONG_TRACK}
    if settled or for_a_person or inquiries >= policy.inquiries_max:
        return None
    if state is IntentState.IN_DOUBT:
        return at + policy.pause(inquiries)
    return at + policy.pause_open


def load_tenders(data: bytes) -> tuple[Tender, ...]:
    """Tenders from the country's TOML, `[[tender]]` records. Raises ValueError, KeyError."""
    raw = tomllib.loads(data.decode())
    tenders = tuple(
        Tender(
            code=record["code"],
            name_ar=record["name_ar"],
            name_en=record["name_en"],
            channel=record["channel"],
            finality=Finality(record["finality"]),
            debit=record["debit"],
            source=raw["source"],
        )
        for record in raw["tender"]
    )
    if len({tender.code for tender in tenders}) != len(tenders) or not tenders:
        raise ValueError("tenders: none at all, or one twice")
    return tenders

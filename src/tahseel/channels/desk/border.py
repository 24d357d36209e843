"""Asking the gateway for one person at one gate, and watching the answer until it changes.

The civil number is typed once. From then on a sealed token stands for the check: it opens for the
officer who asked, for half an hour, and never stands in an address.
"""

from __future__ import annotations

import binascii
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from django.conf import settings

from tahseel.channels.desk import queries
from tahseel.channels.desk.release import released
from tahseel.channels.desk.values import Screen, Verdict, Watched, Why
from tahseel.kernel import secrets
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import CivilId
from tahseel.kernel.money import Money
from tahseel.recovery.clearance import queries as clearance
from tahseel.recovery.clearance.values import Gate
from tahseel.trust.audit import operations as audit

WATCH_SECONDS_MAX = 12.0
WATCH_PAUSE_SECONDS = 0.005
WATCHERS_MAX = 4
WATCH_AGE_MAX = timedelta(minutes=30)
SEALED_AS = "desk:border-watch"

Clock = Callable[[], datetime]
_watchers = threading.BoundedSemaphore(WATCHERS_MAX)


class WatchEnded(Refusal):
    """The token is not ours, belongs to another officer, or is too old."""

    code = "watch_ended"
    text_ar = "انتهت متابعة هذا الاستعلام؛ أعد الاستعلام"
    text_en = "This check is no longer watched; check again"
    http_status = 403


def begin(*, actor: Actor, at: datetime, civil_id: CivilId, gate: Gate) -> str:
    """The token of a new check; nothing is asked yet."""
    return _seal(Watched(actor.id, civil_id, gate, at))


def look(*, actor: Actor, at: datetime, token: str) -> Screen:
    """Ask once. The question is in the audit log before the answer is known.

    Raises WatchEnded, and Fault when the gateway does not answer.
    """
    before = _open(token, actor, at)
    _record(actor, at, before)
    return _screen(actor, at, before, _ask(before), watched=False)


def wait(*, actor: Actor, at: datetime, clock: Clock, token: str) -> tuple[Screen | None, bool]:
    """Ask again and again until the answer differs from the token's, or the time is up.

    Returns the new screen, or None when nothing changed, and whether a place to watch was free.
    One leaf for the whole watch. Raises WatchEnded, Fault.
    """
    before = _open(token, actor, at)
    _record(actor, at, before)
    if not _watchers.acquire(blocking=False):
        verdict = _ask(before)
        changed = not before.same(verdict)
        return (_screen(actor, clock(), before, verdict, watched=True) if changed else None), False
    try:
        verdict = _until_changed(before)
        seen = clock()
    finally:
        _watchers.release()
    if before.same(verdict):
        return None, True
    return _screen(actor, seen, before, verdict, watched=True), True


def _until_changed(before: Watched) -> Verdict:
    began = time.monotonic()
    verdict = _ask(before)
    while before.same(verdict) and time.monotonic() - began < WATCH_SECONDS_MAX:
        time.sleep(WATCH_PAUSE_SECONDS)
        verdict = _ask(before)
    return verdict


def _screen(
    actor: Actor, at: datetime, before: Watched, verdict: Verdict, *, watched: bool
) -> Screen:
    """What an answer means to the officer: why held, or how the release went."""
    why = done = None
    if verdict.held and verdict.reference:
        why = _why(actor, at, verdict)
    elif verdict.clear and before.reference and before.customer_id:
        done = released(
            actor=actor,
            at=at,
            customer_id=before.customer_id,
            gate=before.gate,
            reference=before.reference,
            watched=watched,
        )
    now = replace(
        before,
        answer=verdict.answer,
        fils=verdict.amount.fils,
        reference=verdict.reference if verdict.held else before.reference,
        customer_id=why.customer_id if why else before.customer_id,
    )
    return Screen(verdict, why, done, _seal(now))


def _why(actor: Actor, at: datetime, verdict: Verdict) -> Why | None:
    """None when the hold was lifted between the answer and now: the watch shows it at once."""
    payable = clearance.hold_by_reference(actor=actor, at=at, reference=verdict.reference or "")
    if payable is None:
        return None
    found = queries.held_because(
        actor=actor,
        at=at,
        purpose=Purpose.CLEARANCE_CHECK,
        customer_id=payable.customer_id,
        gate=verdict.gate,
    )
    return found[0] if found else None


def _record(actor: Actor, at: datetime, watched: Watched) -> None:
    audit.record_read(
        actor=actor,
        purpose=Purpose.CLEARANCE_CHECK,
        subject=watched.civil_id.masked,
        at=at,
        facts={"gate": watched.gate.value},
    )


def _ask(watched: Watched) -> Verdict:
    began = time.perf_counter_ns()
    answer = clearance.ask_gateway(
        socket_path=settings.GATEWAY_SOCKET,
        civil_id=watched.civil_id,
        gate=watched.gate,
        purpose=Purpose.CLEARANCE_CHECK,
        reference="border-desk",
    )
    return Verdict(
        answer=answer.answer,
        amount=Money(answer.amount_fils),
        reference=answer.reference,
        as_of=answer.as_of,
        as_of_sequence=answer.as_of_sequence,
        age_ms=answer.age_ms,
        asked_us=(time.perf_counter_ns() - began) // 1000,
        masked=watched.civil_id.masked,
        gate=watched.gate,
    )


def _seal(watched: Watched) -> str:
    plain = orjson.dumps(
        {
            "actor": watched.actor_id,
            "civil_id": watched.civil_id.digits,
            "gate": watched.gate.value,
            "since_s": int(watched.since.timestamp()),
            "answer": watched.answer,
            "fils": watched.fils,
            "reference": watched.reference,
            "customer_id": watched.customer_id,
        }
    )
    return urlsafe_b64encode(secrets.seal(plain, context=SEALED_AS)).decode()


def _open(token: str, actor: Actor, at: datetime) -> Watched:
    try:
        plain = secrets.unseal(urlsafe_b64decode(token.encode()), context=SEALED_AS)
    except (binascii.Error, ValueError, secrets.SealBroken) as error:
        raise WatchEnded from error
    kept = orjson.loads(plain)
    since = datetime.fromtimestamp(kept["since_s"], tz=UTC)
    if kept["actor"] != actor.id or at - since > WATCH_AGE_MAX:
        raise WatchEnded
    return Watched(
        actor_id=actor.id,
        civil_id=CivilId(kept["civil_id"]),
        gate=Gate(kept["gate"]),
        since=since,
        answer=kept["answer"],
        fils=kept["fils"],
        reference=kept["reference"],
        customer_id=UUID(kept["customer_id"]) if kept["customer_id"] else None,
    )

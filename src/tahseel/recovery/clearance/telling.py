"""Telling a person at once that a hold was lifted, by a short message that names no debt.

A consumer of its own, apart from the projector: nobody at a gate waits for a message. The message
and the cursor commit together; the carrier's part is `trust/notices`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tahseel.kernel import outbox
from tahseel.kernel.actor import Purpose, system
from tahseel.kernel.ids import derived_id
from tahseel.kernel.outbox import Event
from tahseel.recovery.clearance import events, queries
from tahseel.registry.customers import queries as customers
from tahseel.trust.notices import operations as notices
from tahseel.trust.notices.values import NewNotice

NAME = "release-messages"
ACTOR = system("release-messages")
KIND = "release"
BATCH_MAX = 1_000


@dataclass(frozen=True, slots=True)
class ReleaseMessage:
    """The country's words. `some` names the gates, `whole` is for a person held nowhere any more.

    subjects, some, whole and gates by language ("ar", "en").
    """

    channel: str
    subjects: Mapping[str, str]
    some: Mapping[str, str]
    whole: Mapping[str, str]
    gates: Mapping[str, Mapping[str, str]]
    useful_for: timedelta


_installed: list[ReleaseMessage] = []


def install(message: ReleaseMessage) -> None:
    """Called once by `app`; called again it replaces."""
    _installed[:] = [message]


def load(data: Mapping[str, Any]) -> ReleaseMessage:
    """From the parsed `messages.toml`. Raises KeyError for what it lacks."""
    words, languages = data["release"], ("ar", "en")
    return ReleaseMessage(
        channel=words["channel"],
        subjects={language: words[f"subject_{language}"] for language in languages},
        some={language: words[f"body_{language}"] for language in languages},
        whole={language: words[f"body_whole_{language}"] for language in languages},
        gates={language: words[f"gates_{language}"] for language in languages},
        useful_for=timedelta(hours=words["useful_hours"]),
    )


@dataclass(slots=True)
class _Released:
    """What a batch of events lifted for one person."""

    first: Event
    gates: list[str] = field(default_factory=list)


def step(*, at: datetime) -> int:
    """Take the next events and write their messages; returns how many events were taken."""
    with transaction.atomic():
        batch = outbox.events_after(outbox.cursor_of(NAME), limit=BATCH_MAX)
        if not batch:
            return 0
        message = _installed[0]
        released = _released(batch, since=at - message.useful_for)
        written = [_notice(message, who, what, at) for who, what in released.items()]
        fresh = [notice for notice in written if notice]
        if fresh:
            notices.issue_many(actor=ACTOR, at=at, notices=fresh)
        outbox.move_cursor(consumer=NAME, sequence=batch[-1].sequence, at=at)
    return len(batch)


def skip_history(*, at: datetime) -> None:
    """What was lifted so far is history and told to nobody, as after a take-on."""
    with transaction.atomic():
        outbox.move_cursor(consumer=NAME, sequence=outbox.last_sequence(), at=at)


def _released(batch: Iterable[Event], *, since: datetime) -> dict[UUID, _Released]:
    found: dict[UUID, _Released] = {}
    for event in batch:
        if event.name != events.HOLD_CLOSED or event.at < since:
            continue
        for text in event.facts["customer_ids"]:
            one = found.setdefault(UUID(text), _Released(event))
            one.gates.append(str(event.facts["gate"]))
    dead = customers.deaths(customer_ids=found.keys()) if found else {}
    return {who: what for who, what in found.items() if who not in dead}


def _notice(
    message: ReleaseMessage, customer_id: UUID, released: _Released, at: datetime
) -> NewNotice | None:
    """None for a person of whom no number is known."""
    told = customers.contact(
        actor=ACTOR, at=at, purpose=Purpose.CLEARANCE_CHECK, customer_id=customer_id
    )
    if told is None or not told.mobile:
        return None
    still_held = bool(queries.to_pay(customer_ids=[customer_id]))
    reference = str(released.first.facts["reference"])
    return NewNotice(
        id=derived_id(released.first.id, "release-message", str(customer_id)),
        kind=KIND,
        channel=message.channel,
        recipient_customer_id=customer_id,
        subject=f"{message.subjects['ar']} | {message.subjects['en']}",
        body_ar=_body(message, "ar", released.gates, reference, whole=not still_held),
        body_en=_body(message, "en", released.gates, reference, whole=not still_held),
        address=told.mobile,
        reference=reference,
        language=told.language,
    )


def _body(
    message: ReleaseMessage, language: str, gates: Iterable[str], reference: str, *, whole: bool
) -> str:
    names = message.gates[language]
    comma = "، " if language == "ar" else ", "
    told = comma.join(names.get(gate, gate) for gate in dict.fromkeys(gates))
    template = message.whole[language] if whole else message.some[language]
    return template.format(gates=told, reference=reference)

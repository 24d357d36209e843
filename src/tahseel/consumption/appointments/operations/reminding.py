"""On the working day before, whoever booked is told once more when somebody comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.consumption.appointments import queries, rules
from tahseel.consumption.appointments.values import Booking
from tahseel.kernel.actor import Actor
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.ids import derived_id
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note
from tahseel.trust.notices import operations as notices
from tahseel.trust.notices.values import NewNotice

NOTICE_KIND = "appointment"


@audited("appointments.remind", subject="day")
def remind(*, actor: Actor, at: datetime, day: date) -> int:
    """Write to whoever is to be visited up to the next working day; returns how many letters.

    A booking that was moved is reminded of again, the same one never twice. Only for jobs.
    """
    require(actor)
    tomorrow = day + timedelta(days=1)
    last = working_calendar().next_working_day(tomorrow)
    days = [tomorrow + timedelta(days=n) for n in range((last - tomorrow).days + 1)]
    found = queries.unreminded(days=days)
    liable = supply.payers(account_ids=[one.account_id for one in found], day=day)
    letters = _letters(found, liable)
    if letters:
        notices.issue_many(actor=actor, at=at, notices=letters)
    note(letters=len(letters))
    return len(letters)


def _letters(found: Sequence[Booking], liable: Mapping[UUID, UUID]) -> list[NewNotice]:
    known = rules.policy()
    text = known.reminder
    numbers = supply.accounts(account_ids={one.account_id for one in found})
    made = []
    for one in found:
        who = one.customer_id or liable.get(one.account_id)
        if who is None:
            continue
        half, number = known.halves[one.half], numbers[one.account_id].number
        facts = {"day": one.day.isoformat(), "account": number}
        made.append(
            NewNotice(
                id=derived_id(one.id, f"reminder {one.day} {one.half}"),
                kind=NOTICE_KIND,
                channel=text.channel,
                recipient_customer_id=who,
                subject=f"{text.subject_ar} | {text.subject_en}",
                body_ar=text.body_ar.format_map({**facts, "half": half.name_ar}),
                body_en=text.body_en.format_map({**facts, "half": half.name_en}),
                address="",
                reference=number,
            )
        )
    return made

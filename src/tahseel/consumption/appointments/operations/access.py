"""Access that was refused: asked for an appointment, put on notice, charged, each after its days.

A term begins with the proof that the letter was delivered, never with the letter. An appointment
that is booked stops the clock until its day; whoever lets somebody in ends it, at any step.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from tahseel.consumption.appointments import events, queries, rules
from tahseel.consumption.appointments.values import (
    ACCESS_LIFE,
    Access,
    AccessLetter,
    AccessState,
    Refused,
)
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import Period, local_day
from tahseel.registry.meters import queries as meters
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note
from tahseel.trust.notices import operations as notices
from tahseel.trust.notices import queries as notice_queries
from tahseel.trust.notices.values import NewNotice

SETTLERS = ("office_head", "revenue_manager")
NOTICE_KIND = "access"


class AccessUnknown(NotFound):
    """No such refused access."""

    code = "refused_access_unknown"
    text_ar = "لا توجد حالة تعذر دخول بهذا الرقم"
    text_en = "There is no refused access under this id"


class SettlingUnexplained(Refusal):
    """Whoever closes a charge says what became of it."""

    code = "access_settling_unexplained"
    text_ar = "يجب ذكر ما تم بشأن الرسم"
    text_en = "Say what became of the charge"


@audited("appointments.follow_access", subject="day")
def follow_access(*, actor: Actor, at: datetime, day: date) -> dict[str, int]:
    """The day's work on refused access: ended, moved on, opened. Only for jobs.

    Done again on the same day it finds nothing left to do.
    """
    require(actor)
    given = queries.access_given()
    for one in given:
        _step(one, AccessState.ENDED, at=at, day=day)
    moved = _move_on(actor, at, day)
    opened = _open(actor, at, day)
    figures = {"ended": len(given), "moved": moved, "opened": opened}
    note(**figures)
    return figures


@audited("appointments.settle_access", subject="access_id")
def settle_access(*, actor: Actor, at: datetime, access_id: UUID, reason: str) -> None:
    """Close a charge, saying what became of it.

    Raises NotAllowed, AccessUnknown, SettlingUnexplained, WrongState.
    """
    require(actor, *SETTLERS)
    if not reason.strip():
        raise SettlingUnexplained()
    with connection.cursor() as cursor:
        cursor.execute("select id from appointments_access where id = %s for update", [access_id])
    found = queries.access(access_id=access_id)
    if found is None:
        raise AccessUnknown()
    note(account=str(found.account_id), meter=str(found.meter_id))
    ACCESS_LIFE.require(found.state, AccessState.SETTLED)
    _step(found, AccessState.SETTLED, at=at, day=local_day(at), reason=reason.strip())


def _move_on(actor: Actor, at: datetime, day: date) -> int:
    """What waited for its days since its letter was proved, and has no appointment ahead."""
    known = rules.policy().access
    waiting = queries.access_open(states=(AccessState.APPOINTMENT, AccessState.NOTICE))
    proved = notice_queries.services_of([one.notice_id for one in waiting])
    ahead = queries.booked_ahead(account_ids=[one.account_id for one in waiting], day=day)
    moved = 0
    for one in waiting:
        served = proved.get(one.notice_id)
        days = timedelta(days=known.letters[one.state].days)
        if served is None or one.account_id in ahead or day <= served.served_on + days:
            continue
        if one.state is AccessState.NOTICE:
            _step(one, AccessState.CHARGE, at=at, day=day)
            events.charged(access=one, fee=known.fee, at=at)
            moved += 1
        elif _write([one], AccessState.NOTICE, actor, at, day):
            _step(one, AccessState.NOTICE, at=at, day=day)
            moved += 1
    return moved


def _open(actor: Actor, at: datetime, day: date) -> int:
    known = rules.policy().access
    found = queries.refused(since=day - timedelta(days=known.window_days), at_least=known.refusals)
    hung = supply.accounts_at_meters(
        meter_ids=[one.meter_id for one in found], period=Period(day, day + timedelta(days=1))
    )
    accounts = {on.meter_id: on.account_id for on in hung}
    opened = [_case(one, accounts[one.meter_id], day) for one in found if one.meter_id in accounts]
    told = _write(opened, AccessState.APPOINTMENT, actor, at, day)
    rows = [
        (one.id, one.account_id, one.meter_id, "appointment", one.refusals, day, one.notice_id, at)
        for one in opened
        if one.account_id in told
    ]
    columns = {
        "id": "uuid", "account_id": "uuid", "meter_id": "uuid", "state": "text",
        "refusals": "int4", "opened_on": "date", "notice_id": "uuid", "changed_at": "timestamptz",
    }  # fmt: skip
    bulk.append_rows(table="appointments_access", columns=columns, rows=rows)
    return len(rows)


def _case(refused: Refused, account_id: UUID, day: date) -> Access:
    made = derived_id(refused.meter_id, f"access {day}")
    letter = _letter_id(made, AccessState.APPOINTMENT)
    return Access(
        id=made, account_id=account_id, meter_id=refused.meter_id, state=AccessState.APPOINTMENT,
        refusals=refused.times, opened_on=day, notice_id=letter, reason="",
    )  # fmt: skip


def _letter_id(access_id: UUID, state: AccessState) -> UUID:
    return derived_id(access_id, f"letter {state}")


def _write(
    cases: Sequence[Access], state: AccessState, actor: Actor, at: datetime, day: date
) -> set[UUID]:
    """Letters to whoever is liable; the accounts that somebody could be told for."""
    known = rules.policy().access
    ids = [one.account_id for one in cases]
    liable = supply.payers(account_ids=ids, day=day)
    numbers = supply.accounts(account_ids=set(ids))
    serials = meters.meters(meter_ids={one.meter_id for one in cases})
    letters = [
        _letter(
            known.letters[state], one, state, liable[one.account_id],
            number=numbers[one.account_id].number, serial=serials[one.meter_id].serial,
        )
        for one in cases
        if one.account_id in liable
    ]  # fmt: skip
    if letters:
        notices.issue_many(actor=actor, at=at, notices=letters)
    return set(liable)


def _letter(
    text: AccessLetter, one: Access, state: AccessState, who: UUID, *, number: str, serial: str
) -> NewNotice:
    facts = {
        "account": number, "meter": serial, "times": str(one.refusals), "days": str(text.days),
        "fee": rules.policy().access.fee.dinars(),
    }  # fmt: skip
    return NewNotice(
        id=_letter_id(one.id, state),
        kind=NOTICE_KIND,
        channel=text.channel,
        recipient_customer_id=who,
        subject=f"{text.subject_ar} | {text.subject_en}",
        body_ar=text.body_ar.format_map(facts),
        body_en=text.body_en.format_map(facts),
        address="",
        reference=number,
    )


def _step(one: Access, state: AccessState, *, at: datetime, day: date, reason: str = "") -> None:
    ACCESS_LIFE.require(one.state, state)
    notice_id = _letter_id(one.id, state) if state is AccessState.NOTICE else one.notice_id
    with connection.cursor() as cursor:
        cursor.execute(
            "update appointments_access set state = %s, notice_id = %s, changed_at = %s,"
            " reason = %s where id = %s",
            [str(state), notice_id, at, reason, one.id],
        )
        cursor.execute(
            "insert into appointments_access_step (access_id, state, day, at)"
            " values (%s, %s, %s, %s)",
            [one.id, str(state), day, at],
        )

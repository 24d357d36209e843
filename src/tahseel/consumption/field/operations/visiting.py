"""What a reader says at a meter: its dials, or why there is no read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import queries, rules
from tahseel.consumption.field.operations.picturing import require_photo
from tahseel.consumption.field.operations.walking import walked_by
from tahseel.consumption.field.values import (
    ROUND_LIFE,
    Dial,
    Found,
    RoundState,
    RoundView,
    Stop,
    StopState,
)
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead, Incident
from tahseel.kernel import bulk, idempotency
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.period import local_day
from tahseel.kernel.states import WrongState
from tahseel.trust.audit.operations import audited, note

NOTE_MAX = 400
CLOCKS_APART = timedelta(minutes=5)
_VISIT = {
    "id": "uuid", "round_id": "uuid", "sequence": "int4", "at": "timestamptz",
    "no_access": "text", "note": "text", "latitude": "int4", "longitude": "int4", "photo": "text",
    "device": "text", "confirmed": "bool", "file": "text", "recorded_at": "timestamptz",
    "actor": "text",
}  # fmt: skip
_DIAL = {"visit_id": "uuid", "register": "text", "value": "int8"}


class StopUnknown(NotFound):
    """The meter is not on this round."""

    code = "field_stop_unknown"
    text_ar = "هذا العداد ليس ضمن الجولة"
    text_en = "This meter is not on the round"


class StopRead(Refusal):
    """The meter was read on this round already."""

    code = "field_stop_read"
    text_ar = "قُرئ هذا العداد في هذه الجولة من قبل"
    text_en = "This meter was read on this round already"
    http_status = 409


class DialUnread(Refusal):
    """Every dial of a meter is read, and no other."""

    code = "field_dial_unread"
    text_ar = "يجب قراءة كل سجلات العداد: {register}"
    text_en = "Every register of the meter is read: {register}"


class DialCannotShow(Refusal):
    """The dial has not so many digits."""

    code = "field_dial_cannot_show"
    text_ar = "لا يمكن أن يعرض السجل {register} هذه القيمة"
    text_en = "Register {register} cannot show this value"


class DialWentBack(Refusal):
    """The value lies below the read before it, and not because the dial began again at zero."""

    code = "field_dial_went_back"
    text_ar = "قراءة السجل {register} أقل من القراءة السابقة {last}"
    text_en = "Register {register} is below the read before it, {last}"


class OutOfRange(Refusal):
    """Look again: the value is far from what the meter's own history lets expect."""

    code = "field_out_of_range"
    text_ar = "قراءة السجل {register} بعيدة عن المتوقع من {low} إلى {high}: تحقق ثم أكّد"
    text_en = "Register {register} is far from {low} to {high}: look again, then confirm"
    http_status = 409


class NoAccessUnknown(Refusal):
    """Why there is no read is one of the known reasons."""

    code = "field_no_access_unknown"
    text_ar = "سبب تعذر القراءة غير معروف"
    text_en = "The reason for which there is no read is not known"


class VisitTimeWrong(Refusal):
    """A meter is read on the day of its round or later, and not in the future."""

    code = "field_visit_time_wrong"
    text_ar = "وقت القراءة يقع بين يوم الجولة والآن"
    text_en = "A meter is read between the day of its round and now"


class NoteTooLong(Refusal):
    """A note is short."""

    code = "field_note_too_long"
    text_ar = "الملاحظة لا تزيد على {note_max} حرفًا"
    text_en = "A note has up to {note_max} characters"


class Checked(NamedTuple):
    """A visit that may be stored. dials: base units by register; file: the hash it came in."""

    id: UUID
    stop: Stop
    found: Found
    dials: Mapping[str, int]
    file: str = ""


@audited("field.record_visit", subject="visit_id")
def record_visit(
    *, actor: Actor, at: datetime, visit_id: UUID, round_id: UUID, sequence: int, found: Found
) -> StopState:
    """Take what a reader says at a meter; its reads are stored. visit_id: the caller's.

    The same again changes nothing. While the round is out a read may be put right: it stays a read
    of the instant at which the meter was read first.

    Raises NotAllowed, RoundUnknown, WrongState, StopUnknown, StopRead, NoAccessUnknown, DialUnread,
    DialCannotShow, DialWentBack, OutOfRange, VisitTimeWrong, NoteTooLong, PhotoUnknown,
    InputDiffers.
    """
    walked = walked_by(actor, round_id)
    stop = queries.stop(round_id=round_id, sequence=sequence)
    if stop is None:
        raise StopUnknown()
    require_photo(found.photo, actor)
    note(meter=str(stop.meter_id), round=str(round_id))

    def act() -> Mapping[str, str]:
        dials = _checked(walked, stop, found, at)
        told = _put_right(walked, stop, found)
        store(walked, [Checked(visit_id, stop, told, dials)], actor=actor, at=at)
        return {"state": str(StopState.NO_ACCESS if found.no_access else StopState.READ)}

    outcome = idempotency.once(
        intent_id=visit_id,
        operation="field.record_visit",
        request=_request(round_id, sequence, found),
        at=at,
        act=act,
    )
    return StopState(outcome["state"])


def _request(round_id: UUID, sequence: int, found: Found) -> Mapping[str, object]:
    """What makes two intents the same: not when they came, and not whether it was asked twice."""
    return {
        "round": str(round_id),
        "sequence": sequence,
        "dials": dict(found.dials),
        "no_access": found.no_access,
        "note": found.note,
        "photo": found.photo,
    }


def _checked(walked: RoundView, stop: Stop, found: Found, at: datetime) -> Mapping[str, int]:
    if walked.state is not RoundState.OUT:
        raise WrongState(machine=ROUND_LIFE.name, current=str(walked.state), wanted="read")
    return check(walked, stop, found, at=at)


def _put_right(walked: RoundView, stop: Stop, found: Found) -> Found:
    """A read that is put right stays one of the instant at which the meter was read first."""
    if stop.state is not StopState.READ:
        return found
    first = queries.last_read_at(round_id=walked.id, sequence=stop.sequence)
    return replace(found, at=first or found.at)


def check(walked: RoundView, stop: Stop, found: Found, *, at: datetime) -> Mapping[str, int]:
    """What the dials showed, in base units. Raises the refusals of `record_visit`."""
    if len(found.note) > NOTE_MAX:
        raise NoteTooLong(note_max=NOTE_MAX)
    if local_day(found.at) < walked.day or found.at > at + CLOCKS_APART:
        raise VisitTimeWrong()
    if found.no_access:
        if found.no_access not in rules.policy().no_access or found.dials:
            raise NoAccessUnknown()
        if stop.state is StopState.READ:
            raise StopRead()
        return {}
    known = {dial.register: dial for dial in stop.dials}
    differ = sorted(set(known) ^ set(found.dials))
    if differ:
        raise DialUnread(register=differ[0])
    return {
        code: value_of(known[code], text, confirmed=found.confirmed)
        for code, text in found.dials.items()
    }


def value_of(dial: Dial, text: str, *, confirmed: bool) -> int:
    """Base units. Raises DialCannotShow, DialWentBack, and OutOfRange unless confirmed."""
    try:
        value = rules.base_of(text, dial)
    except ValueError:
        raise DialCannotShow(register=dial.register) from None
    judged = rules.judge(value, dial)
    if judged is rules.Judgement.WENT_BACK and dial.last is not None:
        raise DialWentBack(register=dial.register, last=rules.shown(dial.last.value, dial))
    if judged is rules.Judgement.OUT_OF_RANGE and not confirmed:
        low, high = rules.range_shown(dial)
        raise OutOfRange(register=dial.register, low=low, high=high)
    return value


def store(walked: RoundView, visits: Sequence[Checked], *, actor: Actor, at: datetime) -> int:
    """Visits that were checked, what their stops came to, and the reads; returns new reads."""
    bulk.append_rows(
        table="field_visit",
        columns=_VISIT,
        rows=[
            (
                v.id, walked.id, v.stop.sequence, v.found.at, v.found.no_access, v.found.note,
                v.found.spot.latitude if v.found.spot else None,
                v.found.spot.longitude if v.found.spot else None,
                v.found.photo, walked.device, v.found.confirmed, v.file, at, actor.id,
            )
            for v in visits
        ],
    )  # fmt: skip
    read = [(v.id, code, value) for v in visits for code, value in v.dials.items()]
    bulk.append_rows(table="field_visit_dial", columns=_DIAL, rows=read)
    _mark(walked.id, visits)
    _tell(walked, visits, actor=actor, at=at)
    rows = [
        DialRead(v.stop.meter_id, code, v.found.at, value)
        for v in visits
        for code, value in v.dials.items()
    ]
    if not rows:
        return 0
    return readings.store_register_reads(
        actor=actor, at=at, rows=rows, source=source_of(walked, visits[0])
    )


def _tell(walked: RoundView, visits: Sequence[Checked], *, actor: Actor, at: datetime) -> None:
    """What was seen of seals and clocks: events of the meters, for whoever judges their reads."""
    told = [
        Incident(v.stop.meter_id, v.found.at, None, code, "", drift_s, {})
        for v in visits
        for code, drift_s, seen in (
            (f"field:seal_{v.found.seal}", None, bool(v.found.seal)),
            ("field:clock", v.found.clock_s, v.found.clock_s is not None),
        )
        if seen
    ]
    if told:
        readings.record_incidents(
            actor=actor, at=at, events=told, source=source_of(walked, visits[0])
        )


def source_of(walked: RoundView, visit: Checked) -> str:
    """Where a read comes from: the device, who walked, and the file or the visit that told it."""
    return f"field:{walked.device}:{walked.reader}:{visit.file[:16] or visit.id}"


def _mark(round_id: UUID, visits: Sequence[Checked]) -> None:
    states = [StopState.NO_ACCESS if v.found.no_access else StopState.READ for v in visits]
    with connection.cursor() as cursor:
        cursor.execute(
            "update field_round_stop s set state = t.state"
            " from unnest(%s::int[], %s::text[]) as t(sequence, state)"
            " where s.round_id = %s and s.sequence = t.sequence",
            [[v.stop.sequence for v in visits], [str(state) for state in states], round_id],
        )

"""Reads that customers report of an own meter, with a photograph; a clerk looks at what is odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import queries, rules, surveying
from tahseel.consumption.field.operations.picturing import PhotoUnknown, kept, require_photo
from tahseel.consumption.field.operations.routing import SUPERVISORS
from tahseel.consumption.field.operations.visiting import DialUnread, value_of
from tahseel.consumption.field.rules import Judgement
from tahseel.consumption.field.values import SELF_READ_LIFE, Dial, SelfRead, SelfReadState
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel import bulk, idempotency
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.kernel.period import local_day
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit.operations import audited, note

CLERKS = ("clerk", *SUPERVISORS)
QUALITY = "self_read"
_DIAL = {
    "read_id": "uuid", "register": "text", "unit": "text", "digits": "int4", "decimals": "int4",
    "last_value": "int8", "last_at": "timestamptz", "low": "int8", "high": "int8", "value": "int8",
}  # fmt: skip


class SelfReadUnknown(NotFound):
    """No such read."""

    code = "field_self_read_unknown"
    text_ar = "لا توجد قراءة ذاتية بهذا الرقم"
    text_en = "There is no such self-read"


class MeterElsewhere(NotFound):
    """The meter does not measure for this account."""

    code = "field_meter_elsewhere"
    text_ar = "هذا العداد لا يخص الحساب"
    text_en = "This meter is not the account's"


class WindowClosed(Refusal):
    """Customers report around the end of a month."""

    code = "field_window_closed"
    text_ar = (
        "تُستقبل القراءات الذاتية في آخر أيام الشهر (عددها {last_days}) وأول أيام التالي"
        " (عددها {first_days})"
    )
    text_en = (
        "Reads are taken on the last {last_days} days of a month and the first {first_days} of"
        " the next"
    )


class AlreadyReported(Refusal):
    """One read a meter and window."""

    code = "field_already_reported"
    text_ar = "وصلتنا قراءة هذا العداد لهذه الفترة"
    text_en = "This meter's read of this time is here already"
    http_status = 409


class DecisionUnexplained(Refusal):
    """Whoever decides about a customer's read says why."""

    code = "field_decision_unexplained"
    text_ar = "يجب ذكر سبب القرار"
    text_en = "The reason for the decision must be given"


@audited("field.keep_own_photo", subject="account_id")
def keep_own_photo(*, actor: Actor, at: datetime, account_id: UUID, body: bytes) -> str:
    """Keep a photograph of an own meter; returns its hash. Raises NotAllowed, PhotoWrong."""
    _require_own(actor, account_id, at)
    return kept(body, actor=actor, at=at)


@audited("field.report_read", subject="account_id")
def report_read(
    *,
    actor: Actor,
    at: datetime,
    read_id: UUID,
    account_id: UUID,
    meter_id: UUID,
    dials: Mapping[str, str],
    photo: str,
    confirmed: bool = False,
) -> SelfReadState:
    """Take what a customer read on an own meter. read_id: the caller's; the same changes nothing.

    What its history lets expect is stored at once. What is far from it is asked about, and once
    confirmed waits for a clerk, as does a meter without a history.

    Raises NotAllowed, MeterElsewhere, WindowClosed, AlreadyReported, PhotoUnknown, DialUnread,
    DialCannotShow, DialWentBack, OutOfRange, InputDiffers.
    """
    _require_own(actor, account_id, at)
    note(meter=str(meter_id), photo=photo)

    def act() -> Mapping[str, str]:
        second = at.replace(microsecond=0)
        told = SelfReport(actor, second, read_id, account_id, meter_id, dials, photo)
        return {"state": str(told.take(confirmed=confirmed))}

    request = {
        "account": str(account_id), "meter": str(meter_id), "dials": dict(dials), "photo": photo,
    }  # fmt: skip
    outcome = idempotency.once(
        intent_id=read_id, operation="field.report_read", request=request, at=at, act=act
    )
    note(state=outcome["state"])
    return SelfReadState(outcome["state"])


def _require_own(actor: Actor, account_id: UUID, at: datetime) -> None:
    """Raises NotAllowed unless the actor is the customer who is liable today."""
    liable = supply.liable_customer(account_id=account_id, day=local_day(at))
    if actor.kind is not ActorKind.CUSTOMER or liable is None or actor.customer_id != str(liable):
        raise NotAllowed(needs="the customer of the account")


@dataclass(frozen=True, slots=True)
class SelfReport:
    """One report on its way: checked against the meter, then kept, and stored where it is fine."""

    actor: Actor
    at: datetime
    read_id: UUID
    account_id: UUID
    meter_id: UUID
    told: Mapping[str, str]
    photo: str

    def take(self, *, confirmed: bool) -> SelfReadState:
        """Raises the refusals of `report_read`."""
        window = self._window_start()
        known = {dial.register: dial for dial in self._dials()}
        differ = sorted(set(known) ^ set(self.told))
        if differ:
            raise DialUnread(register=differ[0])
        values = {
            code: value_of(known[code], text, confirmed=confirmed)
            for code, text in self.told.items()
        }
        why = _why_it_waits(known, values)
        state = SelfReadState.WAITING if why else SelfReadState.TAKEN
        self._keep(window, state, why, known, values)
        if state is SelfReadState.TAKEN:
            rows = [DialRead(self.meter_id, c, self.at, v, QUALITY) for c, v in values.items()]
            _store(self.read_id, rows, actor=self.actor, at=self.at)
        return state

    def _window_start(self) -> date:
        by = rules.policy().self_reading
        window = rules.window_of(day=local_day(self.at), by=by)
        if window is None:
            raise WindowClosed(last_days=by.last_days, first_days=by.first_days)
        with connection.cursor() as cursor:
            lock = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
            cursor.execute(lock, [f"field-self-read:{self.meter_id}"])
        if queries.self_reads_since(meter_id=self.meter_id, day=window.start):
            raise AlreadyReported()
        return window.start

    def _dials(self) -> tuple[Dial, ...]:
        day = local_day(self.at)
        if supply.account_at(meter_id=self.meter_id, day=day) != self.account_id:
            raise MeterElsewhere()
        if not self.photo:
            raise PhotoUnknown()
        require_photo(self.photo, self.actor)
        return surveying.dials_at(meter_id=self.meter_id, at=self.at)

    def _keep(
        self,
        window: date,
        state: SelfReadState,
        why: str,
        known: Mapping[str, Dial],
        values: Mapping[str, int],
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into field_self_read (id, account_id, meter_id, window_start, at, photo,"
                " state, why, recorded_at, actor) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    self.read_id, self.account_id, self.meter_id, window, self.at, self.photo,
                    str(state), why, self.at, self.actor.id,
                ],
            )  # fmt: skip
        rows = [_row(self.read_id, known[code], value) for code, value in values.items()]
        bulk.append_rows(table="field_self_read_dial", columns=_DIAL, rows=rows)


def _row(read_id: UUID, dial: Dial, value: int) -> tuple[object, ...]:
    last, span = dial.last, dial.expected
    return (
        read_id, dial.register, str(dial.unit), dial.digits, dial.decimals,
        last.value if last else None, last.at if last else None, span.low if span else None,
        span.high if span else None, value,
    )  # fmt: skip


def _why_it_waits(known: Mapping[str, Dial], values: Mapping[str, int]) -> str:
    if any(dial.last is None or dial.expected is None for dial in known.values()):
        return "no_history"
    odd = any(rules.judge(v, known[code]) is not Judgement.FINE for code, v in values.items())
    return "out_of_range" if odd else ""


@audited("field.decide_self_read", subject="read_id")
def decide_self_read(
    *, actor: Actor, at: datetime, read_id: UUID, accept: bool, reason: str
) -> None:
    """Take or refuse a customer's read that waits. A refused one may be reported once more.

    Raises NotAllowed, SelfReadUnknown, DecisionUnexplained, WrongState.
    """
    require(actor, *CLERKS)
    if not reason.strip():
        raise DecisionUnexplained()
    found = _locked(read_id)
    state = SelfReadState.ACCEPTED if accept else SelfReadState.REFUSED
    SELF_READ_LIFE.require(found.state, state)
    with connection.cursor() as cursor:
        cursor.execute(
            "update field_self_read set state = %s, decided_at = %s, decided_by = %s, reason = %s"
            " where id = %s",
            [str(state), at, actor.id, reason.strip(), read_id],
        )
    note(account=str(found.account_id), meter=str(found.meter_id), state=str(state))
    if accept:
        rows = [DialRead(found.meter_id, d.register, found.at, v, QUALITY) for d, v in found.dials]
        _store(read_id, rows, actor=actor, at=at)


def _locked(read_id: UUID) -> SelfRead:
    with connection.cursor() as cursor:
        cursor.execute("select id from field_self_read where id = %s for update", [read_id])
    found = queries.self_read(read_id=read_id)
    if found is None:
        raise SelfReadUnknown()
    return found


def _store(read_id: UUID, rows: list[DialRead], *, actor: Actor, at: datetime) -> None:
    readings.store_register_reads(actor=actor, at=at, rows=rows, source=f"self:{read_id}")

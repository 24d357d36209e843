"""What a page says of a service: states, steps and turns in the language of the visitor."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Pill, Step
from tahseel.channels.services import rules
from tahseel.channels.services.queries import Row, Sheet
from tahseel.channels.services.values import State, StepView, Verdict, Whose
from tahseel.kernel.quantity import Service
from tahseel.trust.access import queries as access

TONES = {
    State.ENERGISED: "good",
    State.PASSED: "info",
    State.PAID: "info",
    State.QUOTED: "warning",
    State.FAILED: "bad",
    State.REFERRED: "warning",
    State.REFUSED: "bad",
    State.REMOVAL_DUE: "warning",
}


def state_word(state: State) -> str:
    """Where an application stands."""
    return {
        State.APPLIED: _("Waits for the study"),
        State.STUDIED: _("Waits for the quotation"),
        State.QUOTED: _("Fee to be paid"),
        State.PAID: _("Waits for the inspection"),
        State.FAILED: _("To be put right"),
        State.REFERRED: _("Waits for a decision"),
        State.PASSED: _("Waits for supply"),
        State.ENERGISED: _("Has supply"),
        State.REMOVAL_DUE: _("Meter to be taken down"),
        State.REMOVED: _("Supply has ended"),
        State.REFUSED: _("Refused"),
        State.WITHDRAWN: _("Taken back"),
        State.EXPIRED: _("Lapsed"),
        State.CLOSED: pgettext("an application", "Closed"),
    }[state]


def state_pill(row: Row) -> Pill:
    """Where an application stands, and that it cannot go on without the papers it lacks."""
    state = row.application.state
    if state is State.APPLIED and row.missing:
        return Pill(_("Waits for documents"), "warning")
    return Pill(state_word(state), TONES.get(state, "neutral"))


def late_pill(row: Row) -> Pill | None:
    """A word for what staff left lying beyond its last day."""
    return Pill(_("Late"), "bad") if row.late and row.turn is Whose.STAFF else None


def service_words(services: frozenset[Service]) -> str:
    words = {Service.ELECTRICITY: _("Electricity"), Service.WATER: _("Water")}
    return formats.by_language(ar=" و", en=" and ").join(
        words[service] for service in Service if service in services
    )


def verdict_word(verdict: Verdict | None) -> str | None:
    words = {
        Verdict.FEASIBLE: _("The network carries the load"),
        Verdict.CONDITIONAL: _("The network carries the load on conditions"),
        Verdict.NOT_FEASIBLE: _("The network cannot carry the load"),
    }
    return words[verdict] if verdict else None


def course_labels() -> list[str]:
    """The way when nothing goes wrong."""
    return [
        _("Application"), _("Study"), _("Quotation"), _("Payment"), _("Inspection"), _("Supply"),
    ]  # fmt: skip


def reached(sheet: Sheet) -> int | None:
    """The step that is being worked on, from 0; None when the way has ended elsewhere."""
    state = sheet.application.state
    if state in (State.FAILED, State.REFERRED):
        state = State.PAID
    if state not in rules.COURSE:
        return None
    return rules.COURSE.index(state) + 1


def step_label(step: str) -> str:
    return {
        "applied": _("Application received"),
        "studied": _("Load studied"),
        "refused": _("Refused by the study"),
        "quoted": _("Fee quoted"),
        "paid": _("Fee paid"),
        "failed": _("Inspection not passed"),
        "put_right": _("Put right, inspection asked for again"),
        "passed": _("Inspection passed"),
        "energised": _("Supply given"),
        "withdrawn": _("Taken back by the applicant"),
        "expired": _("Lapsed, because nothing happened in time"),
        "reminded": _("Reminded of the last day"),
        "referred": _("The time was over; a head of office decides"),
        "prolonged": _("More time given"),
        "closed": _("Closed by decision"),
        "removal_due": _("Temporary supply came to its last day"),
        "removed": _("Meter taken down, account closed"),
    }[step]


def to_put_right(sheet: Sheet) -> list[str]:
    """What the last inspection that was not passed found."""
    found = (one.facts["reasons"] for one in reversed(sheet.course) if one.step == "failed")
    return next(found, [])


def course(sheet: Sheet) -> list[Step]:
    """What happened, for the timeline; who did it is told to staff only."""
    names = access.labels_of({one.actor for one in sheet.course}) if sheet.applicant else {}
    return [_step(one, names.get(one.actor)) for one in sheet.course]


def _step(one: StepView, name: tuple[str, str] | None) -> Step:
    facts = one.facts
    told = [*facts.get("reasons", []), *facts.get("conditions", [])]
    told += [facts[name] for name in ("remark", "reason") if facts.get(name)]
    if facts.get("until"):
        told.append(formats.day_text(date.fromisoformat(facts["until"])))
    if name is not None:
        told.append(formats.by_language(ar=name[0], en=name[1]))
    bad = one.step in ("failed", "refused", "expired", "closed")
    separator = formats.by_language(ar="؛ ", en="; ")
    return Step(step_label(one.step), "failed" if bad else "done", one.at, separator.join(told))

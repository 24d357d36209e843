"""The study: what the load needs, what the network can give, and on which conditions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tahseel.channels.services import rules
from tahseel.channels.services.models import Application
from tahseel.channels.services.opening import application_of
from tahseel.channels.services.operations.applying import require_still_liable
from tahseel.channels.services.operations.moving import (
    locked,
    missing_papers,
    move,
    require_duty,
    require_other_hands,
)
from tahseel.channels.services.values import Application as ApplicationView
from tahseel.channels.services.values import State, Study, Verdict
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import local_day
from tahseel.registry.premises import queries as premises
from tahseel.trust.audit.operations import audited, note

CONDITIONS_MAX = 20


class PapersMissing(Refusal):
    """A study begins when every required paper is there."""

    code = "papers_missing"
    text_ar = "مستندات مطلوبة لم تقدم بعد: {kinds}"
    text_en = "Required documents are still missing: {kinds}"


class StudyIncomplete(Refusal):
    """A study names the point of the network and what it can still give."""

    code = "study_incomplete"
    text_ar = "بيانات الدراسة ناقصة: {field}"
    text_en = "The study is incomplete: {field}"


@audited("services.record_study", subject="application_id")
def record_study(
    *, actor: Actor, at: datetime, application_id: UUID, study: Study
) -> ApplicationView:
    """Record the study; what the network cannot carry without conditions is refused by it.

    Raises ApplicationUnknown, NotAllowed, WrongState, PapersMissing, StudyIncomplete, and
    AccountNotYours where whoever wants more load is no more liable for the account.
    """
    require_duty(actor, "study")
    row = locked(application_id)
    require_other_hands(actor, row.inspected_by, row.energised_by)
    rules.GETTING_SUPPLY.require(State(row.state), State.STUDIED)
    if missing := missing_papers(row):
        raise PapersMissing(kinds=", ".join(kind.code for kind in missing))
    _require_whole(row, study)
    require_still_liable(row, at)
    row.added_kw = row.load_kw - study.current_kw
    sector = premises.sector_on(unit_id=row.unit_id, day=local_day(at))
    row.demand_kw = rules.demand(
        load_kw=row.added_kw,
        sector=str(sector.sector) if sector else None,
        percents=rules.catalogue().demand_percent,
    )
    found = rules.verdict(demand_kw=row.demand_kw, study=study)
    row.verdict, row.studied_by = str(found), actor.id
    facts = {
        "network_point": study.network_point,
        "available_kw": study.available_kw,
        "demand_kw": row.demand_kw,
        "verdict": str(found),
        "conditions": list(study.conditions),
        "remark": study.remark,
    }
    refused = found is Verdict.NOT_FEASIBLE
    move(
        row,
        State.REFUSED if refused else State.STUDIED,
        step="refused" if refused else "studied",
        actor=actor,
        at=at,
        facts=facts,
    )
    note(verdict=str(found), demand_kw=row.demand_kw, available_kw=study.available_kw)
    return application_of(row)


def _require_whole(row: Application, study: Study) -> None:
    right = {
        "network_point": bool(study.network_point.strip()),
        "available_kw": study.available_kw >= 0,
        "current_kw": 0 <= study.current_kw < row.load_kw,
        "conditions": len(study.conditions) <= CONDITIONS_MAX,
    }
    wrong = next((field for field, holds in right.items() if not holds), None)
    if wrong:
        raise StudyIncomplete(field=wrong)

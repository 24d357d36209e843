"""A second person puts a name to what was taken on: the report is frozen, then signed off."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from tahseel.app.take_on import journal
from tahseel.app.take_on.values import Entity, Run, RunState
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, Refusal
from tahseel.kernel.money import Money
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit.operations import audited, note

OPERATION = "take_on.sign_off"
MAKERS = frozenset({"take_on_officer"})
SIGNERS = frozenset({"revenue_manager"})
ENTITIES = {
    Entity.PERSONS: ("الأشخاص", "Persons"),
    Entity.UNITS: ("الوحدات", "Units"),
    Entity.METERS: ("العدادات", "Meters"),
    Entity.ACCOUNTS: ("الحسابات", "Accounts"),
    Entity.OCCUPANCIES: ("فترات الإشغال", "Occupancies"),
    Entity.PARTIES: ("أطراف الحسابات", "Parties of accounts"),
    Entity.DEPOSITS: ("التأمينات", "Deposits"),
    Entity.CREDITS: ("الأرصدة الدائنة", "Credits"),
    Entity.OPEN_ITEMS: ("المطالبات المفتوحة", "Open items"),
    Entity.DISPUTES: ("الاعتراضات", "Disputes"),
    Entity.PLANS: ("اتفاقيات التقسيط", "Instalment plans"),
    Entity.INSTALMENTS: ("الأقساط", "Instalments"),
    Entity.HOLDS: ("إيقافات المعاملات", "Holds"),
}


class NotLoaded(Refusal):
    """There is nothing to sign yet, or it is signed already."""

    code = "take_on_not_loaded"
    text_ar = "لا يعتمد الترحيل في هذه المرحلة ({state})"
    text_en = "A take-on is signed off once it is loaded, not when it is {state}"
    http_status = 409


def submit(*, actor: Actor, at: datetime, run_id: UUID, reason: str) -> UUID:
    """Ask that somebody else signs off a loaded take-on; returns the approval's id.

    Raises NotLoaded, RunUnknown, and what `approvals.submit` raises.
    """
    run = journal.run(run_id)
    if run.state is not RunState.LOADED:
        raise NotLoaded(state=str(run.state))
    payload = {"run": str(run_id), "system": run.system, "report_sha256": digest(run)}
    return approvals.submit(actor=actor, at=at, operation=OPERATION, payload=payload, reason=reason)


def digest(run: Run) -> str:
    """SHA-256 of the report: what both people put their names to."""
    return hashlib.sha256(orjson.dumps(run.report, option=orjson.OPT_SORT_KEYS)).hexdigest()


@audited("take_on.sign_off", subject="approval_id")
def sign_off(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> UUID:
    """What runs once the second person agrees. Raises NotLoaded; Broken for another report."""
    run = journal.run(UUID(str(payload["run"])))
    if run.state is not RunState.LOADED:
        raise NotLoaded(state=str(run.state))
    if digest(run) != payload["report_sha256"]:
        raise Broken("the report of the take-on is not the one that was submitted")
    journal.signed(run.id, approval_id)
    note(run=run.id, report_sha256=digest(run))
    return run.id


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """The report that both people put their names to: what was taken on, entity by entity."""
    run = journal.run(UUID(str(payload["run"])))
    rows = (row for row in _rows(run.report.get("totals")) if not row["by"])
    return Proposal(
        text_ar=f"اعتماد ترحيل بيانات النظام السابق «{run.system}» كما رُحّلت",
        text_en=f"Sign off the take-on of the old system “{run.system}” as it was loaded",
        details=(
            Detail("يوم التحول", "Day of the change", run.cutover),
            Detail("وقت الترحيل", "Loaded at", run.loaded_at),
            *(detail for row in rows for detail in _told(row)),
            Detail("بصمة التقرير", "Digest of the report", str(payload["report_sha256"])),
        ),
    )


def _told(row: Mapping[str, Any]) -> list[Detail]:
    """How many of an entity, and their sum where the old system gave one."""
    ar, en = ENTITIES[Entity(row["entity"])]
    told = [Detail(ar, en, int(row["count"]))]
    if row["expected_fils"] is not None and row["fils"]:
        told.append(Detail(f"{ar}: المبلغ", f"{en}: amount", Money(int(row["fils"]))))
    return told


def _rows(totals: object) -> list[Mapping[str, Any]]:
    return [row for row in totals if isinstance(row, dict)] if isinstance(totals, list) else []


def register() -> None:
    """Called when Django starts."""
    approvals.register(OPERATION, sign_off, roles=SIGNERS, makers=MAKERS, in_words=in_words)

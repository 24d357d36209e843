"""A second person puts a name to what was taken on: the report is frozen, then signed off."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

import orjson

from tahseel.app.take_on import journal
from tahseel.app.take_on.values import Run, RunState
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken, Refusal
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Payload
from tahseel.trust.audit.operations import audited, note

OPERATION = "take_on.sign_off"
SIGNERS = frozenset({"revenue_manager"})


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


def register() -> None:
    """Called when Django starts."""
    approvals.register(OPERATION, sign_off, roles=SIGNERS)

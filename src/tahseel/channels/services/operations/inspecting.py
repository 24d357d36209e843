"""The inspection on site: passed, or failed with what has to be put right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tahseel.channels.services import rules
from tahseel.channels.services.opening import application_of
from tahseel.channels.services.operations.applying import require_still_liable
from tahseel.channels.services.operations.moving import (
    locked,
    move,
    require_applicant_or_counter,
    require_duty,
    require_other_hands,
)
from tahseel.channels.services.values import Application as ApplicationView
from tahseel.channels.services.values import State
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.trust.audit.operations import audited, note

REASONS_MAX = 20


class InspectionUnreasoned(Refusal):
    """A failed inspection says why, a passed one has nothing to put right."""

    code = "inspection_unreasoned"
    text_ar = "الفحص غير المجتاز يذكر أسبابه، والمجتاز لا أسباب له"
    text_en = "A failed inspection gives its reasons, a passed one has none"


@audited("services.record_inspection", subject="application_id")
def record_inspection(
    *, actor: Actor, at: datetime, application_id: UUID, reasons: Sequence[str] = ()
) -> ApplicationView:
    """Record an inspection: passed without reasons, failed with them.

    Raises ApplicationUnknown, NotAllowed, SameHands, WrongState, InspectionUnreasoned, and
    AccountNotYours where whoever wants more load is no more liable for the account.
    """
    require_duty(actor, "inspect")
    row = locked(application_id)
    require_other_hands(actor, row.studied_by, row.energised_by)
    rules.GETTING_SUPPLY.require(State(row.state), State.PASSED)
    require_still_liable(row, at)
    told = [reason.strip() for reason in reasons]
    if not all(told) or len(told) > REASONS_MAX:
        raise InspectionUnreasoned()
    row.inspected_by = actor.id
    row.inspections += 1
    move(
        row,
        State.FAILED if told else State.PASSED,
        step="failed" if told else "passed",
        actor=actor,
        at=at,
        facts={"number": row.inspections, "reasons": told},
    )
    note(passed=not told, number=row.inspections)
    return application_of(row)


@audited("services.ask_again", subject="application_id")
def ask_again(*, actor: Actor, at: datetime, application_id: UUID) -> ApplicationView:
    """Say that what failed is put right, and ask for another inspection, also when it is late.

    Raises ApplicationUnknown, NotAllowed, WrongState.
    """
    row = locked(application_id)
    require_applicant_or_counter(actor, row)
    rules.require_inspected(State(row.state))
    move(row, State.PAID, step="put_right", actor=actor, at=at)
    return application_of(row)

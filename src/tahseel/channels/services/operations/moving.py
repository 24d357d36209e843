"""What every step shares: the application locked, the duty asked for, the step written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tahseel.channels.services import events, rules
from tahseel.channels.services.models import Application, Evidence, Step
from tahseel.channels.services.values import DocumentKind, State
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.calendar import working_calendar
from tahseel.kernel.errors import NotAllowed, NotFound
from tahseel.kernel.ids import derived_id
from tahseel.kernel.period import local_day
from tahseel.registry.supply.values import Capacity
from tahseel.trust.access import rules as access
from tahseel.trust.audit.operations import note


class ApplicationUnknown(NotFound):
    """No such application, or not the asker's."""

    code = "application_unknown"
    text_ar = "الطلب غير موجود"
    text_en = "There is no such application"


class SameHands(NotAllowed):
    """Who did another duty on this application may not do this one."""

    code = "same_hands"
    text_ar = "من قام بإحدى مراحل الدراسة أو الفحص أو الإيصال لا يقوم بمرحلة أخرى للطلب نفسه"
    text_en = "Who did the study, the inspection or the energising does no other of them here"


def locked(application_id: UUID) -> Application:
    """The application, locked until the transaction ends. Raises ApplicationUnknown."""
    row = Application.objects.select_for_update().filter(pk=application_id).first()
    if row is None:
        raise ApplicationUnknown()
    note(customer=str(row.applicant_id), unit=str(row.unit_id), account=str(row.account_id))
    return row


def capacity_of(row: Application) -> Capacity:
    """In which capacity the applicant will be liable: supply for a time is never the owner's."""
    return Capacity.TENANT if row.until_day else Capacity.OWNER


def require_duty(actor: Actor, duty: str) -> None:
    """Raises NotAllowed unless the actor has the duty by the country's data."""
    access.require(actor, *rules.catalogue().duties[duty])


def require_applicant_or_counter(actor: Actor, row: Application) -> None:
    """Raises ApplicationUnknown for another customer, NotAllowed for staff of other duties."""
    if actor.kind is ActorKind.CUSTOMER and actor.customer_id != str(row.applicant_id):
        raise ApplicationUnknown()
    access.require_self_or(actor, row.applicant_id, *rules.catalogue().duties["apply"])


def require_other_hands(actor: Actor, *done_by: str) -> None:
    """Raises SameHands when the actor did one of these duties."""
    if actor.kind is not ActorKind.SYSTEM and actor.id in done_by:
        raise SameHands()


def move(
    row: Application,
    state: State,
    *,
    step: str,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
    last_day: date | None = None,
) -> None:
    """Bring the application to a state and write the step. Raises WrongState.

    last_day: of the turn that begins, where a decision set it.
    """
    row.state = str(rules.GETTING_SUPPLY.require(State(row.state), state))
    row.state_since = at
    set_last_day(row, at)
    row.deadline = last_day or row.deadline
    row.save()
    write_step(row, step=step, actor=actor, at=at, facts=facts)
    note(reference=row.reference, state=str(state))
    events.moved(application_id=row.id, service=row.service, state=state, at=at)


def set_last_day(row: Application, at: datetime) -> None:
    """Until when the turn lasts that begins now; unsaved."""
    found = rules.turn(State(row.state), rules.catalogue(), complete=not missing_papers(row))
    row.deadline = rules.last_day(found, entered=local_day(at), calendar=working_calendar())


def missing_papers(row: Application) -> tuple[DocumentKind, ...]:
    """The required papers that are not on file."""
    held = set(Evidence.objects.filter(application=row).values_list("kind", flat=True))
    return rules.missing(rules.catalogue().services[row.service], held)


def write_step(
    row: Application,
    *,
    step: str,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Add one step to the course."""
    position = Step.objects.filter(application=row).count() + 1
    Step.objects.create(
        id=derived_id(row.id, "step", str(position)),
        application=row,
        position=position,
        step=step,
        state=row.state,
        at=at,
        actor=actor.id,
        actor_label=actor.label,
        facts=dict(facts or {}),
    )

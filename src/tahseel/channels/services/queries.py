"""Reading applications. Whatever shows an applicant takes a purpose and leaves a leaf."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F

from tahseel.books.deposits import queries as deposits
from tahseel.books.deposits.values import Deposit, DepositState
from tahseel.channels.services import models, rules
from tahseel.channels.services.opening import application_of, evidence_of, step_of
from tahseel.channels.services.values import (
    EVIDENCE_SEAL,
    Application,
    DocumentKind,
    EvidenceView,
    ServiceDefinition,
    State,
    StepView,
    Whose,
)
from tahseel.charging.billing import queries as bills
from tahseel.kernel import bulk, secrets
from tahseel.kernel.actor import Actor, ActorKind, Purpose
from tahseel.kernel.errors import NotAllowed, NotFound
from tahseel.kernel.period import BillingMonth
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import InstallationView
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.access import rules as access
from tahseel.trust.audit.operations import record_read

WORKLIST_MAX = 500
LANGUAGES = ("ar", "en")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list: no person in it."""

    application: Application
    definition: ServiceDefinition
    address_ar: str
    address_en: str
    missing: tuple[DocumentKind, ...]
    turn: Whose | None
    late: bool


@dataclass(frozen=True, slots=True)
class RefundRow:
    """What is owed back of a fee. asked: the approval that waits, once somebody has asked."""

    about: Deposit
    asked: UUID | None

    @property
    def due(self) -> bool:
        return self.about.state is DepositState.REFUND_DUE


@dataclass(frozen=True, slots=True)
class Sheet:
    """An application's page."""

    row: Row
    applicant: CustomerView | None
    course: tuple[StepView, ...]
    papers: tuple[EvidenceView, ...]
    refunds: tuple[RefundRow, ...]
    own: bool
    as_of: date

    @property
    def application(self) -> Application:
        return self.row.application

    @property
    def whose_turn(self) -> Whose | None:
        return self.row.turn

    @property
    def definition(self) -> ServiceDefinition:
        return self.row.definition


def worklist(*, actor: Actor, as_of: date) -> list[Row]:
    """What waits for the actor's duties, the oldest deadline first; readers see all that is open.

    Raises NotAllowed for staff without a duty.
    """
    states = states_of(actor)
    if not states:
        raise NotAllowed(needs=", ".join(rules.catalogue().staff_roles))
    found = models.Application.objects.filter(state__in=[str(state) for state in states])
    ordered = found.order_by(F("deadline").asc(nulls_last=True), "applied_at", "id")
    return _rows(ordered[:WORKLIST_MAX], as_of)


def states_of(actor: Actor) -> frozenset[State]:
    """The states in which something waits for one of the actor's duties."""
    duties = rules.catalogue().duties
    waits = {
        "read": rules.OPEN | {State.REMOVAL_DUE},
        "apply": rules.OPEN,
        "study": {State.APPLIED, State.STUDIED},
        "inspect": {State.PAID},
        "decide": {State.REFERRED},
        "energise": {State.PASSED, State.REMOVAL_DUE},
    }
    held = (waits[duty] for duty, roles in duties.items() if access.may(actor, *roles))
    return frozenset().union(*held)


def own(*, actor: Actor, as_of: date) -> list[Row]:
    """The applications of the signed-in customer, the newest first."""
    if actor.customer_id is None:
        return []
    found = models.Application.objects.filter(applicant_id=UUID(actor.customer_id))
    return _rows(found.order_by("-applied_at", "-id")[:WORKLIST_MAX], as_of)


def sheet(*, actor: Actor, at: datetime, reference: str, as_of: date) -> Sheet:
    """An application's page, for its applicant or for staff with a duty or the right to read.

    Raises NotFound for another customer, NotAllowed for other staff.
    """
    row = _visible(actor, reference)
    applicant = None
    if actor.kind is not ActorKind.CUSTOMER:
        applicant = customers.by_id(
            actor=actor, at=at, purpose=purpose_of(actor), customer_id=row.applicant_id
        )
    else:
        record_read(actor=actor, purpose=Purpose.OWN_ACCOUNT, subject=str(row.applicant_id), at=at)
    (line,) = _rows([row], as_of)
    return Sheet(
        row=line,
        applicant=applicant,
        course=course(application_id=row.id),
        papers=papers(application_id=row.id),
        refunds=refunds(account_id=row.account_id, at=at) if row.claim_id else (),
        own=actor.customer_id == str(row.applicant_id),
        as_of=as_of,
    )


def purpose_of(actor: Actor) -> Purpose:
    """Why this actor reads an application."""
    if actor.kind is ActorKind.CUSTOMER:
        return Purpose.OWN_ACCOUNT
    return Purpose.AUDIT if actor.has("auditor") else Purpose.CUSTOMER_SERVICE


def course(*, application_id: UUID) -> tuple[StepView, ...]:
    """What happened to an application, from the first step on."""
    rows = models.Step.objects.filter(application_id=application_id).order_by("position")
    return tuple(step_of(row) for row in rows)


def papers(*, application_id: UUID) -> tuple[EvidenceView, ...]:
    """The papers of an application, without their contents."""
    rows = models.Evidence.objects.filter(application_id=application_id).order_by("added_at", "id")
    columns = ("id", "kind", "file_name", "media_type", "size", "sha256", "added_at")
    return tuple(evidence_of(row) for row in rows.values_list(*columns))


def paper(
    *, actor: Actor, at: datetime, reference: str, paper_id: UUID
) -> tuple[EvidenceView, bytes]:
    """A paper with its content, opened. Raises NotFound, NotAllowed as `sheet`."""
    row = _visible(actor, reference)
    held = models.Evidence.objects.filter(application=row, pk=paper_id).first()
    if held is None:
        raise NotFound()
    record_read(
        actor=actor,
        purpose=purpose_of(actor),
        subject=str(row.applicant_id),
        at=at,
        facts={"paper": str(paper_id)},
    )
    view = next(one for one in papers(application_id=row.id) if one.id == paper_id)
    return view, secrets.unseal(bytes(held.body_cipher), context=EVIDENCE_SEAL)


def awaiting_payment(*, account_ids: Collection[UUID]) -> list[UUID]:
    """Applications that are quoted and whose fee is claimed under one of the accounts."""
    rows = models.Application.objects.filter(
        state=str(State.QUOTED), account_id__in=bulk.among(account_ids)
    )
    return list(rows.order_by("applied_at", "id").values_list("id", flat=True))


def ended_unsupplied(*, account_ids: Collection[UUID]) -> list[UUID]:
    """Applications that ended without supply, their fee claimed under one of the accounts."""
    rows = models.Application.objects.filter(
        state__in=[str(state) for state in rules.UNSUPPLIED],
        account_id__in=bulk.among(account_ids),
        claim_id__isnull=False,
    )
    return list(rows.order_by("applied_at", "id").values_list("id", flat=True))


def refunds(*, account_id: UUID, at: datetime) -> tuple[RefundRow, ...]:
    """What is or was owed back of the fee of an application, under the account it was to have."""
    if supply.accounts(account_ids=[account_id]):
        return ()
    found = deposits.deposits(account_ids=[account_id]).get(account_id, [])
    waiting = deposits.refunds_waiting(as_of=at) if found else {}
    return tuple(RefundRow(one, waiting.get(one.id)) for one in found)


def lapsed(*, day: date) -> list[UUID]:
    """Applications in the applicant's hands whose last day lies before a day, and that end so."""
    found = _theirs(deadline__lt=day)
    return [row.pk for row in found if rules.GETTING_SUPPLY.allows(State(row.state), State.EXPIRED)]


def to_refer(*, day: date) -> list[UUID]:
    """Applications that were paid for and whose last day lies before a day: they do not end."""
    found = _theirs(deadline__lt=day)
    return [
        row.pk for row in found if rules.GETTING_SUPPLY.allows(State(row.state), State.REFERRED)
    ]


def to_remind(*, day: date) -> list[UUID]:
    """Applications whose applicant is to be reminded on a day."""
    return [row.pk for row in _theirs(deadline__gte=day) if reminder_due(row, day=day) is not None]


def reminder_due(row: models.Application, *, day: date) -> int | None:
    """Which reminder of its turn is due to an applicant, and was not given; None for none."""
    turn = rules.turn(State(row.state), rules.catalogue(), complete=not missing([row])[row.pk])
    days = rules.reminder(turn, deadline=row.deadline, day=day)
    if days is None or row.deadline is None:
        return None
    given = models.Step.objects.filter(
        application=row, step="reminded", facts__until=row.deadline.isoformat()
    )
    return None if given.filter(facts__days__lte=days).exists() else days


def _theirs(**when: date) -> list[models.Application]:
    """What is in its applicant's hands, by the last day of the turn."""
    data = rules.catalogue()
    theirs = {s for s, found in data.deadlines.items() if found.whose is Whose.APPLICANT}
    states = [str(state) for state in theirs | {data.awaiting_papers.state}]
    rows = models.Application.objects.filter(state__in=states, **when)
    found = list(rows.order_by("deadline", "id"))
    lacking = missing(found)
    return [row for row in found if State(row.state) in theirs or lacking[row.pk]]


def missing(rows: Collection[models.Application]) -> dict[UUID, tuple[DocumentKind, ...]]:
    """The required papers that each application still lacks."""
    held: dict[UUID, set[str]] = {row.pk: set() for row in rows}
    found = models.Evidence.objects.filter(application_id__in=bulk.among(held))
    for application_id, kind in found.values_list("application_id", "kind"):
        held[application_id].add(kind)
    services = rules.catalogue().services
    return {row.pk: rules.missing(services[row.service], held[row.pk]) for row in rows}


def temporary_ended(*, day: date) -> list[UUID]:
    """Energised temporary supplies whose last day has come."""
    rows = models.Application.objects.filter(state=str(State.ENERGISED), until_day__lte=day)
    return list(rows.order_by("until_day", "id").values_list("id", flat=True))


def deposits_to_settle() -> list[UUID]:
    """Temporary supplies that were taken down, whose last bill is out and whose deposit is held."""
    rows = models.Application.objects.filter(state=str(State.REMOVED))
    removed = dict(rows.order_by("state_since", "id").values_list("account_id", "id"))
    found = deposits.deposits(account_ids=list(removed))
    held = [a for a, all_ in found.items() if any(d.state is DepositState.HELD for d in all_)]
    months: dict[BillingMonth, list[UUID]] = {}
    for account in supply.accounts(account_ids=held).values():
        if account.closed_on is not None:
            last_day = account.closed_on - timedelta(days=1)
            months.setdefault(BillingMonth.of(last_day), []).append(account.id)
    billed = {a for month, ids in months.items() for a in bills.billed_accounts(month, ids)}
    return [removed[account] for account in removed if account in billed]


def hung_at(*, unit_id: UUID, day: date) -> dict[UUID, InstallationView]:
    """The meters that hang at a unit's service points on a day, by point."""
    points = premises.service_points(unit_ids=[unit_id]).get(unit_id, [])
    hung = {p.id: meters.installed_at(service_point_id=p.id, day=day) for p in points}
    return {point: view for point, view in hung.items() if view is not None}


def _visible(actor: Actor, reference: str) -> models.Application:
    row = models.Application.objects.filter(reference=reference).first()
    if actor.kind is ActorKind.CUSTOMER:
        if row is None or actor.customer_id != str(row.applicant_id):
            raise NotFound()
        return row
    if not access.may(actor, *rules.catalogue().staff_roles):
        raise NotAllowed(needs=", ".join(rules.catalogue().staff_roles))
    if row is None:
        raise NotFound()
    return row


def _rows(found: Collection[models.Application], as_of: date) -> list[Row]:
    held = list(found)
    units = {row.unit_id for row in held}
    addresses = {lang: premises.addresses(unit_ids=units, language=lang) for lang in LANGUAGES}
    data, lacking = rules.catalogue(), missing(held)
    turns = {
        row.pk: rules.turn(State(row.state), data, complete=not lacking[row.pk]) for row in held
    }
    return [
        Row(
            application_of(row),
            data.services[row.service],
            addresses["ar"].get(row.unit_id, ""),
            addresses["en"].get(row.unit_id, ""),
            missing=lacking[row.pk],
            turn=turn.whose if (turn := turns[row.pk]) else None,
            late=row.deadline is not None and row.deadline < as_of,
        )
        for row in held
    ]

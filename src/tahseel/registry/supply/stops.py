"""Reasons for which supply is off, as rows: opened, in force, ended. Raises database errors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id
from tahseel.kernel.quantity import Service
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import events, rules
from tahseel.registry.supply.models import Account, Stop
from tahseel.registry.supply.values import (
    STOP,
    BoundTo,
    ServiceState,
    StopReason,
    StopState,
    StopView,
)

OPEN = (StopState.ORDERED.value, StopState.IN_FORCE.value)


def open_at(accounts: Iterable[Account]) -> QuerySet[Stop]:
    """The open reasons of accounts: their own, and those that stay with the place."""
    wanted = list(accounts)
    units = bulk.among([account.unit_id for account in wanted])
    own = Q(account_id__in=bulk.among([account.id for account in wanted]))
    return Stop.objects.filter(
        own | Q(account_id__isnull=True, unit_id__in=units), state__in=OPEN
    ).order_by("ordered_at", "id")


def open_reason(
    *,
    account: Account,
    reason: StopReason,
    services: Collection[Service],
    reference: str,
    actor: Actor,
    at: datetime,
) -> list[Stop]:
    """One open reason for each service; those that stand already are left as they are."""
    standing = {
        stop.service for stop in open_at([account]).select_for_update().filter(reason=reason.code)
    }
    before = Stop.objects.filter(unit_id=account.unit_id, reason=reason.code).count()
    fresh = [
        Stop(
            id=derived_id(account.id, "stop", reason.code, service, str(before)),
            unit_id=account.unit_id,
            account_id=account.id if reason.bound_to is BoundTo.PAYER else None,
            service=str(service),
            reason=reason.code,
            state=STOP.initial.value,
            reference=reference,
            ordered_at=at,
            ordered_by=actor.id,
        )
        for service in sorted(services)
        if str(service) not in standing
    ]
    Stop.objects.bulk_create(fresh)
    for stop in fresh:
        events.stop_changed(events.STOP_ORDERED, account_id=account.id, stop=stop, at=at)
    return fresh


def end(*, account_id: UUID | None, stop: Stop, actor: Actor, at: datetime) -> StopState:
    """Lift a reason that is in force, withdraw one that was only ordered."""
    now = StopState(stop.state)
    after = StopState.LIFTED if now is StopState.IN_FORCE else StopState.WITHDRAWN
    stop.state = STOP.require(now, after).value
    stop.ended_at, stop.ended_by = at, actor.id
    stop.save(update_fields=["state", "ended_at", "ended_by"])
    events.stop_changed(events.STOP_ENDED, account_id=account_id, stop=stop, at=at)
    return after


def follow_payer(*, account: Account, vacant: bool, actor: Actor, at: datetime) -> None:
    """A change of payer ends the reasons that were bound to the one before.

    Where nobody follows, whatever the country lets follow a vacancy is opened.
    """
    following = {reason.code for reason in rules.stop_reasons().values() if reason.on_vacancy}
    for stop in open_at([account]).select_for_update().filter(account_id=account.id):
        if not (vacant and stop.reason in following):
            end(account_id=account.id, stop=stop, actor=actor, at=at)
    if vacant:
        services = services_at(account.unit_id)
        for code in sorted(following):
            open_reason(
                account=account, reason=rules.stop_reason(code), services=services,
                reference="", actor=actor, at=at,
            )  # fmt: skip


def services_at(unit_id: UUID) -> frozenset[Service]:
    """What is supplied at a unit."""
    points = premises.service_points(unit_ids=[unit_id]).get(unit_id, [])
    return frozenset(point.service for point in points)


def states(account_ids: Collection[UUID]) -> dict[UUID, tuple[ServiceState, ...]]:
    """Each service of each account; see `queries.supply_states`."""
    rows = list(Account.objects.filter(pk__in=bulk.among(account_ids)))
    points = premises.service_points(unit_ids={row.unit_id for row in rows})
    own: dict[UUID, list[StopView]] = defaultdict(list)
    placed: dict[UUID, list[StopView]] = defaultdict(list)
    for stop in open_at(rows):
        view = _stop_view(stop)
        (placed[stop.unit_id] if view.account_id is None else own[view.account_id]).append(view)
    found = {}
    for row in rows:
        reasons = sorted(own[row.id] + placed[row.unit_id], key=lambda view: view.ordered_at)
        services = sorted({point.service for point in points.get(row.unit_id, [])})
        found[row.id] = tuple(_service_state(service, reasons) for service in services)
    return found


def _service_state(service: Service, reasons: Sequence[StopView]) -> ServiceState:
    open_ones = tuple(view for view in reasons if view.service is service)
    state = rules.supply_state(view.state for view in open_ones)
    return ServiceState(service, state, open_ones)


def _stop_view(row: Stop) -> StopView:
    return StopView(
        id=row.id,
        unit_id=row.unit_id,
        account_id=row.account_id,
        service=Service(row.service),
        reason=rules.stop_reason(row.reason),
        state=StopState(row.state),
        reference=row.reference,
        ordered_at=row.ordered_at,
        ordered_by=row.ordered_by,
        off_at=row.off_at,
        ended_at=row.ended_at,
    )

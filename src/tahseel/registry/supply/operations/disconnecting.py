"""Opening and ending the reasons for which supply is off, and telling when it really is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.customers import queries as customers
from tahseel.registry.supply import events, rules, stops
from tahseel.registry.supply.models import Account, Liability, Party, Stop
from tahseel.registry.supply.operations.linking import AccountClosed, AccountUnknown
from tahseel.registry.supply.values import STOP, StopState
from tahseel.trust.access.rules import require, require_duty
from tahseel.trust.audit.operations import audited, note


class StopUnknown(NotFound):
    """No such reason is open."""

    code = "stop_unknown"
    text_ar = "لا يوجد سبب قطع قائم بهذا الرقم"
    text_en = "No such reason for disconnection is open"


class StopStands(Refusal):
    """The same reason stands already for every service named."""

    code = "stop_stands"
    text_ar = "سبب القطع «{reason_ar}» قائم سابقاً"
    text_en = "The reason “{reason_en}” stands already"
    http_status = 409


class ServiceAbsent(Refusal):
    """The unit has no such service, so it cannot be cut."""

    code = "service_absent"
    text_ar = "الخدمة {service} غير موصلة إلى هذه الوحدة"
    text_en = "The unit has no {service} service"


class StopReferenceMissing(Refusal):
    """Whoever cuts supply says on what ground: a notice, an inspector's report, a request."""

    code = "stop_reference_missing"
    text_ar = "يجب ذكر سند القطع (إنذار أو تقرير أو طلب)"
    text_en = "A disconnection names its ground: a notice, a report or a request"


class OffTimeWrong(Refusal):
    """Supply is cut after it was ordered, and not in the future."""

    code = "off_time_wrong"
    text_ar = "وقت القطع قبل الأمر به أو بعد الآن"
    text_en = "Supply is cut after the order and not in the future"


class SupplyProtected(Refusal):
    """Somebody lives or owes there whose supply must not be cut, whatever is owed."""

    code = "supply_protected"
    text_ar = "لا تقطع الخدمة بسبب «{reason_ar}»: على الحساب شخص محمي من القطع"
    text_en = "Not cut for “{reason_en}”: somebody on the account is protected from disconnection"
    http_status = 409


@audited("supply.order_stop", subject="account_id")
def order_stop(
    *,
    actor: Actor,
    at: datetime,
    account_id: UUID,
    reason: str,
    services: Collection[Service],
    reference: str,
) -> list[UUID]:
    """Open a reason for which services of an account are to be off; returns the reasons' ids.

    Several reasons stand beside each other. Raises NotAllowed, StopReasonUnknown, StopStands,
    StopReferenceMissing, ServiceAbsent, SupplyProtected, AccountUnknown, AccountClosed.
    """
    why = rules.stop_reason(reason)
    require(actor, *why.order)
    if not reference.strip():
        raise StopReferenceMissing()
    account = _open_account(account_id)
    if absent := set(services) - stops.services_at(account.unit_id):
        raise ServiceAbsent(service=str(min(absent)))
    if why.spares_protected and _somebody_protected(account_id, local_day(at)):
        raise SupplyProtected(reason_ar=why.name_ar, reason_en=why.name_en)
    fresh = stops.open_reason(
        account=account, reason=why, services=services, reference=reference.strip(),
        actor=actor, at=at,
    )  # fmt: skip
    if not fresh:
        raise StopStands(reason_ar=why.name_ar, reason_en=why.name_en)
    note(reason=reason, services=[stop.service for stop in fresh], reference=reference.strip())
    return [stop.id for stop in fresh]


@audited("supply.confirm_stop", subject="stop_id")
def confirm_stop(*, actor: Actor, at: datetime, stop_id: UUID, off_at: datetime) -> None:
    """Record that a crew, or the meter, has cut supply for a reason.

    Raises StopUnknown, WrongState when it is on record already, OffTimeWrong.
    """
    require_duty(actor, "supply.confirm_stop")
    stop = _locked(stop_id)
    stop.state = STOP.require(StopState(stop.state), StopState.IN_FORCE).value
    if not stop.ordered_at.replace(second=0, microsecond=0) <= off_at <= at:
        raise OffTimeWrong()
    stop.off_at = off_at
    stop.save(update_fields=["state", "off_at"])
    events.stop_changed(events.STOP_IN_FORCE, account_id=stop.account_id, stop=stop, at=at)
    _note_place(stop)
    note(service=stop.service, reason=stop.reason, off_at=off_at.isoformat())


@audited("supply.end_stop", subject="stop_id")
def end_stop(*, actor: Actor, at: datetime, stop_id: UUID, because: str) -> bool:
    """Lift a reason that is in force, or withdraw one that was only ordered.

    Returns True when no other reason keeps the service off. Raises NotAllowed, StopUnknown,
    StopReferenceMissing.
    """
    stop = _locked(stop_id)
    require(actor, *rules.stop_reason(stop.reason).lift)
    if not because.strip():
        raise StopReferenceMissing()
    after = stops.end(account_id=stop.account_id, stop=stop, actor=actor, at=at)
    left = Stop.objects.filter(
        unit_id=stop.unit_id, service=stop.service, state__in=stops.OPEN
    ).count()
    _note_place(stop)
    note(reason=stop.reason, became=str(after), reasons_left=left, because=because.strip())
    return left == 0


def _somebody_protected(account_id: UUID, day: date) -> bool:
    """Whoever is liable on the day, or has a role on the account: tenant, occupant, heir."""
    liable = Liability.objects.filter(account_id=account_id, customer_id__isnull=False)
    roles = Party.objects.filter(account_id=account_id)
    on_day = Q(from_day__lte=day) & (Q(until_day__isnull=True) | Q(until_day__gt=day))
    people: set[UUID | None] = {
        *liable.filter(on_day).values_list("customer_id", flat=True),
        *roles.filter(on_day).values_list("customer_id", flat=True),
    }
    found = {customer_id for customer_id in people if customer_id}
    return bool(found) and bool(customers.protected_on(customer_ids=found, day=day))


def _note_place(stop: Stop) -> None:
    """The story of the unit tells it, and that of the account, where the reason is the payer's."""
    note(unit=str(stop.unit_id), account=str(stop.account_id or ""))


def _open_account(account_id: UUID) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise AccountUnknown()
    if account.closed_on is not None:
        raise AccountClosed(closed_on=account.closed_on.isoformat())
    return account


def _locked(stop_id: UUID) -> Stop:
    stop = Stop.objects.select_for_update().filter(pk=stop_id, state__in=stops.OPEN).first()
    if stop is None:
        raise StopUnknown()
    return stop

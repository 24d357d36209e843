"""Reading agreements. Whatever shows a person takes a purpose; who owes what by id does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.sql import prepared
from tahseel.registry.customers import queries as customers
from tahseel.registry.meters import queries as meters
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises import rules as places
from tahseel.registry.supply import answering, columns, grouped, rules, stops
from tahseel.registry.supply.billable import billable
from tahseel.registry.supply.models import Account, Assumption, Liability, Party
from tahseel.registry.supply.values import (
    AccountRef,
    AccountView,
    Answer,
    AssumptionView,
    BillableAccount,
    Capacity,
    ChildSpan,
    Found,
    GroupedAccount,
    LiabilitySpan,
    MeterOnAccount,
    PartySpan,
    Role,
    RoleCollision,
    ServiceState,
    Vacancy,
)
from tahseel.trust.audit.operations import record_read

ACCOUNTS_SHOWN_MAX = 100
SECTORS = columns.SECTORS
plain_accounts = columns.plain_accounts

_REF = ("id", "number", "unit_id", "opened_on", "closed_on")
_SPAN = (
    "id", "account_id", "customer_id", "capacity", "vacancy", "from_day", "until_day",
)  # fmt: skip


def account_view(
    *, actor: Actor, at: datetime, purpose: str, account_id: UUID, as_of: date
) -> AccountView | None:
    """An account with its address and the payer of the day, masked."""
    record_read(actor=actor, purpose=purpose, subject=str(account_id), at=at)
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        return None
    liability = liability_on(account_id=account_id, day=as_of)
    payer = None
    if liability is not None and liability.customer_id is not None:
        payer = customers.by_id(
            actor=actor, at=at, purpose=purpose, customer_id=liability.customer_id
        )
    unit = account.unit_id
    area = premises.area_of(unit_ids=[unit])[unit]
    spans = premises.sectors(unit_ids=[unit]).get(unit, [])
    sector = places.span_on(spans, as_of)
    return AccountView(
        id=account.id,
        number=account.number,
        unit_id=unit,
        address_ar=premises.address(unit_id=unit, language="ar"),
        address_en=premises.address(unit_id=unit, language="en"),
        governorate=area.governorate,
        area=area.code,
        sector=sector.sector if sector else None,
        opened_on=account.opened_on,
        closed_on=account.closed_on,
        payer=payer,
        liability=liability,
    )


def account_by_number(
    *, actor: Actor, at: datetime, purpose: str, number: str, as_of: date
) -> AccountView | None:
    """The same, by what is printed on the bill. None when the number is unknown or mistyped."""
    found = _ref_by_number(number)
    if found is None:
        return None
    return account_view(actor=actor, at=at, purpose=purpose, account_id=found.id, as_of=as_of)


def find(
    *, actor: Actor, at: datetime, purpose: str, text: str, as_of: date, limit: int = 20
) -> list[Found]:
    """Customers and their accounts by account number, meter serial, civil id, mobile or name."""
    account = _ref_by_number(text) or _ref_by_serial(text, as_of)
    if account is not None:
        view = account_view(actor=actor, at=at, purpose=purpose, account_id=account.id, as_of=as_of)
        return [Found(view.payer if view else None, (account,))]
    found = customers.search(actor=actor, at=at, purpose=purpose, text=text, limit=limit)
    held = _accounts_by_payer({customer.id for customer in found}, as_of)
    return [Found(customer, tuple(held.get(customer.id, []))) for customer in found]


def account_ref(*, number: str) -> AccountRef | None:
    """The account with this number; names nobody. None when unknown or mistyped."""
    return _ref_by_number(number)


def accounts_by_number(*, numbers: Collection[str]) -> dict[str, AccountRef]:
    """Accounts by their plain numbers; unknown ones are absent."""
    return {row.number: _ref(row) for row in Account.objects.filter(number__in=list(numbers))}


def accounts(*, account_ids: Collection[UUID]) -> dict[UUID, AccountRef]:
    """Accounts by id."""
    rows = Account.objects.filter(pk__in=bulk.among(account_ids))
    return {row.id: _ref(row) for row in rows}


def accounts_of(*, customer_id: UUID, as_of: date) -> list[AccountRef]:
    """The accounts for which a customer is liable on a day, by number."""
    return _accounts_by_payer({customer_id}, as_of).get(customer_id, [])


def accounts_of_units(*, unit_ids: Collection[UUID], day: date) -> dict[UUID, AccountRef]:
    """The account that is open on each unit on a day; units without one are absent."""
    rows = Account.objects.filter(unit_id__in=bulk.among(unit_ids), opened_on__lte=day)
    return {row.unit_id: _ref(row) for row in rows.exclude(closed_on__lte=day)}


def accounts_between(
    *, unit_ids: Collection[UUID], from_day: date, until_day: date | None
) -> list[AccountRef]:
    """Every account that was open on the units on some day of these, by number."""
    rows = Account.objects.filter(unit_id__in=bulk.among(unit_ids))
    if until_day is not None:
        rows = rows.filter(opened_on__lt=until_day)
    return [_ref(row) for row in rows.exclude(closed_on__lte=from_day).order_by("number")]


def accounts_ever_of(*, customer_id: UUID) -> list[AccountRef]:
    """The accounts for which a customer has ever been liable, by number."""
    ids = Liability.objects.filter(customer_id=customer_id).values("account_id")
    return [_ref(row) for row in Account.objects.filter(pk__in=ids).order_by("number")]


def open_accounts(
    *, month: BillingMonth, account_ids: Collection[UUID] | None = None
) -> list[UUID]:
    """The ids, in order, of accounts that are open on some day of a month: all, or of some."""
    return list(_open_in(month, account_ids).order_by("id").values_list("id", flat=True))


def _open_in(month: BillingMonth, account_ids: Collection[UUID] | None) -> QuerySet[Account]:
    period = month.period
    rows = Account.objects.filter(opened_on__lt=period.end).exclude(closed_on__lte=period.start)
    return rows if account_ids is None else rows.filter(id__in=bulk.among(account_ids))


def accounts_in(
    *, month: BillingMonth, account_ids: Collection[UUID] | None = None
) -> list[AccountRef]:
    """Accounts that are open on some day of a month, by number: all, or those of some."""
    rows = _open_in(month, account_ids)
    return [AccountRef(*row) for row in rows.order_by("number").values_list(*_REF)]


def liable_customer(*, account_id: UUID, day: date) -> UUID | None:
    """Who is liable for a day; None when the account is vacant or not open."""
    span = liability_on(account_id=account_id, day=day)
    return span.customer_id if span else None


def liability_on(*, account_id: UUID, day: date) -> LiabilitySpan | None:
    """Who is liable for a day, or why nobody is; None when the account is not open."""
    return rules.liable_on(liabilities(account_ids=[account_id]).get(account_id, []), day)


def liabilities(*, account_ids: Collection[UUID]) -> dict[UUID, list[LiabilitySpan]]:
    """The whole chain of each account, oldest first."""
    return _chains(Q(account_id__in=bulk.among(account_ids)))


def liabilities_of(*, customer_ids: Collection[UUID]) -> dict[UUID, list[LiabilitySpan]]:
    """Spans in which some customers were or are liable, by account, oldest first."""
    return _chains(Q(customer_id__in=bulk.among(customer_ids)))


_PAYERS = """
select account_id, customer_id from supply_liability
where account_id = any(%s) and customer_id is not null
  and from_day <= %s and (until_day is null or until_day > %s)
"""


def payers(*, account_ids: Collection[UUID], day: date) -> dict[UUID, UUID]:
    """Who is liable on a day, for many accounts at once; vacant ones are absent."""
    with connection.cursor() as cursor:
        cursor.execute(_PAYERS, [list(account_ids), day, day])
        return dict(cursor.fetchall())


_COLLIDING = """
select a.account_id, k.number, a.role, a.id, b.id, greatest(a.from_day, b.from_day) as day,
  a.from_day <> b.from_day
from supply_party a
join supply_party b on b.account_id = a.account_id and b.role = a.role
  and daterange(b.from_day, b.until_day) && daterange(a.from_day, a.until_day)
join supply_account k on k.id = a.account_id
where a.customer_id = %s and b.customer_id = %s
order by day, k.number, a.role, a.id, b.id
"""


def role_collisions(*, goes_id: UUID, stays_id: UUID) -> list[RoleCollision]:
    """Roles of two records that one person cannot have twice, the earliest day first."""
    rows = prepared(_COLLIDING, [goes_id, stays_id]).fetchall()
    return [RoleCollision(row[0], row[1], Role(row[2]), *row[3:]) for row in rows]


def parties(*, account_ids: Collection[UUID]) -> dict[UUID, list[PartySpan]]:
    """Everybody who has or had a role on each account, oldest first."""
    spans: dict[UUID, list[PartySpan]] = defaultdict(list)
    rows = Party.objects.filter(account_id__in=bulk.among(account_ids)).order_by("from_day", "id")
    for row in rows:
        span = PartySpan(
            row.id,
            row.account_id,
            row.customer_id,
            Role(row.role),
            row.from_day,
            row.until_day,
            row.takes_back,
            row.agreement,
            row.principal_id,
            (row.share_parts, row.share_whole) if row.share_parts and row.share_whole else None,
        )
        spans[row.account_id].append(span)
    return dict(spans)


def liable_for(*, service_point_ids: Collection[UUID], day: date) -> dict[UUID, list[Answer]]:
    """The one answer to "who is liable for this service point on this day?", for many at once.

    A list of one for each known point: that there is never another is a rule of the database.
    """
    return answering.liable_for(service_point_ids, day)


def assumptions(*, account_id: UUID) -> list[AssumptionView]:
    """The standing assumptions of debt from or to an account, the oldest first."""
    return answering.assumptions(account_id)


def assumption(*, assumption_id: UUID) -> AssumptionView | None:
    """One that stands, or None."""
    row = Assumption.objects.filter(pk=assumption_id, withdrawn_at=None).first()
    return answering.assumption_view(row) if row else None


def parent_spans(*, account_ids: Collection[UUID]) -> dict[UUID, list[ChildSpan]]:
    """Under which main account each account is and was, the oldest first."""
    return grouped.spans(account_ids)


def has_children(*, account_id: UUID, day: date) -> bool:
    """Other accounts are under this one on a day."""
    return grouped.has_children(account_id, day)


def accounts_under(*, account_id: UUID, day: date) -> list[GroupedAccount]:
    """A main account and all that are under it on a day, however deep, by number."""
    return grouped.tree(account_id, day)


def supply_states(*, account_ids: Collection[UUID]) -> dict[UUID, tuple[ServiceState, ...]]:
    """Each service of each account: connected only when no reason to be off is open."""
    return stops.states(account_ids)


def liable_as(*, capacity: Capacity, day: date) -> list[LiabilitySpan]:
    """Everybody who is liable in a capacity on a day, on whatever account."""
    chains = _chains(
        Q(capacity=capacity, from_day__lte=day) & (Q(until_day__isnull=True) | Q(until_day__gt=day))
    )
    return [span for spans in chains.values() for span in spans]


def proxies(*, account_id: UUID, day: date) -> list[PartySpan]:
    """Who may act on an account for whom on a day."""
    spans = parties(account_ids=[account_id]).get(account_id, [])
    return [span for span in spans if span.role is Role.PROXY and day in span]


def billable_accounts(
    *, month: BillingMonth, account_ids: Collection[UUID] | None = None
) -> list[BillableAccount]:
    """What a bill run must know of every account that is open in a month, by number.

    A handful of set-based reads, whatever the number of accounts.
    """
    chosen = accounts_in(month=month, account_ids=account_ids)
    period = month.period
    chains = _chains(
        Q(account_id__in=bulk.among([ref.id for ref in chosen]))
        & Q(from_day__lt=period.end)
        & (Q(until_day__isnull=True) | Q(until_day__gt=period.start))
    )
    return billable(refs=chosen, period=period, chains=chains)


def account_at(*, meter_id: UUID, day: date) -> UUID | None:
    """The account for which a meter measured on a day."""
    hung = meters.where_installed(meter_id=meter_id, day=day)
    if hung is None:
        return None
    placed = premises.point_placements(ids=[hung.service_point_id])[hung.service_point_id]
    units = [point.unit_id for point in placed if day in point]
    rows = Account.objects.filter(unit_id__in=units, opened_on__lte=day)
    found = rows.exclude(closed_on__lte=day).first()
    return found.id if found else None


def accounts_at_meters(*, meter_ids: Collection[UUID], period: Period) -> list[MeterOnAccount]:
    """For which accounts meters measured in a period, clipped to it, by account, meter and day."""
    hung = [i for views in meters.installations_of(meter_ids=meter_ids).values() for i in views]
    placed = premises.point_placements(ids={i.service_point_id for i in hung})
    units = {point.unit_id for points in placed.values() for point in points}
    by_unit: dict[UUID, list[AccountRef]] = defaultdict(list)
    for row in Account.objects.filter(unit_id__in=bulk.among(units)):
        by_unit[row.unit_id].append(_ref(row))
    answers = []
    at_accounts = (
        (i, point, ref)
        for i in hung
        for point in placed[i.service_point_id]
        for ref in by_unit[point.unit_id]
    )
    for i, point, ref in at_accounts:
        start = max(i.installed_on, ref.opened_on, period.start, point.from_day or period.start)
        ends = (i.removed_on, ref.closed_on, point.until_day, period.end)
        end = min(day for day in ends if day)
        if start < end:
            answers.append(MeterOnAccount(ref.id, i.meter_id, i.service, start, end))
    return sorted(answers, key=lambda a: (a.account_id, a.meter_id, a.from_day))


def _chains(where: Q) -> dict[UUID, list[LiabilitySpan]]:
    chains: dict[UUID, list[LiabilitySpan]] = defaultdict(list)
    rows = Liability.objects.filter(where).order_by("from_day").values_list(*_SPAN)
    for link, account, customer, capacity, vacancy, from_day, until_day in rows:
        why = Vacancy(vacancy) if vacancy else None
        span = LiabilitySpan(link, account, customer, Capacity(capacity), why, from_day, until_day)
        chains[account].append(span)
    return dict(chains)


def _accounts_by_payer(customer_ids: set[UUID], day: date) -> dict[UUID, list[AccountRef]]:
    held: dict[UUID, list[AccountRef]] = defaultdict(list)
    rows = (
        Liability.objects.filter(customer_id__in=list(customer_ids), from_day__lte=day)
        .exclude(until_day__lte=day)
        .select_related("account")
        .order_by("account__number")
    )
    for row in rows:
        if row.customer_id is not None:
            held[row.customer_id].append(_ref(row.account))
    return {who: refs[:ACCOUNTS_SHOWN_MAX] for who, refs in held.items()}


def _ref_by_number(text: str) -> AccountRef | None:
    try:
        number = rules.check_account_number(text)
    except ValueError:
        return None
    found = Account.objects.filter(number=number).first()
    return _ref(found) if found else None


def _ref_by_serial(text: str, day: date) -> AccountRef | None:
    meter = meters.meter_by_serial(serial=text.strip())
    account_id = account_at(meter_id=meter.id, day=day) if meter else None
    return accounts(account_ids=[account_id])[account_id] if account_id else None


def _ref(row: Account) -> AccountRef:
    return AccountRef(row.id, row.number, row.unit_id, row.opened_on, row.closed_on)

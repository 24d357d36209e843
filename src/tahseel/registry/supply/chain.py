"""The chain of liability and the roles beside it, as rows. Raises what the database raises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from tahseel.kernel import bulk
from tahseel.kernel.ids import derived_id
from tahseel.registry.supply import rules
from tahseel.registry.supply.models import Account, Liability, Party
from tahseel.registry.supply.values import (
    Capacity,
    NewAccount,
    NewLiability,
    NewParty,
    Role,
    Vacancy,
)

_ROLE_OF = {Capacity.OWNER: Role.OWNER, Capacity.TENANT: Role.TENANT}

_ACCOUNT = {
    "id": "uuid", "number": "text", "unit_id": "uuid", "opened_on": "date", "closed_on": "date",
}  # fmt: skip
_LIABILITY = {
    "id": "uuid", "account_id": "uuid", "customer_id": "uuid", "capacity": "text",
    "vacancy": "text", "agreement": "text", "from_day": "date", "until_day": "date",
    "previous_until": "date",
}  # fmt: skip
_PARTY = {
    "id": "uuid", "account_id": "uuid", "customer_id": "uuid", "role": "text",
    "from_day": "date", "until_day": "date", "agreement": "text", "takes_back": "bool",
    "principal_id": "uuid", "share_parts": "int4", "share_whole": "int4",
}  # fmt: skip


def link(
    account_id: UUID,
    from_day: date,
    customer_id: UUID | None,
    capacity: Capacity,
    *,
    vacancy: Vacancy | None = None,
    agreement: str = "",
) -> NewLiability:
    """The liability that begins on a day; an account has one at most.

    Its id says whose it is and as what: another that takes its place on the same day is another
    row, so that a merge that is taken back does not carry along what came after it.
    """
    made = derived_id(
        account_id, "liability", from_day.isoformat(), str(customer_id), str(capacity)
    )
    return NewLiability(made, from_day, customer_id, capacity, vacancy, agreement)


def draw_numbers(accounts: Sequence[NewAccount]) -> dict[UUID, str]:
    """The given number of each account, else the next running one, in order."""
    wanting = [account.id for account in accounts if account.number is None]
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval('supply_account_number') from generate_series(1, %s)", [len(wanting)]
        )
        drawn = sorted(row[0] for row in cursor.fetchall())
    numbers = {a.id: a.number for a in accounts if a.number is not None}
    fresh = zip(wanting, drawn, strict=True)
    return numbers | {account_id: rules.account_number(n) for account_id, n in fresh}


def store(accounts: Sequence[NewAccount], numbers: dict[UUID, str]) -> None:
    """Accounts, their links and their roles, by COPY. The histories have been checked."""
    links = [
        _link_row(account.id, link, end, previous)
        for account in accounts
        for link, end, previous in rules.chain(account)
    ]
    roles = [_party_row(account.id, party) for account in accounts for party in account.parties]
    rows = [(a.id, numbers[a.id], a.unit_id, a.opened_on, a.closed_on) for a in accounts]
    bulk.copy_rows(table="supply_account", columns=_ACCOUNT, rows=rows)
    bulk.copy_rows(table="supply_liability", columns=_LIABILITY, rows=links)
    bulk.copy_rows(table="supply_party", columns=_PARTY, rows=roles)


def add_link(account: Account, link: NewLiability, previous: date | None) -> None:
    """One more link that lasts until further notice, with the role that goes with it."""
    row = _link_row(account.id, link, None, previous)
    bulk.copy_rows(table="supply_liability", columns=_LIABILITY, rows=[row])
    for party in parties_of(account.id, link):
        if not has_party(account, party):
            add_party(account.id, party)


def add_party(account_id: UUID, party: NewParty) -> None:
    """One more role."""
    row = _party_row(account_id, party)
    bulk.copy_rows(table="supply_party", columns=_PARTY, rows=[row])


def end_link(link: Liability, day: date) -> date | None:
    """End the last link on a day, or drop it when it would last no day.

    Returns where the next link joins on: None when it becomes the account's first.
    """
    if link.from_day == day:
        joins: date | None = link.previous_until
        link.delete()
        return joins
    link.until_day = day
    link.save(update_fields=["until_day"])
    return day


def landlord(account: Account, day: date, *, leaving: UUID) -> UUID | None:
    """The owner who agreed to take supply back, if he is not the one who leaves."""
    owners = Party.objects.filter(
        account=account, role=Role.OWNER, takes_back=True, from_day__lte=day
    ).exclude(until_day__lte=day)
    found = owners.exclude(customer_id=leaving).order_by("from_day").first()
    return found.customer_id if found else None


def end_tenancy(account: Account, customer_id: UUID, day: date) -> None:
    """End the tenant's role with his liability."""
    open_roles = Party.objects.filter(
        account=account, role=Role.TENANT, until_day=None, from_day__lt=day
    )
    open_roles.filter(customer_id=customer_id).update(until_day=day)


def end_owners(account: Account, day: date) -> None:
    """End every owner's role on a day."""
    owners = Party.objects.filter(account=account, role=Role.OWNER, from_day__lt=day)
    owners.exclude(until_day__lte=day).update(until_day=day)


def end_heirs(account: Account, deceased_id: UUID, day: date) -> None:
    """End the roles of the heirs of somebody whose estate is divided on a day."""
    heirs = Party.objects.filter(account=account, role=Role.HEIR, principal_id=deceased_id)
    heirs.filter(until_day=None, from_day__lt=day).update(until_day=day)


def has_party(account: Account, party: NewParty) -> bool:
    """The customer already has the role on the day."""
    same = Party.objects.filter(
        account=account, customer_id=party.customer_id, role=str(party.role)
    )
    return same.exclude(until_day__lte=party.from_day).exists()


def parties_of(account_id: UUID, link: NewLiability) -> tuple[NewParty, ...]:
    """Whoever pays as owner or tenant also has that role."""
    role = _ROLE_OF.get(link.capacity)
    if role is None or link.customer_id is None:
        return ()
    party = party_id(account_id, link.customer_id, role, link.from_day)
    return (NewParty(party, link.customer_id, role, link.from_day, None, link.agreement),)


def party_id(account_id: UUID, customer_id: UUID, role: Role, from_day: date) -> UUID:
    """The id of a role that a customer has on an account from a day on."""
    return derived_id(account_id, str(customer_id), str(role), from_day.isoformat())


def _link_row(
    account_id: UUID, link: NewLiability, end: date | None, previous: date | None
) -> tuple[object, ...]:
    return (
        link.id,
        account_id,
        link.customer_id,
        str(link.capacity),
        str(link.vacancy) if link.vacancy else None,
        link.agreement,
        link.from_day,
        end,
        previous,
    )


def _party_row(account_id: UUID, party: NewParty) -> tuple[object, ...]:
    return (
        party.id,
        account_id,
        party.customer_id,
        str(party.role),
        party.from_day,
        party.until_day,
        party.agreement,
        party.takes_back,
        party.principal_id,
        *(party.share or (None, None)),
    )

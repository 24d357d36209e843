"""Accounts: opened with their whole history, found, shown, and put under a main one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tahseel.registry.customers.values import CustomerView
from tahseel.registry.premises.values import Sector
from tahseel.registry.supply.values.days import Days
from tahseel.registry.supply.values.liability import LiabilitySpan, NewLiability
from tahseel.registry.supply.values.roles import NewParty


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account with its whole history of liability, the first on the day it was opened."""

    id: UUID
    unit_id: UUID
    opened_on: date
    liabilities: tuple[NewLiability, ...]
    parties: tuple[NewParty, ...] = ()
    number: str | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account by its number; names nobody."""

    id: UUID
    number: str
    unit_id: UUID
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as a page shows it, on a given day; the payer's identifiers are masked."""

    id: UUID
    number: str
    unit_id: UUID
    address_ar: str
    address_en: str
    governorate: str
    area: str
    sector: Sector | None
    opened_on: date
    closed_on: date | None
    payer: CustomerView | None
    liability: LiabilitySpan | None

    def address(self, language: str) -> str:
        return self.address_ar if language.startswith("ar") else self.address_en


@dataclass(frozen=True, slots=True)
class Found:
    """One answer to a search: a customer (None for a vacant account) and the accounts."""

    customer: CustomerView | None
    accounts: tuple[AccountRef, ...]


@dataclass(frozen=True, slots=True)
class ChildSpan(Days):
    """An account under a main account."""

    id: UUID
    child_id: UUID
    parent_id: UUID
    from_day: date
    until_day: date | None
    agreement: str


@dataclass(frozen=True, slots=True)
class GroupedAccount:
    """An account in the tree of a main account on a day; the main itself has no parent there."""

    id: UUID
    number: str
    unit_id: UUID
    parent_id: UUID | None

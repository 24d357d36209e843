"""Who is liable on which days, in which capacity, and why sometimes nobody is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from tahseel.registry.supply.values.days import Days


class Capacity(StrEnum):
    """As what somebody is liable. LANDLORD: the owner between two tenants, by agreement.

    ESTATE: what the dead customer left is liable until it is divided among the heirs.
    """

    OWNER = "owner"
    TENANT = "tenant"
    LANDLORD = "landlord"
    ESTATE = "estate"
    VACANT = "vacant"


YIELDING = frozenset({Capacity.LANDLORD, Capacity.VACANT})
"""Capacities that give way to whoever moves in."""


class Vacancy(StrEnum):
    """Why nobody is liable.

    NO_ACCOUNT is said of a unit without an account; an account itself is never vacant for it.
    """

    NOT_OCCUPIED = "not_occupied"
    UNDER_CONSTRUCTION = "under_construction"
    OWNER_UNKNOWN = "owner_unknown"
    CLOSED_BY_ORDER = "closed_by_order"
    DEMOLISHED = "demolished"
    NO_ACCOUNT = "no_account"


@dataclass(frozen=True, slots=True)
class NewLiability:
    """Who is liable from a day on, or why nobody is; it ends where the next one begins."""

    id: UUID
    from_day: date
    customer_id: UUID | None
    capacity: Capacity
    vacancy: Vacancy | None = None
    agreement: str = ""


@dataclass(frozen=True, slots=True)
class LiabilitySpan(Days):
    """Who is liable from `from_day` up to, not including, `until_day` (None: still)."""

    id: UUID
    account_id: UUID
    customer_id: UUID | None
    capacity: Capacity
    vacancy: Vacancy | None
    from_day: date
    until_day: date | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is liable for a service point on a day, or why nobody is.

    vacancy: a reason of the account, or NO_ACCOUNT where the unit has none that day.
    """

    service_point_id: UUID
    account_id: UUID | None
    customer_id: UUID | None
    capacity: Capacity
    vacancy: Vacancy | None

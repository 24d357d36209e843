"""Dated roles on an account, apart from being liable, and the heirs of an estate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from tahseel.registry.supply.values.days import Days


class Role(StrEnum):
    """A dated relation to an account, apart from being liable.

    PAYER: pays what another owes, and owes nothing himself. BENEFICIARY: for whom supply is paid or
    eased, such as who lives in a house of the State. OCCUPANT: lives there and is not the debtor.
    PROXY: acts for a principal under a power of attorney. HEIR: has a share in an estate.
    """

    OWNER = "owner"
    TENANT = "tenant"
    PAYER = "payer"
    BENEFICIARY = "beneficiary"
    OCCUPANT = "occupant"
    PROXY = "proxy"
    HEIR = "heir"


PLAIN_ROLES = frozenset(set(Role) - {Role.PROXY, Role.HEIR})
"""Roles that need neither a principal nor a share."""


@dataclass(frozen=True, slots=True)
class NewParty:
    """A role from a day up to, not including, another.

    takes_back: the owner agreed that supply falls to him whenever a tenant leaves. agreement: the
    number of the lease, deed or power of attorney. principal_id: for whom a proxy acts, or whose
    heir he is. share: an heir's part of the estate, such as (1, 8).
    """

    id: UUID
    customer_id: UUID
    role: Role
    from_day: date
    until_day: date | None = None
    agreement: str = ""
    takes_back: bool = False
    principal_id: UUID | None = None
    share: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class PartySpan(Days):
    """One dated role; see `NewParty`."""

    id: UUID
    account_id: UUID
    customer_id: UUID
    role: Role
    from_day: date
    until_day: date | None
    takes_back: bool
    agreement: str = ""
    principal_id: UUID | None = None
    share: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class RoleCollision:
    """Roles of two records on one account that one person cannot have twice, from a day on.

    ends: ending the earlier one before that day is enough; else one of them is struck.
    """

    account_id: UUID
    number: str
    role: Role
    goes_id: UUID
    stays_id: UUID
    day: date
    ends: bool


@dataclass(frozen=True, slots=True)
class Heir:
    """One heir of a deed: so many parts of the whole that the deed divides."""

    customer_id: UUID
    parts: int

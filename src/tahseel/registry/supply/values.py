"""The words of an agreement: accounts, who is liable on which days, and why sometimes nobody is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tahseel.kernel.hanging import Hanging
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import StateMachine
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.premises.values import Sector, SectorSpan


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


PLAIN_ROLES = frozenset(set(Role) - {Role.PROXY, Role.HEIR})  # neither a principal nor a share


class Vacancy(StrEnum):
    """Why nobody is liable. NO_ACCOUNT is said of a unit, never of an account itself."""

    NOT_OCCUPIED = "not_occupied"
    UNDER_CONSTRUCTION = "under_construction"
    OWNER_UNKNOWN = "owner_unknown"
    CLOSED_BY_ORDER = "closed_by_order"
    DEMOLISHED = "demolished"
    NO_ACCOUNT = "no_account"


class StopState(StrEnum):
    """The life of one reason for which a service is off."""

    ORDERED = "ordered"
    IN_FORCE = "in_force"
    LIFTED = "lifted"
    WITHDRAWN = "withdrawn"


STOP: StateMachine[StopState] = StateMachine(
    name="stop",
    initial=StopState.ORDERED,
    moves={
        StopState.ORDERED: frozenset({StopState.IN_FORCE, StopState.WITHDRAWN}),
        StopState.IN_FORCE: frozenset({StopState.LIFTED}),
        StopState.LIFTED: frozenset(),
        StopState.WITHDRAWN: frozenset(),
    },
)


class SupplyState(StrEnum):
    """On only when no reason to be off is open."""

    CONNECTED = "connected"
    STOP_ORDERED = "stop_ordered"
    DISCONNECTED = "disconnected"


class BoundTo(StrEnum):
    """With what a reason ends by itself: with the payer's liability, or never."""

    PAYER = "payer"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class StopReason:
    """One of the country's reasons; order and lift name the roles that may.

    spares_protected: not where a person lives or owes whose supply is protected.
    """

    code: str
    name_ar: str
    name_en: str
    bound_to: BoundTo
    on_vacancy: bool
    order: tuple[str, ...]
    lift: tuple[str, ...]
    source: str
    confidence: str
    spares_protected: bool = False


@dataclass(frozen=True, slots=True)
class StopView:
    """An open or ended reason. account_id is None for one that stays with the place."""

    id: UUID
    unit_id: UUID
    account_id: UUID | None
    service: Service
    reason: StopReason
    state: StopState
    reference: str
    ordered_at: datetime
    ordered_by: str
    off_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One service of an account: its state and the open reasons, oldest first."""

    service: Service
    state: SupplyState
    stops: tuple[StopView, ...]


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
class Heir:
    """One heir of a deed: so many parts of the whole that the deed divides."""

    customer_id: UUID
    parts: int


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


class _Days:
    """From a day up to, not including, another (None: still)."""

    __slots__ = ()
    from_day: date
    until_day: date | None

    def __contains__(self, day: date) -> bool:
        return self.from_day <= day and (self.until_day is None or day < self.until_day)


@dataclass(frozen=True, slots=True)
class ChildSpan(_Days):
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


@dataclass(frozen=True, slots=True)
class AssumptionView:
    """A standing agreement that a debt moves, up to a sum; the ledger moves it."""

    id: UUID
    from_account_id: UUID
    from_customer_id: UUID
    to_account_id: UUID
    to_customer_id: UUID
    amount: Money
    document: str
    signed_on: date


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


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account by its number; names nobody."""

    id: UUID
    number: str
    unit_id: UUID
    opened_on: date
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class LiabilitySpan(_Days):
    """Who is liable over a span of days."""

    id: UUID
    account_id: UUID
    customer_id: UUID | None
    capacity: Capacity
    vacancy: Vacancy | None
    from_day: date
    until_day: date | None


@dataclass(frozen=True, slots=True)
class PartySpan(_Days):
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
class MeterAt:
    """A meter that measured for an account, clipped to the period that was asked for."""

    meter_id: UUID
    serial: str
    service: Service
    service_point_id: UUID
    from_day: date
    until_day: date


@dataclass(frozen=True, slots=True)
class MeterOnAccount:
    """Which account a meter measured for, clipped to the period that was asked for."""

    account_id: UUID
    meter_id: UUID
    service: Service
    from_day: date
    until_day: date


@dataclass(frozen=True, slots=True)
class BillableAccount:
    """What a bill run must know of an account in one month: the days on which it is open, sectors
    and liabilities with their true dates, oldest first, and meters clipped to the open days.
    """

    account_id: UUID
    number: str
    unit_id: UUID
    governorate: str
    area: str
    from_day: date
    until_day: date
    sectors: tuple[SectorSpan, ...]
    liabilities: tuple[LiabilitySpan, ...]
    meters: tuple[MeterAt, ...]
    services: frozenset[Service]

    @property
    def sector(self) -> Sector:
        """The sector on the last open day. Raises LookupError when none is recorded."""
        return self._last_sector().sector

    @property
    def productive(self) -> bool:
        """A certificate of productivity covers the last open day."""
        return self._last_sector().productive_on(self.until_day - timedelta(days=1))

    @property
    def unit_count(self) -> int:
        """Homes behind the account."""
        return self._last_sector().dwellings

    @property
    def payer_id(self) -> UUID | None:
        """Who is liable on the last open day; None when vacant."""
        return self.liabilities[-1].customer_id if self.liabilities else None

    def _last_sector(self) -> SectorSpan:
        if not self.sectors:
            raise LookupError(f"account {self.number} has no sector")
        return self.sectors[-1]


_COLUMNS = (("liability", "customer_id"), ("party", "customer_id"), ("party", "principal_id"))
HANGING = tuple(Hanging(f"supply_{table}", column) for table, column in _COLUMNS)
"""What moves with a customer when two records of one person are merged."""

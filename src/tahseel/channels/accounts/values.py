"""What the page of an account shows, with every person by a name only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tahseel.books.deposits.values import Demand, Deposit, Proposal
from tahseel.books.ledger.values import Closing, TrialRow
from tahseel.books.transfers.values import Transfer
from tahseel.channels.pages.values import Pill
from tahseel.charging.billing.values import (
    Bill,
    Held,
    HeldFor,
    Misdirected,
    OrderedRun,
    ParkedAccount,
    ProvenPoint,
    Totals,
)
from tahseel.charging.charges.values import Asked as AskedAbout
from tahseel.charging.charges.values import Charge
from tahseel.charging.sales.values import Outlet
from tahseel.kernel.money import Money
from tahseel.kernel.period import BillingMonth
from tahseel.kernel.quantity import Service
from tahseel.recovery.government.values import AccountNode
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.meters.values import DialUnit
from tahseel.registry.supply.values import (
    AccountView,
    AssumptionView,
    ChildSpan,
    LiabilitySpan,
    PartySpan,
    ServiceState,
)


@dataclass(frozen=True, slots=True)
class LiabilityRow:
    """One link of the chain; `who` is None for a vacancy."""

    span: LiabilitySpan
    who: CustomerView | None
    said: str
    now: bool


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One dated role. principal: for whom a proxy acts, or whose heir he is."""

    party: PartySpan
    who: CustomerView | None
    principal: CustomerView | None
    said: str
    now: bool

    @property
    def share(self) -> str:
        """Such as "3/24"."""
        return "{}/{}".format(*self.party.share) if self.party.share else ""


@dataclass(frozen=True, slots=True)
class DepositRow:
    """One deposit with its state in words. asked: the approval on which its refund waits."""

    deposit: Deposit
    who: CustomerView | None
    kind: str
    pill: Pill
    asked: UUID | None = None


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """What a review proposes, in words."""

    proposal: Proposal
    said: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service, whether it is on, and why not."""

    state: ServiceState
    name: str
    pill: Pill


@dataclass(frozen=True, slots=True)
class AssumptionRow:
    """A signed paper that stands. outgoing: the debt leaves this account; other: its number.

    transfer: by which its debt has moved; asked: the approval on which that, or its return, waits.
    """

    paper: AssumptionView
    debtor: CustomerView | None
    taker: CustomerView | None
    other: str
    outgoing: bool
    pill: Pill
    transfer: Transfer | None = None
    asked: UUID | None = None

    @property
    def may_move(self) -> bool:
        return self.outgoing and self.paper.in_force and self.asked is None

    @property
    def may_return(self) -> bool:
        return self.transfer is not None and self.asked is None


@dataclass(frozen=True, slots=True)
class MainRow:
    """Under which main account the account is or was."""

    span: ChildSpan
    number: str
    now: bool


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One account of a main account's tree, with who is liable and where it is."""

    node: AccountNode
    who: CustomerView | None
    address_ar: str
    address_en: str


@dataclass(frozen=True, slots=True)
class Review:
    """Bills of the account to look at again. again: what they would come to today, if computed."""

    about: Misdirected
    said: str
    again: Money | None

    @property
    def difference(self) -> Money | None:
        """What would be owed more than was billed; less than nothing when it was too much."""
        return None if self.again is None else self.again - self.about.total


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge or credit in words; asked: the approval on which its taking back waits."""

    about: Charge
    said: str
    pill: Pill
    asked: UUID | None = None


@dataclass(frozen=True, slots=True)
class SoldRow:
    """An outlet of an account, and what became of it in a month."""

    about: Outlet
    number: str
    said: str
    pill: Pill


@dataclass(frozen=True, slots=True)
class AskedCharge:
    """What is asked for on the account and waits for the second person."""

    about: AskedAbout
    said: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole page. wanted: the deposit that goes with the payer's place and capacity.

    bills: the newest, in whose place no other one stands; left: whose liability passed to another
    one, and whose last days have no bill yet.
    """

    view: AccountView
    liabilities: tuple[LiabilityRow, ...]
    parties: tuple[PartyRow, ...]
    deposits: tuple[DepositRow, ...]
    proposals: tuple[ProposalRow, ...]
    services: tuple[ServiceRow, ...]
    assumptions: tuple[AssumptionRow, ...]
    mains: tuple[MainRow, ...]
    is_main: bool
    demand: Demand | None
    cover: Money
    wanted: Money
    reviews: tuple[Review, ...]
    bills: tuple[Bill, ...]
    held: tuple[HeldRow, ...]
    left: LiabilityRow | None
    charges: tuple[ChargeRow, ...]
    charges_asked: tuple[AskedCharge, ...]
    outlets: tuple[Outlet, ...]
    day: date

    @property
    def current(self) -> LiabilityRow | None:
        return next((row for row in self.liabilities if row.now), None)


@dataclass(frozen=True, slots=True)
class DialAsked:
    """A dial whose final read is asked for."""

    meter_id: UUID
    serial: str
    service: Service
    register: str
    unit: DialUnit


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One thing about a deposit that waits, with the account on which it is decided.

    number: "" for the fee of a service that was not given: its application is `about.reference`.
    """

    about: Deposit | Demand | Proposal
    who: CustomerView | None
    number: str
    said: str = ""
    pill: Pill | None = None


@dataclass(frozen=True, slots=True)
class DepositWork:
    """What waits, the most urgent first; the counts and sums are of all, the rows of the first."""

    refunds: tuple[tuple[WorkRow, UUID | None], ...]
    refunds_count: int
    refunds_total: Money
    demands: tuple[WorkRow, ...]
    demands_count: int
    demands_total: Money
    proposals: tuple[WorkRow, ...]
    proposals_count: int
    left: tuple[WorkRow, ...]
    left_count: int


@dataclass(frozen=True, slots=True)
class MisdirectedRow:
    """Bills to look at again: of which account, and what has changed hands."""

    about: Misdirected
    number: str
    said: str


@dataclass(frozen=True, slots=True)
class ParkedRow:
    """An account that could not be billed, and why."""

    about: ParkedAccount
    number: str
    said: str


@dataclass(frozen=True, slots=True)
class HeldReason:
    """One check that holds, in words."""

    about: HeldFor
    said: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A bill that is held back: of which account, why in words, and the approval that waits.

    crew: where the last crew stands that was sent because of it.
    """

    about: Held
    number: str
    reasons: tuple[HeldReason, ...]
    approval_id: UUID | None
    crew: Pill | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A run that was asked for: whose bills in words, and its state."""

    about: OrderedRun
    whom: str
    pill: Pill


@dataclass(frozen=True, slots=True)
class PointRow:
    """What became of a service point in a month, in words; number: of its account, "" without."""

    about: ProvenPoint
    number: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class BillWork:
    """What of bills waits for a person; counts and sum are of all, the rows of the first."""

    misdirected: tuple[MisdirectedRow, ...]
    misdirected_count: int
    misdirected_total: Money
    corrected: tuple[MisdirectedRow, ...]
    corrected_count: int
    parked: tuple[ParkedRow, ...]
    parked_count: int
    held: Totals


@dataclass(frozen=True, slots=True)
class CodeRow:
    """Both sides of an account of the chart, with its number and name in the page's language."""

    about: TrialRow
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class ClosingRow:
    """A month that was closed, or opened again."""

    about: Closing
    month: BillingMonth
    closed: bool

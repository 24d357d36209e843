"""The words of an agreement: accounts, who is liable on which days, and why sometimes nobody is."""

from __future__ import annotations

from tahseel.kernel.hanging import Hanging
from tahseel.registry.supply.values.accounts import (
    AccountRef,
    AccountView,
    ChildSpan,
    Found,
    GroupedAccount,
    NewAccount,
)
from tahseel.registry.supply.values.billable import BillableAccount, MeterAt, MeterOnAccount
from tahseel.registry.supply.values.changes import Part, PayerChange
from tahseel.registry.supply.values.debts import AssumptionView
from tahseel.registry.supply.values.liability import (
    YIELDING,
    Answer,
    Capacity,
    LiabilitySpan,
    NewLiability,
    Vacancy,
)
from tahseel.registry.supply.values.past import PAST, PastAct, PastKind
from tahseel.registry.supply.values.roles import (
    PLAIN_ROLES,
    Heir,
    NewParty,
    PartySpan,
    Role,
    RoleCollision,
)
from tahseel.registry.supply.values.stops import (
    STOP,
    BoundTo,
    ServiceState,
    StopReason,
    StopState,
    StopView,
    SupplyState,
)

HANGING = (
    Hanging("supply_liability", "customer_id"),
    Hanging("supply_party", "customer_id"),
    Hanging("supply_party", "principal_id"),
)
"""What moves with a customer when two records of one person are merged."""

__all__ = [
    "HANGING",
    "PAST",
    "PLAIN_ROLES",
    "STOP",
    "YIELDING",
    "AccountRef",
    "AccountView",
    "Answer",
    "AssumptionView",
    "BillableAccount",
    "BoundTo",
    "Capacity",
    "ChildSpan",
    "Found",
    "GroupedAccount",
    "Heir",
    "LiabilitySpan",
    "MeterAt",
    "MeterOnAccount",
    "NewAccount",
    "NewLiability",
    "NewParty",
    "Part",
    "PartySpan",
    "PastAct",
    "PastKind",
    "PayerChange",
    "Role",
    "RoleCollision",
    "ServiceState",
    "StopReason",
    "StopState",
    "StopView",
    "SupplyState",
    "Vacancy",
]

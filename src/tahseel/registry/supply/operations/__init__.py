"""The writes of supply: accounts, who is liable, roles beside it, estates of the dead."""

from tahseel.registry.supply.operations.estates import (
    EstateUnknown,
    HeirSharesWrong,
    StillAlive,
    open_estate,
    open_estates,
    record_heirs,
)
from tahseel.registry.supply.operations.linking import (
    AccountClosed,
    AccountRefused,
    AccountUnknown,
    DeadCustomer,
    LiabilityOverlap,
    PartyOverlap,
    UnitTaken,
)
from tahseel.registry.supply.operations.moving import (
    NobodyToMoveOut,
    SecondPayer,
    move_in,
    move_out,
    transfer,
)
from tahseel.registry.supply.operations.opening import (
    BATCH_MAX,
    AccountNumberInvalid,
    close_account,
    open_account,
    open_many,
)
from tahseel.registry.supply.operations.roles import (
    PartyNotOpen,
    PrincipalHasNoPart,
    ProxyUndocumented,
    RoleNeedsMore,
    authorise_proxy,
    end_party,
    name_party,
)

__all__ = [
    "BATCH_MAX",
    "AccountClosed",
    "AccountNumberInvalid",
    "AccountRefused",
    "AccountUnknown",
    "DeadCustomer",
    "EstateUnknown",
    "HeirSharesWrong",
    "LiabilityOverlap",
    "NobodyToMoveOut",
    "PartyNotOpen",
    "PartyOverlap",
    "PrincipalHasNoPart",
    "ProxyUndocumented",
    "RoleNeedsMore",
    "SecondPayer",
    "StillAlive",
    "UnitTaken",
    "authorise_proxy",
    "close_account",
    "end_party",
    "move_in",
    "move_out",
    "name_party",
    "open_account",
    "open_estate",
    "open_estates",
    "open_many",
    "record_heirs",
    "transfer",
]

"""The writes of supply: accounts, who is liable, roles beside it, estates of the dead."""

from tahseel.registry.supply.operations.certificates import tell_of_certificates
from tahseel.registry.supply.operations.disconnecting import (
    ServiceAbsent,
    StopReferenceMissing,
    StopStands,
    StopUnknown,
    confirm_stop,
    end_stop,
    order_stop,
)
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
    "ServiceAbsent",
    "StillAlive",
    "StopReferenceMissing",
    "StopStands",
    "StopUnknown",
    "UnitTaken",
    "authorise_proxy",
    "close_account",
    "confirm_stop",
    "end_party",
    "end_stop",
    "move_in",
    "move_out",
    "name_party",
    "open_account",
    "open_estate",
    "open_estates",
    "open_many",
    "order_stop",
    "record_heirs",
    "tell_of_certificates",
    "transfer",
]

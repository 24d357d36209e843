"""What the counter types on the pages of an account."""

from tahseel.channels.accounts.forms.debts import (
    AssumptionForm,
    MoveDebtForm,
    ReturnDebtForm,
    WithdrawAssumptionForm,
)
from tahseel.channels.accounts.forms.estates import EstateForm, HeirsForm
from tahseel.channels.accounts.forms.grouping import ChildrenForm, DayForm, LeaveForm
from tahseel.channels.accounts.forms.moving import (
    BecauseForm,
    FinishForm,
    MoveInForm,
    MoveOutForm,
    OffForm,
    StopForm,
    fresh_move_in,
    off_now,
)
from tahseel.channels.accounts.forms.parties import (
    EndRoleForm,
    LandlordForm,
    ProxyForm,
    RoleForm,
    StrikeRoleForm,
    TitleForm,
    TransferForm,
)
from tahseel.channels.accounts.forms.rebilling import MisdirectedForm, RebillForm, ReleaseForm
from tahseel.channels.accounts.forms.securing import (
    DepositForm,
    NoDemandForm,
    RefundForm,
    SettleForm,
)

__all__ = [
    "AssumptionForm",
    "BecauseForm",
    "ChildrenForm",
    "DayForm",
    "DepositForm",
    "EndRoleForm",
    "EstateForm",
    "FinishForm",
    "HeirsForm",
    "LandlordForm",
    "LeaveForm",
    "MisdirectedForm",
    "MoveDebtForm",
    "MoveInForm",
    "MoveOutForm",
    "NoDemandForm",
    "OffForm",
    "ProxyForm",
    "RebillForm",
    "RefundForm",
    "ReleaseForm",
    "ReturnDebtForm",
    "RoleForm",
    "SettleForm",
    "StopForm",
    "StrikeRoleForm",
    "TitleForm",
    "TransferForm",
    "WithdrawAssumptionForm",
    "fresh_move_in",
    "off_now",
]

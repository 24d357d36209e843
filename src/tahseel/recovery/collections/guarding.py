"""What collections say before a debt leaves its account."""

from __future__ import annotations

from datetime import datetime

from tahseel.books.transfers.values import Leaving
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import local_day
from tahseel.recovery.collections import queries
from tahseel.recovery.collections.values import PlanState


class PlanRuns(Refusal):
    """The old debtor pays the debts of the account in parts: that is ended first."""

    code = "debt_under_plan"
    text_ar = "على الحساب اتفاقية تقسيط سارية ({reference})؛ لا تُنقل مديونيتها قبل إنهائها"
    text_en = "An instalment plan runs on the account ({reference}); its debt moves after its end"
    http_status = 409


def require_no_plan(*, at: datetime, leaving: Leaving) -> None:
    """A guard of transfers: a plan stands for the debts of its account and its customer.

    Raises PlanRuns.
    """
    plans = queries.plans_of(account_ids=[leaving.account_id], as_of=local_day(at))
    for plan in plans.get(leaving.account_id, ()):
        if plan.state is PlanState.RUNNING and plan.customer_id == leaving.customer_id:
            raise PlanRuns(reference=plan.reference)

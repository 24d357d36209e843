"""Accounts put under a main account, and one that leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.acts.act import HEADS, Act, by, plain
from tahseel.channels.accounts.acts.debts import OtherAccountUnknown
from tahseel.channels.accounts.forms import ChildrenForm, LeaveForm
from tahseel.channels.accounts.values import Sheet
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.trust.access.guards import GuardedRequest


def _put_under(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    found = supply_queries.accounts_by_number(numbers=given["numbers"])
    if len(found) != len(given["numbers"]):
        raise OtherAccountUnknown()
    supply.put_under(
        **by(request),
        parent_id=sheet.view.id,
        child_ids=[ref.id for ref in found.values()],
        from_day=given["from_day"],
        until_day=given["until_day"],
        agreement=given["agreement"],
    )


def _leave(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.take_out(
        **by(request), child_id=sheet.view.id, on_day=given["on_day"], reason=given["reason"]
    )


GROUPING: Mapping[str, Act] = {
    "children": Act(
        _("Put accounts under this one"), plain(ChildrenForm), _put_under,
        _("The accounts are under this one."), "group", roles=HEADS,
        note=_("Who is liable stays as it is; the accounts are looked at and added up together."),
    ),
    "leave-group": Act(
        _("Take it out of its main account"), plain(LeaveForm), _leave,
        _("The account stands for itself."), "group", roles=HEADS,
        fits=lambda sheet: any(row.now for row in sheet.mains),
    ),
}  # fmt: skip

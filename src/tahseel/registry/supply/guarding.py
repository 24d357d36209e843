"""What supply says before a unit ceases to stand: no account may go on there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from tahseel.kernel import bulk
from tahseel.kernel.errors import Refusal
from tahseel.registry.supply.models import Account


class AccountStillOpen(Refusal):
    """Somebody is or will be answerable for the unit on that day."""

    code = "account_still_open"
    text_ar = "الحساب {number} ما زال مفتوحًا على الوحدة في {day}"
    text_en = "Account {number} is still open on the unit on {day}"
    http_status = 409


def require_closed(*, unit_ids: Collection[UUID], point_ids: Collection[UUID], day: date) -> None:
    """A `premises` guard: every account of the units is closed by then. Raises AccountStillOpen."""
    going_on = Account.objects.filter(unit_id__in=bulk.among(unit_ids)).exclude(closed_on__lte=day)
    found = going_on.order_by("number").first()
    if found is not None:
        raise AccountStillOpen(number=found.number, day=day.isoformat())

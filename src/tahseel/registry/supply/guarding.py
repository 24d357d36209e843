"""What supply says before a unit ceases to stand, and before two records become one person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from tahseel.kernel import bulk
from tahseel.kernel.errors import Refusal
from tahseel.registry.supply import queries
from tahseel.registry.supply.models import Account


class AccountStillOpen(Refusal):
    """Somebody is or will be answerable for the unit on that day."""

    code = "account_still_open"
    text_ar = "الحساب {number} ما زال مفتوحًا على الوحدة في {day}"
    text_en = "Account {number} is still open on the unit on {day}"
    http_status = 409


class RolesCollide(Refusal):
    """Both records have the same role on one account on the same days."""

    code = "roles_collide"
    text_ar = (
        "للسجلين الصفة نفسها ({role}) على الحساب {number} ابتداءً من {day}؛"
        " أنهِ إحداهما قبل ذلك أو اشطب المسجلة مرتين"
    )
    text_en = (
        "Both records have the same role ({role}) on account {number} from {day} on; end one of"
        " them before that day, or strike the one that was recorded twice"
    )
    http_status = 409


def require_roles_apart(*, goes_id: UUID, stays_id: UUID) -> None:
    """A guard of merges: the roles of both fit one person. Raises RolesCollide."""
    for found in queries.role_collisions(goes_id=goes_id, stays_id=stays_id):
        raise RolesCollide(role=str(found.role), number=found.number, day=found.day.isoformat())


def require_closed(*, unit_ids: Collection[UUID], point_ids: Collection[UUID], day: date) -> None:
    """A `premises` guard: every account of the units is closed by then. Raises AccountStillOpen."""
    going_on = Account.objects.filter(unit_id__in=bulk.among(unit_ids)).exclude(closed_on__lte=day)
    found = going_on.order_by("number").first()
    if found is not None:
        raise AccountStillOpen(number=found.number, day=day.isoformat())

"""Who somebody is to the operations, and who holds what."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from uuid import UUID

from tahseel.kernel.actor import ANONYMOUS, Actor, ActorKind
from tahseel.trust.access.models import User, UserRole
from tahseel.trust.access.values import UserKind

_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def actor_for(user: Any) -> Actor:
    """The actor behind a request's user, with the roles held now; ANONYMOUS when there is none."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return ANONYMOUS
    return Actor(
        kind=ActorKind(user.kind),
        id=str(user.pk),
        label=user.label_ar,
        roles=roles_of(user.pk),
        customer_id=str(user.customer_id) if user.customer_id else None,
    )


def roles_of(user_id: UUID) -> frozenset[str]:
    """Codes of the roles a user holds now."""
    held = UserRole.objects.filter(user_id=user_id, revoked_at=None)
    return frozenset(held.values_list("role", flat=True))


def scopes_of(*, user_id: UUID, role: str) -> frozenset[str]:
    """Where a user holds a role now: "*" is everywhere."""
    held = UserRole.objects.filter(user_id=user_id, role=role, revoked_at=None)
    return frozenset(held.values_list("scope", flat=True))


def labels_of(user_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """The names of users in Arabic and English by the ids that an actor carries; staff only.

    Ids of jobs, customers and partners are left out: they are no staff, or name themselves.
    """
    wanted = [UUID(one) for one in user_ids if _UUID.fullmatch(one)]
    found = User.objects.filter(id__in=wanted, kind=UserKind.STAFF)
    return {str(user.id): (user.label_ar, user.label_en) for user in found}


def holders_of(*, role: str) -> dict[str, tuple[str, str]]:
    """Who holds a role now and may sign in: names in Arabic and English by the actor's id."""
    found = User.objects.filter(is_active=True, held_roles__role=role, held_roles__revoked_at=None)
    rows = found.distinct().order_by("username")
    return {str(user.id): (user.label_ar, user.label_en) for user in rows}


def user_named(username: str) -> User | None:
    """The user with this sign-in name, active or not."""
    return User.objects.filter(username=username.strip().lower()).first()

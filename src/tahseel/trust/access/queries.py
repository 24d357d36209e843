"""Who somebody is to the operations, and who holds what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tahseel.kernel.actor import ANONYMOUS, Actor, ActorKind
from tahseel.trust.access.models import User, UserRole


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


def user_named(username: str) -> User | None:
    """The user with this sign-in name, active or not."""
    return User.objects.filter(username=username.strip().lower()).first()

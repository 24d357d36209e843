"""Who may: pure questions on actors and roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed
from tahseel.trust.access.values import Role, UserKind

ROLES_MAX = 200


def may(actor: Actor, *roles: str) -> bool:
    """True for a holder of one of the roles, and for the system's own jobs.

    A job acts for the house; only `app` and job entry points make such an actor.
    """
    return actor.kind is ActorKind.SYSTEM or actor.has(*roles)


def require(actor: Actor, *roles: str) -> None:
    """Raises NotAllowed unless `may(actor, *roles)`."""
    if not may(actor, *roles):
        raise NotAllowed(needs=", ".join(roles))


def require_self_or(actor: Actor, customer_id: object, *roles: str) -> None:
    """Raises NotAllowed unless the actor is this customer, or may by a role."""
    if actor.kind is ActorKind.CUSTOMER and actor.customer_id == str(customer_id):
        return
    require(actor, *roles)


def conflict(wanted: str, held: Collection[str], roles: Mapping[str, Role]) -> str | None:
    """The role already held that nobody holds together with the wanted one, if any."""
    for code in sorted(held):
        if code in roles[wanted].incompatible or (
            code in roles and wanted in roles[code].incompatible
        ):
            return code
    return None


def load_roles(data: Mapping[str, Any]) -> tuple[Role, ...]:
    """Roles from the country's parsed `roles.toml`. Raises ValueError naming the faulty role."""
    rows = data.get("role", [])
    if not 0 < len(rows) <= ROLES_MAX:
        raise ValueError(f"{len(rows)} roles; between 1 and {ROLES_MAX} are expected")
    roles = tuple(_role(row) for row in rows)
    known = {role.code for role in roles}
    if len(known) != len(roles):
        raise ValueError("a role is named twice")
    for role in roles:
        if not role.incompatible <= known:
            raise ValueError(f"{role.code} is incompatible with an unknown role")
    return roles


def _role(row: Mapping[str, object]) -> Role:
    try:
        return Role(
            code=str(row["code"]),
            name_ar=str(row["name_ar"]),
            name_en=str(row["name_en"]),
            kind=UserKind(str(row["kind"])),
            incompatible=frozenset(_texts(row.get("incompatible", []))),
            source=str(row["source"]),
            confidence=str(row["confidence"]),
        )
    except KeyError as missing:
        raise ValueError(f"role {row.get('code')!r} lacks {missing}") from missing


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("incompatible is a list of role codes")
    return [str(item) for item in value]

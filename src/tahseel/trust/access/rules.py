"""Who may: pure questions on actors and roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed
from tahseel.trust.access.values import Duty, Role, UserKind, duties

ROLES_MAX = 200
JOBS_ONLY = "system"
RESERVED = frozenset(ActorKind) - {ActorKind.CUSTOMER}
"""Names of kinds of actor. Who held a role called `system` would pass for one of the house's own
jobs; `customer` alone is a role too, the one that goes with a customer's sign-in.
"""


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


def holders(act: str) -> tuple[str, ...]:
    """The roles whose duty an act is. Raises LookupError for an act that is nobody's duty."""
    try:
        return duties()[act].roles
    except KeyError:
        raise LookupError(f"{act} is nobody's duty") from None


def require_duty(actor: Actor, act: str) -> None:
    """Raises NotAllowed unless the act is a duty of the actor's; the house's own jobs may all."""
    roles = holders(act)
    if not may(actor, *roles):
        raise NotAllowed(needs=", ".join(roles) or JOBS_ONLY)


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
    if taken := sorted(known & RESERVED):
        raise ValueError(f"a role may not be named {taken[0]}: that is a kind of actor")
    for role in roles:
        if not role.incompatible <= known:
            raise ValueError(f"{role.code} is incompatible with an unknown role")
    return roles


def load_duties(data: Mapping[str, Any], roles: Collection[str]) -> tuple[Duty, ...]:
    """Duties from the country's parsed `duties.toml`. Raises ValueError naming the faulty duty."""
    found = tuple(_duty(row) for row in data.get("duty", []))
    acts = [act for duty in found for act in duty.acts]
    twice = sorted({act for act in acts if acts.count(act) > 1})
    if not acts or twice:
        raise ValueError(f"each act has one duty: {twice or 'there is none'}")
    for duty in found:
        if not set(duty.roles) <= set(roles):
            raise ValueError(f"{duty.code} is held by an unknown role")
    return found


def _duty(row: Mapping[str, object]) -> Duty:
    try:
        return Duty(
            code=str(row["code"]),
            roles=tuple(_texts(row["roles"])),
            acts=tuple(_texts(row["acts"])),
            source=str(row["source"]),
            confidence=str(row["confidence"]),
        )
    except KeyError as missing:
        raise ValueError(f"duty {row.get('code')!r} lacks {missing}") from missing


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
        raise ValueError(f"{value!r} is not a list of codes")
    return [str(item) for item in value]

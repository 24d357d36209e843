"""Who acts, and why somebody's data is read. Every operation takes the first, every read of a
person the second; both end in an audit leaf.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ActorKind(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"
    PARTNER = "partner"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `id` is stable for ever (a user's uuid, a job's name); `label` is for people."""

    kind: ActorKind
    id: str
    label: str
    roles: frozenset[str] = field(default_factory=frozenset)
    customer_id: str | None = None

    def has(self, *roles: str) -> bool:
        """True when the actor holds at least one of the roles."""
        return bool(self.roles & set(roles))


def system(name: str) -> Actor:
    """The actor of a job or a command, named after it."""
    return Actor(ActorKind.SYSTEM, f"system:{name}", name)


ANONYMOUS = Actor(ActorKind.ANONYMOUS, "anonymous", "anonymous")


class Purpose(StrEnum):
    """Why a person's data is read; part of every query that reads one."""

    OWN_ACCOUNT = "own_account"
    CUSTOMER_SERVICE = "customer_service"
    BILLING = "billing"
    COLLECTION = "collection"
    CLEARANCE_CHECK = "clearance_check"
    PAYMENT = "payment"
    AUDIT = "audit"
    INVESTIGATION = "investigation"

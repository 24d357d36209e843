"""Freezing an input, and who may make and check; pure but for the registry of operations."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed
from tahseel.trust.approvals.values import (
    Detail,
    InWords,
    Payload,
    Perform,
    Proposal,
    Registered,
    TierOf,
)

PAYLOAD_BYTES_MAX = 256 * 1024
DEPTH_MAX = 20
EXPIRES_AFTER = timedelta(days=7)


class OwnApproval(NotAllowed):
    """Whoever asks never decides."""

    code = "own_approval"
    text_ar = "لا يجوز أن يعتمد الطلبَ من أعدّه"
    text_en = "Whoever prepared the request may not approve it"


_registered: dict[str, Registered] = {}

_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def register(
    name: str,
    perform: Perform,
    *,
    roles: Mapping[int, Collection[str]] | Collection[str],
    tier_of: TierOf | None = None,
    makers: Collection[str] = (),
    expires_after: timedelta = EXPIRES_AFTER,
    in_words: InWords | None = None,
) -> None:
    """Say what runs when an operation of this name is approved; called when Django starts.

    roles: who may approve, or that for each tier that `tier_of(payload)` can give (0 without it).
    in_words: what the input means, for whoever decides; without it the input is shown as it is.
    Raises ValueError for a second callable under one name, or without an approver.
    """
    known = _registered.get(name)
    if known is not None and known.perform is not perform:
        raise ValueError(f"{name} is already registered")
    tiers = roles if isinstance(roles, Mapping) else {0: roles}
    if not tiers or not all(tiers.values()):
        raise ValueError(f"{name} has a tier that nobody may approve")
    _registered[name] = Registered(
        name=name,
        perform=perform,
        roles={tier: frozenset(codes) for tier, codes in tiers.items()},
        makers=frozenset(makers),
        tier_of=tier_of or (lambda payload: 0),
        expires_after=expires_after,
        in_words=in_words or _as_it_is,
    )


def _as_it_is(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """The input line by line, where nobody told it better."""
    lines = tuple(
        Detail(name, name, value if isinstance(value, int | str) else json.dumps(value))
        for name, value in sorted(payload.items())
    )
    return Proposal("تنفيذ العملية بهذه البيانات", "The operation is run with this input", lines)


def all_registered() -> Collection[Registered]:
    """Every operation that needs two people."""
    return tuple(_registered.values())


def registered(name: str) -> Registered:
    """What was registered. Raises LookupError."""
    found = _registered.get(name)
    if found is None:
        raise LookupError(f"{name} is not registered for approval")
    return found


def tier(operation: Registered, payload: Payload) -> int:
    """The tier of an input. Raises LookupError for one that nobody may approve."""
    found = operation.tier_of(payload)
    if found not in operation.roles:
        raise LookupError(f"{operation.name} has no approver for tier {found}")
    return found


def freeze(payload: Payload) -> str:
    """The canonical JSON of an input. Raises TypeError for what JSON cannot hold exactly."""
    _check(payload, 0)
    frozen = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(frozen.encode()) > PAYLOAD_BYTES_MAX:
        raise ValueError(f"an input is larger than {PAYLOAD_BYTES_MAX} bytes")
    return frozen


def thaw(frozen: str) -> Payload:
    """The input again."""
    return cast("dict[str, Any]", json.loads(frozen))


def ids_in(frozen: str) -> list[str]:
    """Whom and what a frozen input names, each once: their stories tell of the request."""
    return list(dict.fromkeys(_ID.findall(frozen)))


def payload_hash(frozen: str) -> bytes:
    """SHA-256 of the canonical JSON: what maker and checker both put their names to."""
    return hashlib.sha256(frozen.encode()).digest()


def _check(value: object, depth: int) -> None:
    if depth > DEPTH_MAX:
        raise ValueError(f"an input is nested deeper than {DEPTH_MAX}")
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("the keys of an input are text")
        for item in value.values():
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif not (value is None or isinstance(value, str | int)):
        raise TypeError(f"a {type(value).__name__} has no exact form in an input")


def require_maker(actor: Actor, operation: Registered) -> None:
    """Raises NotAllowed for somebody who may not ask. A job may ask; a person then decides."""
    if actor.kind is ActorKind.SYSTEM:
        return
    if actor.kind is ActorKind.STAFF and (not operation.makers or actor.has(*operation.makers)):
        return
    raise NotAllowed(needs=", ".join(sorted(operation.makers)) or "staff")


def require_checker(actor: Actor, operation: Registered, tier: int, maker_id: str) -> None:
    """Raises OwnApproval for the maker, NotAllowed for anybody without a role of the tier.

    A person decides: the house's own jobs do not.
    """
    if actor.id == maker_id:
        raise OwnApproval
    if not may_check(actor, operation, tier):
        raise NotAllowed(needs=", ".join(sorted(operation.roles[tier])))


def may_check(actor: Actor, operation: Registered, tier: int) -> bool:
    """True for a member of staff with a role of the tier."""
    return actor.kind is ActorKind.STAFF and actor.has(*operation.roles.get(tier, ()))

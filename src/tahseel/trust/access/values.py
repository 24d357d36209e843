"""Roles as the country's data names them, and the kinds of people who sign in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

EVERYWHERE = "*"


class UserKind(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Role:
    """What somebody may be. `incompatible` names roles that one person never holds beside it."""

    code: str
    name_ar: str
    name_en: str
    kind: UserKind
    incompatible: frozenset[str]
    source: str
    confidence: str


_installed: dict[str, Role] = {}


def install_roles(roles: Iterable[Role]) -> None:
    """Called once by `app` with the country's roles."""
    fresh = {role.code: role for role in roles}
    _installed.clear()
    _installed.update(fresh)


def roles() -> Mapping[str, Role]:
    """The installed roles by code. Raises LookupError before `install_roles`."""
    if not _installed:
        raise LookupError("no roles are installed")
    return _installed

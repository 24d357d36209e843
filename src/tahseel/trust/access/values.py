"""Roles and duties as the country's data names them, and the kinds of people who sign in."""

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


@dataclass(frozen=True, slots=True)
class Duty:
    """Acts, as the log calls them, and the roles that may; without roles only the house's jobs."""

    code: str
    roles: tuple[str, ...]
    acts: tuple[str, ...]
    source: str
    confidence: str


_installed: dict[str, Role] = {}
_duties: dict[str, Duty] = {}


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


def install_duties(duties: Iterable[Duty]) -> None:
    """Called once by `app` with the country's duties."""
    fresh = {act: duty for duty in duties for act in duty.acts}
    _duties.clear()
    _duties.update(fresh)


def duties() -> Mapping[str, Duty]:
    """The installed duties by act. Raises LookupError before `install_duties`."""
    if not _duties:
        raise LookupError("no duties are installed")
    return _duties

"""Making users, giving and taking roles, signing in and out. Every one leaves its leaf."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib import auth
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from tahseel.kernel import secrets
from tahseel.kernel.actor import ANONYMOUS, Actor
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.trust.access import queries, rules, standing
from tahseel.trust.access.models import User, UserRole
from tahseel.trust.access.values import EVERYWHERE, UserKind, roles
from tahseel.trust.audit import operations as audit
from tahseel.trust.audit.operations import audited
from tahseel.trust.audit.values import Outcome

GIVES_ROLES = "security_officer"
LOCALHOST = "127.0.0.1"


class UsernameTaken(Refusal):
    code = "username_taken"
    text_ar = "اسم الدخول مستخدم من قبل"
    text_en = "This sign-in name is already in use"
    http_status = 409


class WeakPassword(Refusal):
    code = "weak_password"
    text_ar = "كلمة المرور ضعيفة أو معروفة"
    text_en = "The password is too weak or too well known"


class UnknownRole(Refusal):
    code = "unknown_role"
    text_ar = "الدور {role} غير معروف أو لا يناسب هذا المستخدم"
    text_en = "The role {role} is unknown or not for this kind of user"


class RolesConflict(Refusal):
    """Segregation of duties: nobody holds both."""

    code = "roles_conflict"
    text_ar = "لا يجوز الجمع بين الدورين {role} و{held}"
    text_en = "Nobody may hold {role} together with {held}"
    http_status = 409


class WrongCredentials(Refusal):
    code = "wrong_credentials"
    text_ar = "اسم الدخول أو كلمة المرور غير صحيحة"
    text_en = "The sign-in name or the password is wrong"
    http_status = 401


class LockedOut(Refusal):
    code = "locked_out"
    text_ar = "محاولات كثيرة غير صحيحة. حاول مرة أخرى بعد قليل."
    text_en = "Too many wrong attempts. Try again later."
    http_status = 429


@audited("access.create_user", subject="id")
def create_user(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002 - the id that the caller made
    username: str,
    password: str,
    kind: UserKind,
    label_ar: str,
    label_en: str,
    customer_id: UUID | None = None,
    roles: Iterable[str] = (),
) -> User:
    """Make somebody who can sign in, with first roles; a customer always gets "customer".

    Raises UsernameTaken, WeakPassword, UnknownRole, RolesConflict, NotAllowed, and what the keeper
    of the customers' records refuses (`standing`): one that was merged takes no sign-in.
    """
    rules.require(actor, GIVES_ROLES)
    standing.require(customer_id)
    user = User(
        id=id,
        username=username.strip().lower(),
        kind=UserKind(kind),
        customer_id=customer_id,
        label_ar=label_ar,
        label_en=label_en,
        created_at=at,
    )
    _set_password(user, password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise UsernameTaken from error
    wanted = dict.fromkeys([*(["customer"] if user.kind == UserKind.CUSTOMER else []), *roles])
    for role in wanted:
        _grant(actor=actor, at=at, user=user, role=role, scope=EVERYWHERE)
    audit.note(kind=user.kind, roles=list(wanted))
    return user


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword from error
    user.set_password(password)


@audited("access.grant_role", subject="user_id")
def grant_role(
    *, actor: Actor, at: datetime, user_id: UUID, role: str, scope: str = EVERYWHERE
) -> None:
    """Give a role; giving it again changes nothing. Nobody gives a role to themselves.

    Raises UnknownRole, RolesConflict, NotAllowed, NotFound.
    """
    rules.require(actor, GIVES_ROLES)
    _not_oneself(actor, user_id)
    _grant(actor=actor, at=at, user=_locked(user_id), role=role, scope=scope)
    audit.note(role=role, scope=scope)


@audited("access.revoke_role", subject="user_id")
def revoke_role(
    *, actor: Actor, at: datetime, user_id: UUID, role: str, scope: str = EVERYWHERE
) -> None:
    """Take a role; it is gone from the user's next request on. Raises NotFound, NotAllowed."""
    rules.require(actor, GIVES_ROLES)
    _not_oneself(actor, user_id)
    held = UserRole.objects.filter(user_id=user_id, role=role, scope=scope, revoked_at=None)
    if not held.update(revoked_at=at, revoked_by=actor.id):
        raise NotFound
    audit.note(role=role, scope=scope)


def _not_oneself(actor: Actor, user_id: UUID) -> None:
    if actor.id == str(user_id):
        raise NotAllowed(reason="own roles")


def _locked(user_id: UUID) -> User:
    user = User.objects.select_for_update().filter(id=user_id).first()
    if user is None:
        raise NotFound
    return user


def _grant(*, actor: Actor, at: datetime, user: User, role: str, scope: str) -> None:
    known = roles()
    if role not in known or known[role].kind != user.kind:
        raise UnknownRole(role=role)
    held = queries.roles_of(user.id)
    clash = rules.conflict(role, held - {role}, known)
    if clash:
        raise RolesConflict(role=role, held=clash)
    UserRole.objects.get_or_create(
        user=user,
        role=role,
        scope=scope,
        revoked_at=None,
        defaults={"id": new_id(at), "granted_at": at, "granted_by": actor.id},
    )


def sign_in(*, request: HttpRequest, at: datetime, username: str, password: str) -> User:
    """Check the password and open a session with a fresh key.

    Raises WrongCredentials, LockedOut (after too many wrong attempts); both leave a leaf on which
    the typed name is a blind index, because people type their numbers there.
    """
    user = auth.authenticate(request, username=username.strip().lower(), password=password)
    if not isinstance(user, User):
        raise _failed(request=request, at=at, username=username)
    with transaction.atomic():
        auth.login(request, user)
        audit.record(
            actor=queries.actor_for(user), action="access.sign_in", subject=str(user.id), at=at
        )
    return user


def prove(*, at: datetime, username: str, password: str, address: str = LOCALHOST) -> Actor:
    """Who somebody is, by the password, without a session: for a command that names its user.

    Wrong passwords count towards the same lock as those of the sign-in page. Raises
    WrongCredentials, LockedOut; both leave a leaf, and so does a success.
    """
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    user = auth.authenticate(request, username=username.strip().lower(), password=password)
    if not isinstance(user, User):
        raise _failed(request=request, at=at, username=username)
    actor = queries.actor_for(user)
    audit.record(actor=actor, action="access.prove", subject=actor.id, at=at)
    return actor


def _failed(*, request: HttpRequest, at: datetime, username: str) -> Refusal:
    locked = bool(getattr(request, "axes_locked_out", False))
    refusal = LockedOut() if locked else WrongCredentials()
    known = queries.user_named(username)
    index = secrets.blind_index(username.strip().lower(), purpose="sign_in_name").hex()
    audit.record(
        actor=ANONYMOUS,
        action="access.sign_in",
        subject=str(known.id) if known else f"name:{index}",
        at=at,
        outcome=Outcome.DENIED if locked else Outcome.REFUSED,
        facts={"code": refusal.code},
    )
    return refusal


def sign_out(*, request: HttpRequest, at: datetime, cause: str = "asked") -> None:
    """Close the session. cause: "asked" or "idle"."""
    actor = queries.actor_for(request.user)
    with transaction.atomic():
        auth.logout(request)
        if actor is not ANONYMOUS:
            audit.record(
                actor=actor,
                action="access.sign_out",
                subject=actor.id,
                at=at,
                facts={"cause": cause},
            )

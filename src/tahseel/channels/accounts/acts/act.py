"""One thing that the counter may do about an account: its words, its form, its operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.forms import Form
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tahseel.channels.accounts.values import Sheet
from tahseel.channels.pages import formats
from tahseel.charging.billing.values import MovedOut
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.errors import Refusal
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.supply.values import PastAct
from tahseel.trust.access.guards import GuardedRequest

ACTING_ROLES = ("clerk", "office_head", "revenue_manager")
HEADS = ("office_head", "revenue_manager")

Data = Any
MakeForm = Callable[[GuardedRequest, Sheet, Data], Form]
Perform = Callable[[GuardedRequest, Sheet, Mapping[str, Any]], str | None]
"""What is said afterwards, or None: what the act always says."""
MakePast = Callable[[GuardedRequest, Sheet, Mapping[str, Any]], PastAct]


class CustomerNotFound(Refusal):
    """Not exactly one registered customer has the number."""

    code = "account_customer_not_found"
    text_ar = "لا يوجد عميل واحد مسجل بهذا الرقم"
    text_en = "There is not exactly one registered customer with this number"


@dataclass(frozen=True)
class Act:
    """card: where its button stands; fits: when it makes sense; told: what is said afterwards.

    closed_too: also on an account that is closed; past: the same for a second person to agree to,
    where the days are billed.
    """

    label: Promise
    form: MakeForm
    perform: Perform
    told: Promise
    card: str
    roles: tuple[str, ...] = ACTING_ROLES
    fits: Callable[[Sheet], bool] = lambda sheet: True
    note: Promise | str = ""
    closed_too: bool = False
    past: MakePast | None = None


class _By(TypedDict):
    actor: Actor
    at: datetime


def by(request: GuardedRequest) -> _By:
    """Who acts, and when: part of every operation."""
    return {"actor": request.actor, "at": request.at}


def plain(form: type[Form]) -> MakeForm:
    """A form that asks nothing of the page."""
    return lambda request, sheet, data: form(data)


def purpose_of(actor: Actor) -> str:
    """Why a person is read here."""
    return Purpose.AUDIT if actor.has("auditor") else Purpose.CUSTOMER_SERVICE


def customer(request: GuardedRequest, number: str) -> UUID:
    """The one registered customer with a number. Raises CustomerNotFound.

    A name is no answer here, however alone it stands: an account is not handed to whoever is
    called like what was typed.
    """
    found = customers.numbered(
        actor=request.actor, at=request.at, purpose=purpose_of(request.actor), text=number
    )
    if found is None:
        raise CustomerNotFound()
    return found.id


def settlement(done: MovedOut) -> str:
    """What the end of a liability came to."""
    if done.held:
        return _("A bill is held back for a check; the deposit is settled once it is issued.")
    return _(
        "Final bill: %(total)s. Met by the deposit: %(netted)s. To be paid back: %(refund)s."
        " Still owed: %(left)s."
    ) % {
        "total": formats.money(done.total),
        "netted": formats.money(done.settled.netted),
        "refund": formats.money(done.settled.refund),
        "left": formats.money(done.settled.left),
    }


def name(who: CustomerView | None) -> str:
    """A person in the language of the page."""
    return formats.by_language(ar=who.name_ar, en=who.name_en) if who else _("Nobody")


def people(found: Mapping[UUID | None, CustomerView | None]) -> Sequence[tuple[str, str]]:
    """Persons to choose from."""
    return [(str(who), name(view)) for who, view in found.items() if who is not None]

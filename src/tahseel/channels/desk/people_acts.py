"""What the counter may do to a customer: for each act its words, its form and its operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tahseel.channels.desk import people_forms
from tahseel.kernel.actor import Purpose
from tahseel.kernel.ids import new_id
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers.values import (
    NATURAL_KINDS,
    CustomerKind,
    CustomerView,
    IdentityState,
    NewDocument,
)
from tahseel.trust.access.guards import GuardedRequest

Perform = Callable[[GuardedRequest, UUID, Mapping[str, Any]], object]
Fits = Callable[[CustomerView], bool]


@dataclass(frozen=True)
class Asked:
    """What an act came to that somebody else decides on."""

    approval_id: UUID


@dataclass(frozen=True)
class Act:
    """One thing that can be done. fits: to whom; told: what the page says afterwards."""

    label: Promise
    form: type[forms.Form]
    perform: Perform
    fits: Fits
    told: Promise


def _by(request: GuardedRequest, customer_id: UUID) -> dict[str, Any]:
    return {"actor": request.actor, "at": request.at, "customer_id": customer_id}


def _document(request: GuardedRequest, customer_id: UUID, given: Mapping[str, Any]) -> object:
    document = NewDocument(id=new_id(request.at), **given)
    return operations.add_document(**_by(request, customer_id), document=document)


def _protect(request: GuardedRequest, customer_id: UUID, given: Mapping[str, Any]) -> object:
    return operations.protect(**_by(request, customer_id), id=new_id(request.at), **given)


def _contact(request: GuardedRequest, customer_id: UUID, given: Mapping[str, Any]) -> object:
    return operations.add_contact(**_by(request, customer_id), id=new_id(request.at), **given)


def _civil_number(request: GuardedRequest, customer_id: UUID, given: Mapping[str, Any]) -> object:
    """A first number is recorded; a change of one is asked for, and somebody else decides."""
    by = _by(request, customer_id)
    view = queries.by_id(**by, purpose=Purpose.CUSTOMER_SERVICE)
    if view is None or view.civil_id_masked is None:
        return operations.correct_civil_id(**by, **given)
    approval_id = new_id(request.at)
    return Asked(operations.propose_civil_id(**by, approval_id=approval_id, **given))


def _plainly(operation: Callable[..., object]) -> Perform:
    return lambda request, customer_id, given: operation(**_by(request, customer_id), **given)


def _person(view: CustomerView) -> bool:
    return view.kind in NATURAL_KINDS


def _leaves(view: CustomerView) -> bool:
    return _person(view) and view.kind is not CustomerKind.CITIZEN and view.departed_on is None


ACTS: Mapping[str, Act] = {
    "name": Act(
        _("Correct the name"), people_forms.NameForm, _plainly(operations.correct_name),
        lambda view: True, _("The name is corrected; the old one stays in the history."),
    ),
    "civil-number": Act(
        _("Correct the civil number"), people_forms.CivilIdForm,
        _civil_number, _person, _("The civil number is corrected."),
    ),
    "proof": Act(
        _("Verify the identity"), people_forms.VerifyForm, _plainly(operations.verify_identity),
        lambda view: True, _("The identity is verified."),
    ),
    "doubt": Act(
        _("Doubt the identity"), people_forms.DoubtForm, _plainly(operations.doubt_identity),
        lambda view: view.identity is not IdentityState.DOUBTED, _("The identity is doubted."),
    ),
    "document": Act(
        _("Add a document"), people_forms.DocumentForm, _document,
        lambda view: view.kind is not CustomerKind.GOVERNMENT, _("The document is on record."),
    ),
    "contact": Act(
        _("Add a contact"), people_forms.ContactForm, _contact, lambda view: True,
        _("The contact is on record; send a code to verify it."),
    ),
    "language": Act(
        _("Change the language"), people_forms.LanguageForm,
        _plainly(operations.change_language), lambda view: True, _("The language is changed."),
    ),
    "protection": Act(
        _("Protect from disconnection"), people_forms.ProtectionForm, _protect, _person,
        _("The protected status is on record."),
    ),
    "death": Act(
        _("Record a death"), people_forms.DeathForm, _plainly(operations.record_death),
        lambda view: _person(view) and view.died_on is None, _("The death is on record."),
    ),
    "no-death": Act(
        _("Take the death back"), people_forms.RevokeForm, _plainly(operations.revoke_death),
        lambda view: view.died_on is not None, _("The death is taken back."),
    ),
    "departure": Act(
        _("Record a departure"), people_forms.DepartureForm,
        _plainly(operations.record_departure), _leaves, _("The departure is on record."),
    ),
    "return": Act(
        _("Record a return"), people_forms.ReturnForm, _plainly(operations.record_return),
        lambda view: view.departed_on is not None, _("The return is on record."),
    ),
}  # fmt: skip


def open_to(view: CustomerView) -> list[tuple[str, Promise]]:
    """What may be done to a customer now; nothing to a record that was merged."""
    if view.merged_into_id is not None:
        return []
    return [(code, act.label) for code, act in ACTS.items() if act.fits(view)]

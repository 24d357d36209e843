"""Words for what the register says of a customer, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Pill
from tahseel.registry.customers.values import (
    Confirmation,
    ContactKind,
    CustomerKind,
    CustomerView,
    DocumentKind,
    Evidence,
    Happening,
    IdentityState,
    Likeness,
    ProtectionKind,
)
from tahseel.registry.supply.history import TERMS as ROLES
from tahseel.registry.supply.values import Role
from tahseel.trust.access import values as access


def kinds() -> dict[CustomerKind, str]:
    return {
        CustomerKind.CITIZEN: _("Citizen"),
        CustomerKind.GCC: _("GCC national"),
        CustomerKind.RESIDENT: _("Resident"),
        CustomerKind.STATELESS: _("Stateless resident"),
        CustomerKind.FOREIGN_OWNER: _("Owner abroad"),
        CustomerKind.COMPANY: _("Company"),
        CustomerKind.GOVERNMENT: _("Government body"),
        CustomerKind.MISSION: _("Diplomatic mission"),
        CustomerKind.UNKNOWN: _("Unknown debtor"),
    }


def evidence() -> dict[Evidence, str]:
    return {
        Evidence.MOBILE_ID: _("Mobile identity"),
        Evidence.SMART_CARD: _("Smart card"),
        Evidence.DOCUMENT: _("Document at the counter"),
        Evidence.REGISTRY_FEED: _("A registry of the State"),
    }


def documents() -> dict[DocumentKind, str]:
    return {
        DocumentKind.PASSPORT: _("Passport"),
        DocumentKind.GCC_CARD: _("GCC identity card"),
        DocumentKind.REVIEW_CARD: _("Review card"),
        DocumentKind.MISSION_CARD: _("Mission card"),
        DocumentKind.COMMERCIAL_LICENCE: _("Commercial licence"),
    }


def contacts() -> dict[ContactKind, str]:
    return {
        ContactKind.MOBILE: _("Mobile"),
        ContactKind.EMAIL: _("E-mail"),
        ContactKind.ADDRESS: _("Postal address"),
    }


def answers() -> dict[Confirmation, str]:
    """What became of a code."""
    return {
        Confirmation.CONFIRMED: _("The contact is verified."),
        Confirmation.WRONG: _("The code is wrong. Try again."),
        Confirmation.USED_UP: _("The code was wrong too often and no longer counts. Send another."),
        Confirmation.NO_CODE: _("No code counts at the moment. Send one."),
    }


def protections() -> dict[ProtectionKind, str]:
    return {
        ProtectionKind.LIFE_SUPPORT: _("Life-support machine at home"),
        ProtectionKind.MEDICAL: _("Medical need"),
        ProtectionKind.DISABILITY: _("Disability"),
    }


def happenings() -> dict[Happening, str]:
    return {
        Happening.NAME_CORRECTED: _("Name corrected"),
        Happening.CIVIL_ID_CORRECTED: _("Civil number corrected"),
        Happening.DIED: _("Died"),
        Happening.DEATH_REVOKED: _("Death taken back"),
        Happening.DEPARTED: _("Left the country"),
        Happening.RETURNED: _("Came back"),
    }


def reasons() -> dict[Likeness, str]:
    return {
        Likeness.SAME_MOBILE: _("The same mobile number"),
        Likeness.SAME_NAME: _("The same name"),
        Likeness.SAME_SOUND: _("Names that sound alike"),
        Likeness.ONE_WITHOUT_NUMBER: _("One has no civil number"),
        Likeness.NUMBERS_ONE_SLIP_APART: _("Civil numbers one slip apart"),
        Likeness.NUMBERS_DIFFER: _("Civil numbers differ"),
    }


def role_word(role: Role) -> str:
    ar, en = ROLES[str(role)]
    return formats.by_language(ar=ar, en=en)


def roles_in_words(roles: Iterable[str]) -> str:
    """The names of roles, as whoever may do something is told."""
    known = access.roles()
    named = [formats.by_language(ar=known[r].name_ar, en=known[r].name_en) for r in roles]
    return formats.by_language(ar="، ", en=", ").join(named)


def tables() -> dict[str, str]:
    """What moved in a merge, by the column that was changed."""
    return {
        "access_user.customer_id": _("Sign-ins"),
        "appointments_booking.customer_id": _("Booked visits"),
        "charges_charge.customer_id": _("One-off charges"),
        "sales_sale.customer_id": _("Counter sales"),
        "claims_claim.customer_id": _("Claims"),
        "clearance_hold.customer_id": _("Holds"),
        "clearance_release.customer_id": _("Releases of holds"),
        "collections_notice.customer_id": _("Notices of debt"),
        "collections_plan.customer_id": _("Instalment plans"),
        "customers_customer.parent_id": _("Bodies below it"),
        "customers_contact.customer_id": _("Contacts"),
        "customers_document.customer_id": _("Documents"),
        "customers_protection.customer_id": _("Protected statuses"),
        "deposits_deposit.customer_id": _("Deposits"),
        "deposits_demand.customer_id": _("Demands for deposits"),
        "deposits_proposal.customer_id": _("Proposals on deposits"),
        "government_agreement.body_id": _("Agreements"),
        "payments_payment.customer_id": _("Payments"),
        "services_application.applicant_id": _("Applications"),
        "supply_liability.customer_id": _("Periods of liability"),
        "supply_party.customer_id": _("Roles on accounts"),
        "supply_party.principal_id": _("Roles for this person"),
    }


def identity_pill(view: CustomerView) -> Pill:
    words = {
        IdentityState.UNVERIFIED: Pill(_("Identity not verified"), "warning"),
        IdentityState.VERIFIED: Pill(_("Identity verified"), "good"),
        IdentityState.DOUBTED: Pill(_("Identity doubted"), "bad"),
    }
    return words[view.identity]


def pills(view: CustomerView) -> list[Pill]:
    """What stands beside a name."""
    found = [identity_pill(view)]
    if view.died_on:
        found.append(Pill(_("Died"), "neutral"))
    if view.departed_on:
        found.append(Pill(_("Left the country"), "neutral"))
    if view.merged_into_id:
        found.append(Pill(_("Merged"), "neutral"))
    return found

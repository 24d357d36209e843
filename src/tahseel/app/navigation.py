"""The main navigation: each visitor sees the screens that his roles open."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tahseel.channels.pages.values import NavItem
from tahseel.channels.services import rules as services
from tahseel.kernel.actor import Actor
from tahseel.trust.access.queries import actor_for

COUNTER_ROLES = ("clerk", "office_head", "revenue_manager", "auditor")
FIELD_ROLES = ("supply_engineer", "inspector", "connection_officer")
CREW_ROLES = ("supply_engineer", "inspector")
CONNECTION_DUTIES = ("study", "inspect", "energise")
APPROVAL_ROLES = (*COUNTER_ROLES, "take_on_officer")


def items(request: HttpRequest) -> list[NavItem]:
    """Entries for the visitor, in the order of the bar."""
    user = getattr(request, "user", None)
    entries = [
        NavItem(_("Home"), reverse("cockpit:home"), "house"),
        NavItem(_("Pay"), reverse("portal:pay"), "wallet"),
    ]
    if user is None:
        return entries
    actor = actor_for(user)
    if actor.customer_id is not None:
        entries.append(NavItem(_("My accounts"), reverse("portal:accounts"), "file-text"))
        entries.append(NavItem(_("Services"), reverse("services:catalogue"), "zap"))
    if actor.has(*COUNTER_ROLES):
        entries.append(NavItem(_("Find an account"), reverse("desk:find"), "search"))
    if actor.has(*COUNTER_ROLES, *FIELD_ROLES):
        entries.append(NavItem(_("Places"), reverse("places:find"), "map-pin"))
    if actor.has(*COUNTER_ROLES, *CREW_ROLES):
        entries.append(NavItem(_("Reads to check"), reverse("metering:exceptions"), "gauge"))
    if actor.has("meter_reader"):
        entries.append(NavItem(_("Reading rounds"), reverse("rounds:rounds"), "calendar"))
    if actor.has(*CREW_ROLES):
        entries.append(NavItem(_("Truth of meters"), reverse("places:truth"), "shield-check"))
    if actor.has(*APPROVAL_ROLES):
        entries.append(NavItem(_("Approvals"), reverse("approving:worklist"), "shield-check"))
    duties = services.catalogue().duties
    if actor.has(*duties["apply"]):
        entries.append(NavItem(_("Services"), reverse("services:catalogue"), "zap"))
    if any(actor.has(*duties[duty]) for duty in CONNECTION_DUTIES):
        entries.append(NavItem(_("Applications"), reverse("services:applications"), "zap"))
    if actor.has(*COUNTER_ROLES, "body_officer"):
        entries.append(NavItem(_("Bodies"), reverse("bodies:tops"), "building-2"))
    entries += _of_money(actor)
    if actor.has("exit_officer"):
        entries.append(NavItem(_("Exit check"), reverse("desk:border"), "plane"))
    return entries


def _of_money(actor: Actor) -> list[NavItem]:
    """The books, for those who answer for them."""
    if not actor.has("revenue_manager", "auditor"):
        return []
    return [NavItem(_("The books"), reverse("accounts:books"), "file-text")]

"""Words for what the registries of the State told, in the language of the page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tahseel.registry.feeds.values import WITHDRAWAL, Kind, Version


def kinds() -> dict[str, str]:
    return {
        Kind.DEATH: _("Death"),
        Kind.NAME: _("Corrected name"),
        Kind.ADDRESS: _("Address"),
        Kind.DEPARTURE: _("Departure"),
        Kind.RETURN: _("Return"),
        Kind.TITLE: _("Title deed"),
    }


def versions() -> dict[str, str]:
    return {
        Version.ISSUED: _("Issued"),
        Version.CORRECTED: _("Corrected by the registry"),
        Version.WITHDRAWN: _("Withdrawn by the registry"),
    }


def reasons() -> dict[str, str]:
    """Why a record waits; what another slice refused keeps that refusal's code."""
    return {
        WITHDRAWAL: _("The registry took it back after it was applied here"),
        "correction_names_another": _("The correction names somebody or something else"),
        "correction_needs_decision": _("A correction of what was applied here"),
        "buyer_unknown": _("The buyer is not registered here"),
        "seller_differs": _("The seller is not the owner known here"),
        "neighbours_not_told": _("The rest of the building was not told yet"),
        "kind_not_handled": _("Records of this kind are not applied"),
        "act_failed": _("It could not be applied for a fault of ours"),
        "merged_record": _("The customer's record was merged into another one"),
        "civil_id_invalid": _("The civil number is wrong"),
    }

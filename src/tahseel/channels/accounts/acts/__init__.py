"""What the counter may do about an account: for each act its words, its form and its operation.

An act stands on the page of the account where its subject does; whoever may not do it sees no
button, and the operation asks again.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise

from tahseel.channels.accounts.acts.act import (
    ACTING_ROLES,
    HEADS,
    Act,
    CustomerNotFound,
    customer,
    purpose_of,
)
from tahseel.channels.accounts.acts.charging import CHARGING
from tahseel.channels.accounts.acts.debts import DEBTS
from tahseel.channels.accounts.acts.grouping import GROUPING
from tahseel.channels.accounts.acts.parties import PARTIES
from tahseel.channels.accounts.acts.rebilling import REBILLING
from tahseel.channels.accounts.acts.securing import SECURING
from tahseel.channels.accounts.acts.selling import SELLING
from tahseel.channels.accounts.values import Sheet
from tahseel.kernel.actor import Actor

__all__ = [
    "ACTING_ROLES",
    "ACTS",
    "HEADS",
    "Act",
    "CustomerNotFound",
    "customer",
    "open_to",
    "purpose_of",
]

ACTS: Mapping[str, Act] = {
    **PARTIES,
    **DEBTS,
    **SECURING,
    **GROUPING,
    **REBILLING,
    **CHARGING,
    **SELLING,
}


def open_to(actor: Actor, sheet: Sheet) -> dict[str, list[tuple[str, Promise]]]:
    """The acts that somebody may do on an account, by the card on which they stand."""
    found: dict[str, list[tuple[str, Promise]]] = {}
    for code, act in ACTS.items():
        stands = sheet.view.closed_on is None or act.closed_too
        if stands and actor.has(*act.roles) and act.fits(sheet):
            found.setdefault(act.card, []).append((code, act.label))
    return found

"""What was done about bills that name somebody who does not answer for their days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.acts.act import HEADS, Act, Data, by
from tahseel.channels.accounts.forms import MisdirectedForm
from tahseel.channels.accounts.values import Sheet
from tahseel.channels.pages import formats
from tahseel.charging.billing import operations as billing
from tahseel.trust.access.guards import GuardedRequest


def _form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    waiting = [
        (str(one.about.id), f"{one.said} · {formats.period(one.about.days)}")
        for one in sheet.reviews
    ]
    return MisdirectedForm(data, waiting=waiting, initial={"work": request.GET.get("work", "")})


def _close(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    billing.close_misdirected(
        **by(request),
        account_id=sheet.view.id,
        misdirected_id=UUID(given["work"]),
        reason=given["reason"],
    )


REBILLING: Mapping[str, Act] = {
    "bills-seen": Act(
        _("Close the review of bills"), _form, _close, _("The review is closed."), "bills",
        roles=HEADS, closed_too=True,
        fits=lambda sheet: bool(sheet.reviews),
        note=_("No bill is changed by this. Say what was done: agreed between the two, a debt taken"
               " over by a signed paper, or a bill corrected."),
    ),
}  # fmt: skip

"""Outlets and loads without a meter that an account has: begun and ended with their days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from tahseel.channels.accounts.acts.act import HEADS, Act, Data, by
from tahseel.channels.accounts.forms.selling import OutletEndForm, OutletForm
from tahseel.channels.accounts.values import Sheet
from tahseel.channels.pages import formats
from tahseel.charging.sales import operations as sales
from tahseel.charging.sales import rules
from tahseel.kernel.ids import new_id
from tahseel.trust.access.guards import GuardedRequest


def _form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    kinds = [
        (one.code, formats.by_language(ar=one.name_ar, en=one.name_en))
        for one in rules.policy().kinds.values()
    ]
    return OutletForm(data, kinds=kinds, initial={"id": new_id(request.at), "from_day": sheet.day})


def _open(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    sales.open_outlet(
        **by(request),
        id=given["id"],
        account_id=sheet.view.id,
        code=given["code"],
        kind=given["kind"],
        from_day=given["from_day"],
        count=given["count"],
        watts=given["watts"],
    )


def _end_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    open_ = [(str(one.id), one.code) for one in sheet.outlets if one.until_day is None]
    return OutletEndForm(data, outlets=open_)


def _end(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    sales.end_outlet(
        **by(request),
        account_id=sheet.view.id,
        outlet_id=UUID(given["outlet"]),
        until_day=given["until_day"],
    )


SELLING: Mapping[str, Act] = {
    "outlet": Act(
        _("Add an outlet"), _form, _open, _("The outlet is on record."), "sales", roles=HEADS,
        note=_("Filling stations, tankers and treated effluent are billed by what they deliver;"
               " lights and cameras by count, load and hours."),
    ),
    "outlet-end": Act(
        _("End an outlet"), _end_form, _end, _("The outlet ends."), "sales", roles=HEADS,
        closed_too=True,
        fits=lambda sheet: any(one.until_day is None for one in sheet.outlets),
    ),
}  # fmt: skip

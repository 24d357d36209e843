"""Charges and credits as the counter reads them: of an account, and of everybody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from tahseel.channels.accounts.values import AskedCharge, ChargeRow
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Pill
from tahseel.charging.charges import queries, rules
from tahseel.charging.charges.values import Asked, Charge, ChargeState

ROWS_MAX = 50


def rows(account_id: UUID, *, at: datetime) -> tuple[tuple[ChargeRow, ...], list[AskedCharge]]:
    """An account's charges, the newest first, and what waits for a second person."""
    asked = [one for one in queries.asked(as_of=at) if one.account_id == account_id]
    found = queries.of_account(account_id)[:ROWS_MAX]
    return tuple(row(one, asked) for one in found), [
        AskedCharge(one, name(one.kind)) for one in asked if one.reverses is None
    ]


def row(charge: Charge, asked: list[Asked]) -> ChargeRow:
    """A charge in words, with the reversal that waits."""
    waits = next((one.approval_id for one in asked if one.reverses == charge.id), None)
    return ChargeRow(charge, name(charge.kind), _state(charge.state), waits)


def name(kind: str) -> str:
    """The kind in the language of the page."""
    known = rules.catalogue().kinds.get(kind)
    return formats.by_language(ar=known.name_ar, en=known.name_en) if known else kind


def _state(state: ChargeState) -> Pill:
    return {
        ChargeState.WAITING: Pill(_("On the next bill"), "warning"),
        ChargeState.POSTED: Pill(_("Posted"), "good"),
        ChargeState.REVERSED: Pill(_("Reversed")),
    }[state]

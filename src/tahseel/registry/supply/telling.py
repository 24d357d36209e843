"""Tells an act on billed days to the one who decides: what is done, for whom, from which day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tahseel.kernel.actor import Actor, Purpose
from tahseel.registry.customers import queries as customers
from tahseel.registry.supply import history, queries, rules
from tahseel.registry.supply.values import PastKind
from tahseel.trust.approvals.values import Detail, Payload, Proposal

_SAID: Mapping[PastKind, tuple[str, str]] = {
    PastKind.MOVE_IN: ("دخول على أيام مفوترة", "Move in on days that are billed"),
    PastKind.MOVE_OUT: ("إخلاء طرف على أيام مفوترة", "Move out on days that are billed"),
    PastKind.TRANSFER: ("نقل حساب على أيام مفوترة", "Hand an account over on days that are billed"),
    PastKind.TITLE: ("نقل ملكية على أيام مفوترة", "Pass ownership on days that are billed"),
    PastKind.LANDLORD: (
        "اتفاقية مالك على أيام مفوترة", "Agree with a landlord on days that are billed",
    ),
    PastKind.NAME_PARTY: ("تسمية دافع لأيام مفوترة", "Name a payer of days that are billed"),
    PastKind.END_PARTY: ("إنهاء صفة على أيام مفوترة", "End a role on days that are billed"),
    PastKind.STRIKE_PARTY: ("شطب صفة على أيام مفوترة", "Strike a role on days that are billed"),
    PastKind.ESTATE: ("فتح تركة على أيام مفوترة", "Open an estate on days that are billed"),
}  # fmt: skip
_CUSTOMERS = ("customer_id", "to_customer_id", "owner_id")
_PAPERS = ("agreement", "deed", "reason")


def past_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """The act in a sentence; accounts, customer, capacity or role, day and paper beside it."""
    given = payload["given"]
    changes = rules.changes_of(payload)
    ids = {one.account_id for one in changes} | {UUID(one) for one in given.get("account_ids", ())}
    refs = queries.accounts(account_ids=ids)
    numbers = "، ".join(sorted(ref.number for ref in refs.values()))
    said = _SAID[PastKind(payload["kind"])]
    return Proposal(
        text_ar=said[0],
        text_en=said[1],
        details=(
            Detail("الحساب", "Account", numbers or None),
            *_who(actor, at, given),
            *_as_what(given),
            Detail("ابتداءً من", "From", min((c.from_day for c in changes), default=None)),
            *(Detail("المستند", "Paper", given[one]) for one in _PAPERS if given.get(one)),
        ),
    )


def _who(actor: Actor, at: datetime, given: Mapping[str, Any]) -> list[Detail]:
    ids = [UUID(given[name]) for name in _CUSTOMERS if given.get(name)]
    people = customers.by_ids(
        actor=actor, at=at, purpose=Purpose.CUSTOMER_SERVICE, customer_ids=ids
    ) if ids else {}  # fmt: skip
    return [
        Detail("العميل", "Customer", f"{people[one].name_ar} · {people[one].name_en}")
        for one in ids
        if one in people
    ]


def _as_what(given: Mapping[str, Any]) -> list[Detail]:
    found = (given.get(name) for name in ("capacity", "role", "vacancy"))
    words = [history.TERMS[one] for one in found if one and one in history.TERMS]
    return [Detail("الصفة", "Capacity", " / ".join(one)) for one in words]

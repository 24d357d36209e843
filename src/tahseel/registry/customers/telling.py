"""Tells proposals about people to the one who decides: merges with both records, new numbers."""

from __future__ import annotations

import base64
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel import secrets
from tahseel.kernel.actor import Actor, Purpose
from tahseel.kernel.ids import CivilId
from tahseel.registry.customers import queries
from tahseel.registry.customers.values import CIVIL_ID_PROPOSED, CustomerView
from tahseel.trust.approvals.values import Detail, Payload, Proposal

STATES = {
    "unverified": ("غير متحقق منها", "not verified"),
    "verified": ("متحقق منها", "verified"),
    "doubted": ("محل شك", "doubted"),
}


def merge_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which record goes into which; the read of both persons is recorded."""
    goes, stays = UUID(str(payload["merged"])), UUID(str(payload["into"]))
    people = _people(actor, at, (goes, stays))
    return Proposal(
        text_ar=f"دمج سجل «{_name(people, goes, 'ar')}» في سجل «{_name(people, stays, 'ar')}»",
        text_en=f"Merge the record of “{_name(people, goes, 'en')}”"
        f" into that of “{_name(people, stays, 'en')}”",
        details=(
            *_details(people.get(goes), "السجل المدموج", "Record that goes"),
            *_details(people.get(stays), "السجل الباقي", "Record that stays"),
        ),
    )


def unmerge_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which merge is taken back, and how many rows go back."""
    merge = queries.merge_by_id(merge_id=UUID(str(payload["merge"])))
    if merge is None:
        return Proposal("التراجع عن دمج غير موجود", "Take back a merge that is not there")
    people = _people(actor, at, (merge.merged_id, merge.into_id))
    goes, stays = merge.merged_id, merge.into_id
    return Proposal(
        text_ar=f"التراجع عن دمج سجل «{_name(people, goes, 'ar')}»"
        f" في سجل «{_name(people, stays, 'ar')}»",
        text_en=f"Take back the merge of “{_name(people, goes, 'en')}”"
        f" into “{_name(people, stays, 'en')}”",
        details=(
            Detail("تاريخ الدمج", "Merged at", merge.made_at),
            Detail("سجلات تعود", "Rows that go back", merge.rows),
            *_details(people.get(goes), "السجل العائد", "Record that comes back"),
            *_details(people.get(stays), "السجل الباقي", "Record that stays"),
        ),
    )


def move_since_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """What is moved of what came while a merge held, and between whom."""
    merge_id = UUID(str(payload["merge"]))
    merge = queries.merge_by_id(merge_id=merge_id)
    if merge is None:
        return Proposal("نقل بعد تراجع عن دمج غير موجود", "Move after a merge that is not there")
    back, stayed = merge.merged_id, merge.into_id
    people = _people(actor, at, (back, stayed))
    chosen = set(payload["positions"])
    rows = [one for one in queries.came_since(merge_id=merge_id) if one.position in chosen]
    return Proposal(
        text_ar=f"نقل ما ورد بعد الدمج من سجل «{_name(people, stayed, 'ar')}»"
        f" إلى سجل «{_name(people, back, 'ar')}»",
        text_en=f"Move what came while merged from “{_name(people, stayed, 'en')}”"
        f" to “{_name(people, back, 'en')}”",
        details=(
            Detail("عدد ما ينقل", "How many", len(rows)),
            *(Detail("ينقل", "Moved", f"{one.name} {one.label}".strip()) for one in rows),
            *_details(people.get(stayed), "السجل الباقي", "Record that stays"),
            *_details(people.get(back), "السجل العائد", "Record that comes back"),
        ),
    )


def civil_id_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Whose number changes, from which to which, and by which paper; the read is recorded."""
    customer_id = UUID(str(payload["customer"]))
    people = _people(actor, at, (customer_id,))
    view, wanted = people.get(customer_id), proposed_civil_id(payload)
    return Proposal(
        text_ar=f"تغيير الرقم المدني للعميل «{_name(people, customer_id, 'ar')}»",
        text_en=f"Change the civil number of “{_name(people, customer_id, 'en')}”",
        details=(
            Detail("الرقم المسجل", "Number on record", (view and view.civil_id_masked) or "—"),
            Detail("الرقم الجديد", "New number", wanted.masked),
            Detail("يسري من", "In force from", date.fromisoformat(str(payload["effective_on"]))),
            Detail("المستند", "Paper", str(payload["evidence"])),
        ),
    )


def proposed_civil_id(payload: Payload) -> CivilId:
    """The number that waits sealed in a proposal."""
    sealed = base64.b64decode(str(payload["civil_id"]))
    return CivilId(secrets.unseal(sealed, context=CIVIL_ID_PROPOSED).decode())


def _people(actor: Actor, at: datetime, ids: tuple[UUID, ...]) -> dict[UUID, CustomerView]:
    purpose = Purpose.AUDIT if actor.has("auditor") else Purpose.CUSTOMER_SERVICE
    return queries.by_ids(actor=actor, at=at, purpose=purpose, customer_ids=ids)


def _name(people: dict[UUID, CustomerView], customer_id: UUID, language: str) -> str:
    view = people.get(customer_id)
    return view.name(language) if view else str(customer_id)


def _details(view: CustomerView | None, ar: str, en: str) -> tuple[Detail, ...]:
    if view is None:
        return ()
    state_ar, state_en = STATES[view.identity]
    return (
        Detail(f"{ar}: الرقم المدني", f"{en}: civil number", view.civil_id_masked or "—"),
        Detail(f"{ar}: الهاتف", f"{en}: mobile", view.mobile_masked or "—"),
        Detail(f"{ar}: الهوية ({state_ar})", f"{en}: identity ({state_en})", view.verified_at),
    )

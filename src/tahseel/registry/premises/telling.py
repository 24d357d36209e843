"""Tells a change of a billed price to the one who decides: the unit, what changes, which days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.registry.premises import history, queries, rules
from tahseel.registry.premises.values import (
    CERTIFY,
    RESHAPE,
    RESHARE,
    REZONE,
    WITHDRAW,
    reshaping_of,
    resharing_of,
)
from tahseel.trust.approvals.values import Detail, InWords, Payload, Proposal


def certificate_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which certificate, of which unit, from which day."""
    return Proposal(
        text_ar=f"تسجيل الشهادة {payload['number']} على أشهر محتسبة أو مفوترة",
        text_en=f"Record certificate {payload['number']} over months determined or billed",
        details=(*_certificate(payload), *_days(payload)),
    )


def withdrawal_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which certificate is taken back, and since when."""
    return Proposal(
        text_ar=f"سحب الشهادة {payload['number']} من أشهر محتسبة أو مفوترة",
        text_en=f"Withdraw certificate {payload['number']} from months determined or billed",
        details=(*_certificate(payload), *_days(payload)),
    )


def sector_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """From which sector to which, and for how many homes."""
    old = history.TERMS.get(payload["before"], ("—", "—"))
    new = history.TERMS[payload["sector"]]
    return Proposal(
        text_ar=f"تغيير قطاع وحدة إلى «{new[0]}» على أشهر محتسبة أو مفوترة",
        text_en=f"Change a unit's sector to “{new[1]}” over months determined or billed",
        details=(
            *_place(payload),
            Detail("القطاع الحالي", "Sector now", " / ".join(old)),
            Detail("القطاع الجديد", "New sector", " / ".join(new)),
            Detail("عدد المساكن", "Dwellings", int(payload["dwellings"])),
            *_days(payload),
        ),
    )


def reshaping_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which units cease to stand, what comes of them, and by which paper."""
    act = reshaping_of(payload)
    word = history.TERMS[act.state]
    heirs = [(*history.TERMS[unit.kind], *history.TERMS[unit.sector], unit) for unit in act.into]
    said = {
        "ar": "، ".join(f"{kind} {one.number} ({sector})" for kind, _, sector, _, one in heirs),
        "en": ", ".join(f"{kind} {one.number} ({sector})" for _, kind, _, sector, one in heirs),
    }
    gone = sum(unit is None for unit in act.points.values())
    return Proposal(
        text_ar=f"وحدات «{word[0]}» في أشهر محتسبة أو مفوترة",
        text_en=f"Units {word[1]} in months determined or billed",
        details=(
            *(detail for unit in act.unit_ids for detail in _address(unit)),
            Detail("ما ينشأ عنها (عربي)", "What comes of them (Arabic)", said["ar"] or "—"),
            Detail("ما ينشأ عنها (لاتيني)", "What comes of them (Latin)", said["en"] or "—"),
            Detail("نقاط تبقى في الخدمة", "Points that stay in use", len(act.points) - gone),
            Detail("نقاط تخرج من الخدمة", "Points out of use", gone),
            Detail("الرخصة أو القرار", "Permit or decision", act.reference),
            *_days(payload),
        ),
    )


def resharing_in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """Which unit, through whose point, begins or ends."""
    act = resharing_of(payload)
    arabic, latin = (queries.address(unit_id=act.supplier_id, language=one) for one in ("ar", "en"))
    begins = act.id is not None
    return Proposal(
        text_ar=("تغذية وحدة من خلال أخرى" if begins else "فصل تغذية وحدة عن أخرى")
        + " في أشهر محتسبة أو مفوترة",
        text_en=("Supply a unit through another" if begins else "Separate a unit's supply")
        + " in months determined or billed",
        details=(
            *_place(payload),
            Detail("الوحدة المغذية (عربي)", "Supplying unit (Arabic)", arabic),
            Detail("الوحدة المغذية (لاتيني)", "Supplying unit (Latin)", latin),
            *((Detail("الحصة", "Share", act.share),) if begins else ()),
            *_days(payload),
        ),
    )


def _certificate(payload: Payload) -> tuple[Detail, ...]:
    kind = " / ".join(history.TERMS.get(payload["kind"], (payload["kind"],)))
    return (
        *_place(payload),
        Detail("نوع الشهادة", "Kind of certificate", kind),
        Detail("رقم الشهادة", "Certificate number", payload["number"]),
    )


def _place(payload: Payload) -> tuple[Detail, ...]:
    return _address(UUID(payload["unit"]))


def _address(unit_id: UUID) -> tuple[Detail, ...]:
    arabic, latin = (queries.address(unit_id=unit_id, language=one) for one in ("ar", "en"))
    return (
        Detail("العنوان (عربي)", "Address (Arabic)", arabic),
        Detail("العنوان (لاتيني)", "Address (Latin)", latin),
    )


def _days(payload: Payload) -> tuple[Detail, ...]:
    return (
        Detail("يسري من", "In force from", date.fromisoformat(payload["from_day"])),
        Detail("حتى (غير مشمول)", "Until (not included)", rules.until_day(payload)),
    )


IN_WORDS: Mapping[str, InWords] = {
    CERTIFY: certificate_in_words,
    REZONE: sector_in_words,
    WITHDRAW: withdrawal_in_words,
    RESHAPE: reshaping_in_words,
    RESHARE: resharing_in_words,
}

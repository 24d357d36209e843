"""Tells a change of a billed price to the one who decides: the unit, what changes, which days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from tahseel.kernel.actor import Actor
from tahseel.registry.premises import history, queries, rules
from tahseel.registry.premises.values import CERTIFY, REZONE, WITHDRAW
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


def _certificate(payload: Payload) -> tuple[Detail, ...]:
    kind = " / ".join(history.TERMS.get(payload["kind"], (payload["kind"],)))
    return (
        *_place(payload),
        Detail("نوع الشهادة", "Kind of certificate", kind),
        Detail("رقم الشهادة", "Certificate number", payload["number"]),
    )


def _place(payload: Payload) -> tuple[Detail, ...]:
    unit_id = UUID(payload["unit"])
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
}

"""From stored rows to values: an application with its quotation, a step, a paper."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from tahseel.channels.services import models
from tahseel.channels.services.values import (
    Application,
    EvidenceView,
    FeeLine,
    Quotation,
    State,
    StepView,
    Verdict,
)
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service


def application_of(row: models.Application) -> Application:
    """The value of a row."""
    return Application(
        id=row.id,
        reference=row.reference,
        service=row.service,
        state=State(row.state),
        applicant_id=row.applicant_id,
        unit_id=row.unit_id,
        account_id=row.account_id,
        services=frozenset(Service(service) for service in row.services),
        load_kw=row.load_kw,
        added_kw=row.added_kw,
        until_day=row.until_day,
        purpose=row.purpose,
        verdict=Verdict(row.verdict) if row.verdict else None,
        demand_kw=row.demand_kw,
        quotation=quotation_of(row.quotation) if row.quotation else None,
        claim_id=row.claim_id,
        deadline=row.deadline,
        state_since=row.state_since,
        applied_at=row.applied_at,
        studied_by=row.studied_by,
        inspected_by=row.inspected_by,
        energised_by=row.energised_by,
        inspections=row.inspections,
    )


def stored_quotation(quotation: Quotation) -> dict[str, Any]:
    """A quotation as JSON; amounts in fils."""
    return {
        "book_from": quotation.book_from.isoformat(),
        "confidence": quotation.confidence,
        "valid_until": quotation.valid_until.isoformat(),
        "lines": [
            {
                "code": line.code,
                "name_ar": line.name_ar,
                "name_en": line.name_en,
                "quantity": line.quantity,
                "unit_fils": line.unit_price.fils,
                "fils": line.amount.fils,
                "refundable": line.refundable,
            }
            for line in quotation.lines
        ],
    }


def quotation_of(stored: dict[str, Any]) -> Quotation:
    """What `stored_quotation` was given."""
    lines = tuple(
        FeeLine(
            line["code"], line["name_ar"], line["name_en"], line["quantity"],
            Money(line["unit_fils"]), Money(line["fils"]), line["refundable"],
        )
        for line in stored["lines"]
    )  # fmt: skip
    return Quotation(
        lines,
        date.fromisoformat(stored["book_from"]),
        stored["confidence"],
        date.fromisoformat(stored["valid_until"]),
    )


def step_of(row: models.Step) -> StepView:
    """One step of the course."""
    return StepView(
        row.position, row.step, State(row.state), row.at, row.actor, row.actor_label, row.facts
    )


def evidence_of(row: tuple[UUID, str, str, str, int, bytes, Any]) -> EvidenceView:
    """A paper without its content."""
    paper_id, kind, file_name, media_type, size, digest, added_at = row
    return EvidenceView(paper_id, kind, file_name, media_type, size, bytes(digest).hex(), added_at)

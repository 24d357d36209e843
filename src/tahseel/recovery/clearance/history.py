"""What clearance tells of a customer: transactions held, and holds that fell."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_OPEN, _CLOSE = ("clearance.hold_opened",), ("clearance.hold_closed",)
ACTS = frozenset({*_OPEN, *_CLOSE, "clearance.open_due_holds"})

WORDS: Words = {
    "clearance.held": (
        "أُوقفت معاملات {gate} بمبلغ {amount_fils} (المرجع {reference})",
        "Held at the gate “{gate}” for {amount_fils} (reference {reference})",
    ),
    "clearance.released": (
        "رُفع إيقاف معاملات {gate} (المرجع {reference})",
        "The hold at the gate “{gate}” was lifted (reference {reference})",
    ),
}
TERMS: Words = {
    "exit": ("المغادرة", "exit"),
    "residency": ("الإقامة", "residency"),
    "driving_licence": ("رخصة القيادة", "driving licence"),
    "vehicle": ("المركبات", "vehicle"),
    "other": ("أخرى", "other transactions"),
}


def _holds(code: str, acts: tuple[str, ...], column: str) -> Branch:
    return Branch(
        code,
        "customers",
        acts,
        f"""select h.{column}, {day_of(f"h.{column}")}, h.id, 'hold', h.id, '', h.id::text,
          jsonb_build_object('gate', h.gate, 'reference', h.reference,
            'amount_fils', h.amount_fils)
        from clearance_hold h
        where h.customer_id = any(%(customers)s::uuid[]) and h.{column} is not null""",
    )


_BRANCHES = (
    _holds("clearance.held", _OPEN, "opened_at"),
    _holds("clearance.released", _CLOSE, "closed_at"),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

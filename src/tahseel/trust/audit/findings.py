"""How what was tampered with is named, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tahseel.trust.audit.values import Finding, Tampering

FINDINGS_MAX = 10_000
_TEXTS = {
    Tampering.LEAF_ALTERED: ("قيد غُيّر محتواه", "A leaf's content was changed"),
    Tampering.LEAF_MISSING: ("قيد محذوف", "A leaf is missing"),
    Tampering.LEAF_EXTRA: ("قيد مضاف خارج التسلسل", "A leaf was added outside the sequence"),
    Tampering.LEAVES_REORDERED: ("قيد غُيّر ترتيبه", "A leaf was moved to another place"),
    Tampering.TREE_ALTERED: (
        "قيود لا تطابق الجذر المختوم",
        "Leaves no longer give the sealed root",
    ),
    Tampering.NODE_ALTERED: ("عقدة في الشجرة غُيّرت", "A stored subtree was changed"),
    Tampering.CHECKPOINT_ALTERED: ("نقطة تحقق غُيّرت", "A checkpoint was changed"),
    Tampering.CHECKPOINT_MISSING: ("نقطة تحقق محذوفة", "A checkpoint is missing"),
    Tampering.HISTORY_REWRITTEN: (
        "السجل لا يطابق جذرًا محفوظًا خارجه",
        "The log does not continue a root that was kept elsewhere",
    ),
}


def leaf(leaf_id: UUID, position: int | None) -> str:
    return f"leaf {leaf_id}" if position is None else f"leaf {leaf_id} at {position}"


def index(position: int) -> str:
    return f"index {position}"


def node(level: int, place: int) -> str:
    return f"node {level}/{place}"


def checkpoint(size: int) -> str:
    return f"checkpoint {size}"


def span(first: int, end: int) -> str:
    """Leaves [first, end), printed with both ends inside."""
    return f"leaves {first} to {end - 1}"


def instant(at: datetime) -> str:
    """An instant as leaves write it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


class Findings:
    """Collects findings, up to FINDINGS_MAX, without saying the same thing twice."""

    def __init__(self) -> None:
        self._found: dict[tuple[Tampering, str], None] = {}
        self._misfits: list[list[int]] = []

    def add(self, kind: Tampering, where: str) -> None:
        if len(self._found) < FINDINGS_MAX:
            self._found[kind, where] = None

    def misfit(self, first: int, end: int) -> None:
        """Leaves [first, end) do not give the stored subtrees; touching ranges become one."""
        if self._misfits and first <= self._misfits[-1][1]:
            last = self._misfits[-1]
            last[:] = [min(last[0], first), max(last[1], end)]
        elif len(self._misfits) < FINDINGS_MAX:
            self._misfits.append([first, end])

    def all(self) -> tuple[Finding, ...]:
        spans: list[tuple[Tampering, str]] = [
            (Tampering.TREE_ALTERED, span(first, end)) for first, end in self._misfits
        ]
        return tuple(_finding(kind, where) for kind, where in [*self._found, *spans])


def _finding(kind: Tampering, where: str) -> Finding:
    text_ar, text_en = _TEXTS[kind]
    return Finding(kind, where, text_ar, text_en)


def as_dict(finding: Finding) -> dict[str, Any]:
    """A finding for JSON."""
    return {
        "kind": str(finding.kind),
        "where": finding.where,
        "text_ar": finding.text_ar,
        "text_en": finding.text_en,
    }

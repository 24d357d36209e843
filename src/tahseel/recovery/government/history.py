"""What agreements with bodies tell: concluded, and ended."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_CONCLUDE = ("government.conclude_agreement",)
_END = ("government.end_agreement", *_CONCLUDE)
_ANNUL = ("government.annul_agreement",)
ACTS = frozenset({*_END, *_ANNUL})

WORDS: Words = {
    "government.agreed": (
        "اتفاقية {number} ({kind}): {subject}، من {from_day}",
        "Agreement {number} ({kind}): {subject}, from {from_day}",
    ),
    "government.ended": (
        "انتهت الاتفاقية {number} ({kind})",
        "Agreement {number} ({kind}) ended",
    ),
    "government.annulled": (
        "أُلغيت الاتفاقية {number} ({kind}): {reason}",
        "Agreement {number} ({kind}) was annulled: {reason}",
    ),
}
TERMS: Words = {
    "supply": ("تزويد", "supply"),
    "settlement": ("تسوية مديونية", "settlement of a debt"),
}


def _branch(code: str, acts: tuple[str, ...], at: str, day: str, actor: str) -> Branch:
    return Branch(
        code,
        "customers",
        acts,
        f"""select {at}, {day}, g.id, 'customer', g.body_id, {actor}, g.id::text,
          jsonb_build_object('number', g.number, 'kind', g.kind, 'from_day', g.from_day,
            'subject', g.subject_ar || ' | ' || g.subject_en, 'reason', g.annulled_because)
        from government_agreement g
        where g.body_id = any(%(customers)s::uuid[]) and {day} is not null""",
    )


_BRANCHES = (
    _branch("government.agreed", _CONCLUDE, "g.recorded_at", "g.from_day", "g.recorded_by"),
    _branch(
        "government.ended",
        _END,
        dated("g.until_day"),
        "g.until_day",
        "case when g.ended_at is null then g.recorded_by else g.ended_by end",
    ),
    _branch(
        "government.annulled", _ANNUL, "g.annulled_at", day_of("g.annulled_at"), "g.annulled_by"
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

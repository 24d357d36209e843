"""What notices tell of a customer: what was told, by which means, and whether it was served."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_ISSUE = ("notices.issue",)
_DELIVER = ("notices.record_delivery", "notices.record_deliveries", "collections.record_service")
ACTS = frozenset({*_ISSUE, *_DELIVER, "notices.issue_many"})

WORDS: Words = {
    "notices.issued": (
        "أُرسل إشعار: {about} (المرجع {reference})",
        "Notice sent: {about} (reference {reference})",
    ),
    "notices.delivered": (
        "حالة تسليم الإشعار {reference}: {status}",
        "Delivery of notice {reference}: {status}",
    ),
    "notices.served": (
        "أُعلن الإشعار {reference} قانونًا ({status})",
        "Notice {reference} was served in law ({status})",
    ),
}
TERMS: Words = {
    "sent": ("أُرسل", "sent"),
    "delivered": ("سُلّم", "delivered"),
    "failed": ("تعذر التسليم", "failed"),
    "opened": ("فُتح", "opened"),
    "returned": ("أُعيد", "returned"),
}


def _deliveries(code: str, which: str) -> Branch:
    return Branch(
        code,
        "customers",
        _DELIVER,
        f"""select d.occurred_at, {day_of("d.occurred_at")}, d.id, 'notice', n.id, d.recorded_by,
          n.id::text, jsonb_build_object('status', d.status, 'channel', n.channel,
            'reference', n.reference, 'recorded_at', d.recorded_at)
        from notices_delivery d join notices_notice n on n.id = d.notice_id
        where n.recipient_customer_id = any(%(customers)s::uuid[]) and {which}""",
    )


_BRANCHES = (
    Branch(
        "notices.issued",
        "customers",
        _ISSUE,
        f"""select n.issued_at, {day_of("n.issued_at")}, n.id, 'notice', n.id, '', n.id::text,
          jsonb_build_object('about', n.subject, 'channel', n.channel, 'reference', n.reference)
        from notices_notice n where n.recipient_customer_id = any(%(customers)s::uuid[])
          and not n.kind = any(%(told)s::text[])""",
    ),
    _deliveries("notices.delivered", "not d.serves"),
    _deliveries("notices.served", "d.serves"),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

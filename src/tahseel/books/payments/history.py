"""What payments tell: money that reached an account."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_POST = ("payments.record_received", "payments.record_many", "payments.confirm")
ACTS = frozenset(_POST)

WORDS: Words = {
    "payments.posted": (
        "سداد {amount_fils} ({tender})، المرجع {reference}",
        "Paid {amount_fils} ({tender}), reference {reference}",
    ),
}
TERMS: Words = {
    "knet": ("كي نت", "K-Net"),
    "knet_terminal": ("جهاز كي نت", "K-Net terminal"),
    "cash": ("نقدًا", "cash"),
    "cheque": ("شيك", "cheque"),
    "offline_counter": ("مكتب دون اتصال", "counter without a connection"),
    "bank_transfer": ("تحويل بنكي", "bank transfer"),
}
_BRANCHES = (
    Branch(
        "payments.posted",
        "accounts",
        _POST,
        """select p.posted_at, p.business_date, p.id, 'account', p.account_id, '',
          case when p.intent_id is null then p.id::text else '' end,
          jsonb_build_object('amount_fils', p.amount, 'tender', p.tender, 'channel', p.channel,
            'reference', coalesce(nullif(p.reference, ''), '—'))
        from payments_payment p where p.account_id = any(%(accounts)s::uuid[])
          and (%(only)s::uuid is null or p.customer_id = %(only)s::uuid)""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

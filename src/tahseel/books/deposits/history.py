"""What deposits tell of an account: taken or guaranteed, ended, and paid back."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_TAKE = (
    "deposits.take",
    "deposits.hold",
    "deposits.record_held",
    "deposits.record_lines",
    "deposits.owe_back",
)
_DEMAND = ("deposits.demand",)
_DEMAND_END = ("deposits.take", "deposits.withdraw_demand", "deposits.settle", *_DEMAND)
_PROPOSE = ("deposits.review",)
_END, _REFUND = ("deposits.settle", "deposits.owe_back"), ("deposits.pay_refund",)
ACTS = frozenset({*_TAKE, *_END, *_REFUND, *_DEMAND, *_DEMAND_END, *_PROPOSE})

WORDS: Words = {
    "deposits.taken": (
        "استُلم تأمين ({kind}) بمبلغ {amount_fils}",
        "A deposit ({kind}) of {amount_fils} was taken",
    ),
    "deposits.ended": (
        "انتهى تأمين ({kind}) بمبلغ {amount_fils}: {state}، خُصم منه {netted_fils}",
        "A deposit ({kind}) of {amount_fils} ended: {state}, {netted_fils} of it netted",
    ),
    "deposits.refunded": (
        "رُدّ من التأمين {refund_fils}",
        "Of the deposit {refund_fils} was paid back",
    ),
    "deposits.proposed": (
        "اقترحت مراجعة التأمينات: {kind}، المحتفظ به {held_fils} والمطلوب {wanted_fils}",
        "The review of deposits proposed: {kind}; {held_fils} is held, {wanted_fils} wanted",
    ),
    "deposits.demanded": (
        "طُلب استكمال التأمين بمبلغ {amount_fils} قبل {due_on}",
        "{amount_fils} more was demanded as a deposit before {due_on}",
    ),
    "deposits.demand_ended": (
        "انتهى طلب استكمال التأمين بمبلغ {amount_fils}: {state}",
        "The demand of {amount_fils} more as a deposit ended: {state}",
    ),
}
TERMS: Words = {
    "met": ("اكتمل", "it is there"),
    "withdrawn": ("سُحب الطلب", "taken back"),
    "raise": ("رفع التأمين", "to raise the deposit"),
    "return": ("رد الزائد من التأمين", "to give back what is too much"),
    "renew": ("تجديد الكفالة", "to renew the guarantee"),
    "overtaken": ("حل محله غيره", "overtaken"),
    "cash": ("نقدي", "cash"),
    "guarantee": ("كفالة مصرفية", "bank guarantee"),
    "settled": ("سُوّي", "settled"),
    "refund_due": ("يستحق الرد", "to be paid back"),
    "refunded": ("رُدّ", "paid back"),
    "released": ("أُعيدت الكفالة", "given back"),
    "called": ("طولب به المصرف", "demanded from the bank"),
}
_ROWS = """
jsonb_build_object('kind', d.kind, 'amount_fils', d.amount, 'state', d.state,
  'netted_fils', d.netted, 'refund_fils', d.refund{more})
from deposits_deposit d where d.account_id = any(%(accounts)s::uuid[])
  and (%(only)s::uuid is null or d.customer_id = %(only)s::uuid)
"""


def _on(code: str, acts: tuple[str, ...], column: str, subject: str) -> Branch:
    return Branch(
        code,
        "accounts",
        acts,
        f"""select {dated(f"d.{column}")}, d.{column}, d.id, 'account', d.account_id, '',
          {subject}::text, {_ROWS.format(more="")} and d.{column} is not null""",
    )


def _demand(code: str, acts: tuple[str, ...], column: str) -> Branch:
    return Branch(
        code,
        "accounts",
        acts,
        f"""select {dated(f"d.{column}")}, d.{column}, d.id, 'account', d.account_id, '',
          d.account_id::text, jsonb_build_object('amount_fils', d.amount, 'due_on', d.due_on,
            'state', d.state)
        from deposits_demand d where d.account_id = any(%(accounts)s::uuid[])
          and (%(only)s::uuid is null or d.customer_id = %(only)s::uuid)
          and d.{column} is not null""",
    )


_BRANCHES = (
    Branch(
        "deposits.taken",
        "accounts",
        _TAKE,
        f"""select {dated("d.taken_on")}, d.taken_on, d.id, 'account', d.account_id, d.actor,
          d.id::text, {_ROWS.format(more=", 'recorded_at', d.recorded_at")}""",
    ),
    _on("deposits.ended", _END, "ended_on", "d.account_id"),
    _on("deposits.refunded", _REFUND, "refunded_on", "d.id"),
    Branch(
        "deposits.proposed",
        "accounts",
        _PROPOSE,
        f"""select d.recorded_at, {day_of("d.recorded_at")}, d.id, 'account', d.account_id, '', '',
          jsonb_build_object('kind', d.kind, 'held_fils', d.held, 'wanted_fils', d.wanted)
        from deposits_proposal d where d.account_id = any(%(accounts)s::uuid[])
          and (%(only)s::uuid is null or d.customer_id = %(only)s::uuid)""",
    ),
    _demand("deposits.demanded", _DEMAND, "demanded_on"),
    _demand("deposits.demand_ended", _DEMAND_END, "ended_on"),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

"""What was collected for somebody else is paid over: a statement, and two people.

Of each charge what has been met of its claim is due to the party, less what was paid over before.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import Entry
from tahseel.charging.charges import queries, rules
from tahseel.charging.charges.values import PAY_OVER, PartyLine
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.trust.access.rules import require
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as approvals_queries
from tahseel.trust.approvals.values import Detail, Payload, Proposal
from tahseel.trust.audit import operations as audit

MAKERS = ("revenue_manager", "office_head")
CHECKERS = {0: ("revenue_manager",)}
REFERENCE_MAX = 80
BANK = "bank"


class NothingDue(Refusal):
    """Nothing was collected for the party that it has not got."""

    code = "party_nothing_due"
    text_ar = "لا يوجد مبلغ محصل مستحق للجهة {party}"
    text_en = "Nothing that was collected is due to {party}"


class StatementChanged(Refusal):
    """What is due is not any more what was asked for."""

    code = "party_statement_changed"
    text_ar = "تغيّر المستحق للجهة من {before} إلى {now} منذ الطلب"
    text_en = "What is due to the party has changed from {before} to {now} since it was asked for"
    http_status = 409


class PayOverWaits(Refusal):
    """It is asked for, and nobody has decided yet."""

    code = "party_pay_over_waits"
    text_ar = "التوريد لهذه الجهة بانتظار الاعتماد"
    text_en = "Paying over to this party waits for an approval"
    http_status = 409


@audit.audited("charges.ask_pay_over", subject="party")
def ask_pay_over(
    *, actor: Actor, at: datetime, approval_id: UUID, party: str, reference: str
) -> UUID:
    """Ask that all that is due to a party be paid over; returns the approval's id.

    reference: the transfer order. The same id answers the same. Raises NotAllowed, NothingDue,
    PayOverWaits, and what `approvals.submit` raises.
    """
    require(actor, *MAKERS)
    if approvals_queries.find(approval_id) is not None:
        return approval_id
    lines = unpaid(party=party)
    waiting = approvals_queries.waiting(as_of=at, operation=PAY_OVER)
    if any(view.payload["party"] == party for view in waiting):
        raise PayOverWaits()
    fils = sum(line.unpaid.fils for line in lines)
    audit.note(fils=fils, count=len(lines))
    payload = {"party": party, "fils": fils, "reference": reference.strip()[:REFERENCE_MAX]}
    return approvals.submit(
        actor=actor, at=at, operation=PAY_OVER, payload=payload, reason=reference,
        approval_id=approval_id,
    )  # fmt: skip


def unpaid(*, party: str) -> list[PartyLine]:
    """The charges of a party of which something is due. Raises NothingDue."""
    lines = [line for line in queries.statement(party=party) if line.unpaid.fils > 0]
    if not lines:
        raise NothingDue(party=party[:REFERENCE_MAX])
    return lines


def pay_over_agreed(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> int:
    """What runs once the second person agrees; returns the fils paid over."""
    return _pay_over(
        actor=actor,
        at=at,
        approval_id=approval_id,
        party=str(payload["party"]),
        fils=int(payload["fils"]),
        reference=str(payload["reference"]),
    )


@audit.audited("charges.pay_over", subject="party")
def _pay_over(
    *, actor: Actor, at: datetime, approval_id: UUID, party: str, fils: int, reference: str
) -> int:
    ledger.lock_accounts({line.charge.account_id for line in queries.statement(party=party)})
    lines = unpaid(party=party)
    now = sum(line.unpaid.fils for line in lines)
    if now != fils:
        raise StatementChanged(before=Money(fils).dinars(), now=Money(now).dinars())
    entries = [_entry(line, approval_id, at) for line in lines]
    ledger.post_many(actor=actor, at=at, entries=entries)
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into charges_paid_over (account_id, charge_id, id, party, amount, reference,"
            " paid_on) values (%s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    line.charge.account_id,
                    line.charge.id,
                    approval_id,
                    party,
                    line.unpaid.fils,
                    reference,
                    local_day(at),
                )
                for line in lines
            ],
        )
    audit.note(fils=now, count=len(lines))
    return now


def _entry(line: PartyLine, approval_id: UUID, at: datetime) -> Entry:
    return Entry(
        id=derived_id(approval_id, "paid-over", str(line.charge.id)),
        account_id=line.charge.account_id,
        debit=rules.kind(line.charge.kind).ledger,
        credit=BANK,
        amount=line.unpaid,
        business_date=local_day(at),
        source="pay-over",
        source_id=approval_id,
    )


def in_words(*, actor: Actor, at: datetime, payload: Payload) -> Proposal:
    """To whom, how much, by which order."""
    return Proposal(
        text_ar="توريد المحصل لحساب جهة أخرى",
        text_en="Pay over what was collected for another party",
        details=(
            Detail("الجهة", "Party", str(payload["party"])),
            Detail("المبلغ", "Amount", Money(int(payload["fils"]))),
            Detail("أمر التحويل", "Transfer order", str(payload["reference"])),
        ),
    )


def register() -> None:
    """Called when the product is assembled."""
    approvals.register(PAY_OVER, pay_over_agreed, roles=CHECKERS, makers=MAKERS, in_words=in_words)

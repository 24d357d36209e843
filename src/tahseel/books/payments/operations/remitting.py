"""One payment of a company over the claims of all its accounts, as its remittance advice says.

The advice is a file: a claim's reference and an amount a line. It is taken whole or not at all:
what does not add up to the payment, or names what is not owed under the main account, is refused.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tahseel.books.claims import queries as claims
from tahseel.books.claims.values import Claim
from tahseel.books.ledger import operations as ledger
from tahseel.books.payments.operations.recording import ROLES, record_many
from tahseel.books.payments.values import Received, RecordReport
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import ZERO, Money
from tahseel.kernel.text import to_latin_digits
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

HEADING = ["reference", "amount"]
FILE_BYTES_MAX = 5_000_000
LINES_MAX = 20_000


class AdviceWrong(Refusal):
    """The advice cannot be read; the line is named."""

    code = "remittance_advice_wrong"
    text_ar = "إشعار التحويل غير صالح في السطر {line}: {reason}"
    text_en = "The remittance advice is wrong in line {line}: {reason}"


class AdviceDoesNotAddUp(Refusal):
    """The lines come to another sum than the payment."""

    code = "remittance_does_not_add_up"
    text_ar = "مجموع سطور الإشعار {sum} لا يساوي المبلغ {amount}"
    text_en = "The advice's lines come to {sum}, and the payment is {amount}"


class NotOwedThere(Refusal):
    """No open claim under the main account has the reference, or less of it is open."""

    code = "remittance_not_owed"
    text_ar = "المطالبة {reference}: المستحق غير المعترض عليه {open} أقل من {amount}"
    text_en = "Claim {reference}: {open} of it is open and undisputed, less than {amount}"
    http_status = 409


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """One line: so much of the payment is for this claim."""

    line: int
    reference: str
    amount: Money


def read_advice(content: bytes) -> list[AdviceLine]:
    """The lines of an advice (CSV: reference, amount in dinars). Raises AdviceWrong."""
    if len(content) > FILE_BYTES_MAX:
        raise AdviceWrong(line=0, reason=f"> {FILE_BYTES_MAX} bytes")
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        if [cell.strip() for cell in next(rows, [])] != HEADING:
            raise AdviceWrong(line=1, reason=",".join(HEADING))
        found = [_line(rows.line_num, row) for row in rows if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise AdviceWrong(line=0, reason="CSV, UTF-8") from error
    if not 0 < len(found) <= LINES_MAX:
        raise AdviceWrong(line=0, reason=f"{len(found)} lines")
    twice = [name for name, n in Counter(one.reference for one in found).items() if n > 1]
    if twice:
        raise AdviceWrong(line=0, reason=f"{twice[0]} twice")
    return found


def _line(number: int, row: Sequence[str]) -> AdviceLine:
    try:
        reference, amount = (cell.strip() for cell in row)
        money = Money.parse(to_latin_digits(amount))
    except ValueError:
        raise AdviceWrong(line=number, reason=",".join(row)[:80]) from None
    if money.fils <= 0 or not reference or "\0" in reference:
        raise AdviceWrong(line=number, reason=",".join(row)[:80].replace("\0", ""))
    return AdviceLine(number, reference, money)


@audit.audited("payments.record_remittance", subject="account_id")
def record_remittance(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002 - the contract's word
    account_id: UUID,
    amount: Money,
    tender: str,
    reference: str,
    business_date: date,
    advice: Sequence[AdviceLine],
) -> RecordReport:
    """Post one payment over the claims under a main account, all or nothing.

    The same payment again, under its own id, changes nothing. Raises NotAllowed,
    AdviceDoesNotAddUp, NotOwedThere, NotFound (account, tender), ReceivedDiffers.
    """
    require(actor, *ROLES)
    told = Money(sum(one.amount.fils for one in advice))
    if told != amount or not advice:
        raise AdviceDoesNotAddUp(sum=told.dinars(), amount=amount.dinars())
    if account_id not in supply.accounts(account_ids=[account_id]):
        raise NotFound(account=str(account_id))
    with transaction.atomic():
        accounts = under(account_id=account_id, day=business_date)
        ledger.lock_accounts(accounts)
        found = {one.reference: one for each in accounts for one in claims.claims(each)}
        pairs = [(one, _owed(found.get(one.reference), one)) for one in advice]
        received = [
            Received(
                id=derived_id(id, "remitted", str(claim.id)),
                account_id=claim.account_id,
                customer_id=claim.customer_id,
                amount=one.amount,
                tender=tender,
                received_at=at,
                business_date=business_date,
                reference=reference,
                claim_ids=(claim.id,),
            )
            for one, claim in pairs
        ]
        known = claims.applied_before([(one.account_id, one.id) for one in received])
        for (one, claim), paid in zip(pairs, received, strict=True):
            if (paid.account_id, paid.id) not in known and one.amount > claim.payable:
                raise _short(one, claim.payable)
        done = record_many(actor=actor, at=at, received=received)
    audit.note(amount_fils=amount.fils, lines=len(advice), reference=reference)
    return done


def _owed(claim: Claim | None, one: AdviceLine) -> Claim:
    if claim is None:
        raise _short(one, ZERO)
    return claim


def _short(one: AdviceLine, payable: Money) -> NotOwedThere:
    return NotOwedThere(
        reference=one.reference[:80], open=payable.dinars(), amount=one.amount.dinars()
    )


def under(*, account_id: UUID, day: date) -> set[UUID]:
    """A main account and all accounts under it on a day."""
    tree = supply.accounts_under(account_id=account_id, day=day)
    return {account_id, *(one.id for one in tree)}

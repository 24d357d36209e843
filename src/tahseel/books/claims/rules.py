"""Which claims a payment meets: quoted ones first, then the oldest due; never a disputed part."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from tahseel.books.claims.values import (
    Allocation,
    Claim,
    CreditOrder,
    CreditPolicy,
    PaymentPart,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import ZERO, Money


class CreditRuleWrong(Refusal):
    """The rule by which credit is used cannot be read."""

    code = "credit_rule_wrong"
    text_ar = "قاعدة استخدام الرصيد الدائن غير صالحة: {reason}"
    text_en = "The rule of how credit is used is wrong: {reason}"


_installed: list[CreditPolicy] = []


def load_credit_policy(data: bytes) -> CreditPolicy:
    """Read the rule by which credit meets claims (TOML, `[use]`). Raises CreditRuleWrong."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))["use"]
        kinds = raw["left_alone"]
        if type(raw["at_once"]) is not bool or not all(type(kind) is str for kind in kinds):
            raise ValueError("at_once is true or false, left_alone a list of kinds of claims")
        return CreditPolicy(CreditOrder(raw["order"]), raw["at_once"], frozenset(kinds))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise CreditRuleWrong(reason=str(error)) from error


def install_credit_policy(policy: CreditPolicy) -> None:
    """Called once by `app` with the country's rule."""
    _installed[:] = [policy]


def credit_policy() -> CreditPolicy:
    """The installed rule; before `install_credit_policy`, at once and the oldest due first."""
    return _installed[0] if _installed else CreditPolicy()


def meets(claims: Iterable[Claim], customer_id: UUID) -> list[Claim]:
    """The claims that a customer's credit may meet, in the order of the country's rule."""
    policy = credit_policy()
    own = [
        claim
        for claim in claims
        if claim.customer_id == customer_id
        and claim.payable.fils > 0
        and claim.kind not in policy.left_alone
    ]
    if policy.order is CreditOrder.OLDEST_OPENED:
        return sorted(own, key=lambda claim: (claim.opened_on, claim.due_date, claim.reference))
    return sorted(own, key=age)


def age(claim: Claim) -> tuple[date, date, str]:
    """Sorts claims from the oldest due on; the reference decides between equals."""
    return claim.due_date, claim.opened_on, claim.reference


def allocate(
    *, claims: Iterable[Claim], amount: Money, quoted: Sequence[UUID]
) -> tuple[list[Allocation], Money]:
    """Spread an amount over an account's claims; returns the parts and what found no claim.

    Quoted claims come in the order quoted, then the others by age. A claim closes only when nothing
    of it is disputed.
    """
    rank = {claim_id: n for n, claim_id in enumerate(quoted)}
    last = len(rank)
    in_order = sorted(claims, key=lambda claim: (rank.get(claim.id, last), age(claim)))
    left = amount.fils
    parts: list[Allocation] = []
    for claim in in_order:
        if left == 0:
            break
        taken = min(left, claim.payable.fils)
        if taken > 0:
            closed = taken == claim.open.fils
            parts.append(Allocation(claim.id, claim.reference, Money(taken), closed))
            left -= taken
    return parts, Money(left)


def after(claim: Claim, part: Allocation, at: datetime) -> Claim:
    """The claim once a part of it is paid."""
    return replace(claim, open=claim.open - part.amount, closed_at=at if part.closed else None)


def reopened(claim: Claim, amount: Money) -> Claim:
    """The claim once a payment's part of it is taken back."""
    return replace(claim, open=claim.open + amount, closed_at=None)


def input_hash(part: PaymentPart) -> bytes:
    """SHA-256 over what was asked: account, payment, amount, quoted claims."""
    quoted = ",".join(map(str, part.quoted))
    text = f"{part.account_id}\x1f{part.payment_id}\x1f{part.amount.fils}\x1f{quoted}"
    return hashlib.sha256(text.encode()).digest()


def total(amounts: Iterable[Money]) -> Money:
    """The sum of amounts."""
    return sum(amounts, start=ZERO)

"""How the books follow a corrected bill: entries are reversed and posted, claims move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tahseel.books.claims import operations as claims
from tahseel.books.claims.values import BILL, Claim, NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Entry
from tahseel.charging.billing import queries, rules, writing
from tahseel.charging.billing.values import Bill, BillLine, Corrected, PricedBill
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Broken
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service

SOURCE = "correction"


@dataclass(frozen=True, slots=True)
class Pair:
    """A bill, what stands in its place, and what of its claims the same customer has.

    claims: of the bill and of those in whose place it stands, the newest first.
    """

    old: Bill
    new: PricedBill
    claims: tuple[Claim, ...]

    @property
    def open(self) -> int:
        return sum(claim.open.fils for claim in self.claims)

    @property
    def moves(self) -> bool:
        """The new bill is for another customer than the claims of the earlier one."""
        return any(claim.customer_id != self.new.customer_id for claim in self.claims)

    @property
    def less(self) -> int:
        """Fils that the earlier claims lose; of another customer's all of them."""
        more = 0 if self.moves else self.new.total.fils
        return max(0, self.old.total.fils - more)

    @property
    def more(self) -> int:
        """Fils to be claimed beside them."""
        before = 0 if self.moves else self.old.total.fils
        return max(0, self.new.total.fils - before)


def post(pair: Pair, actor: Actor, at: datetime) -> None:
    """Reverse what the earlier bill posted, post what the new one costs, and credit the rest."""
    day, account_id = local_day(at), pair.old.account_id
    view = queries.bill_view(account_id, pair.old.id)
    assert view is not None, "the bill was found under the account's lock"
    for service, fils in _by_service(view.lines).items():
        if not fils:
            continue
        ledger.reverse(
            actor=actor,
            at=at,
            id=derived_id(pair.new.id, "reversal", service),
            account_id=account_id,
            entry_id=writing.entry_id(pair.old.id, service),
            business_date=day,
            source=SOURCE,
            source_id=pair.new.id,
        )
    entries = [*writing.entries(pair.new, day)]
    if credited := max(0, pair.less - pair.open):
        entries.append(
            Entry(
                id=derived_id(pair.new.id, "credited"),
                account_id=account_id,
                debit=RECEIVABLE,
                credit=CREDIT,
                amount=Money(credited),
                business_date=day,
                source=SOURCE,
                source_id=pair.new.id,
            )
        )
    ledger.post(actor=actor, at=at, entries=entries)
    claims.keep_credit(at=at, moves=[(entry, _payer(pair)) for entry in entries])


def _by_service(lines: Sequence[BillLine]) -> dict[Service, int]:
    """What a bill charged for each service: it posted nothing of what came to nothing."""
    found: dict[Service, int] = {}
    for line in lines:
        found[line.service] = found.get(line.service, 0) + line.amount.fils
    return found


def claim(pair: Pair, actor: Actor, at: datetime) -> Corrected:
    """Move the claims by the difference."""
    new, day = pair.new, local_day(at)
    reduced = min(pair.less, pair.open)
    if reduced:
        _free(pair.claims, reduced, actor, at)
        met = claims.apply_payment(
            actor=actor,
            at=at,
            account_id=new.account_id,
            payment_id=derived_id(new.id, "credit-note"),
            amount=Money(reduced),
            quoted=[one.id for one in pair.claims],
        )
        if met.unapplied or {part.claim_id for part in met.allocations} - set(_ids(pair.claims)):
            raise Broken(f"the credit note of bill {new.number} met another claim")
    if pair.more:
        asked = NewClaim(
            account_id=new.account_id,
            id=new.id,
            reference=new.number,
            kind=BILL,
            opened_on=day,
            due_date=rules.due_date(day),
            amount=Money(pair.more),
            customer_id=new.customer_id,
        )
        claims.open_claims(actor=actor, at=at, claims=[asked])
    claims.use_credit(actor=actor, at=at, account_ids=[new.account_id])
    return Corrected(
        account_id=new.account_id,
        bill_id=new.id,
        number=new.number,
        before=pair.old.total,
        after=new.total,
        reduced=Money(reduced),
        credited=Money(pair.less - reduced),
        asked=Money(pair.more),
    )


def _payer(pair: Pair) -> UUID:
    """Whose money the earlier bill took: he has what comes back to his credit."""
    return pair.claims[0].customer_id if pair.claims else pair.old.customer_id


def _ids(found: Sequence[Claim]) -> list[UUID]:
    return [claim.id for claim in found]


def _free(found: Sequence[Claim], wanted: int, actor: Actor, at: datetime) -> None:
    """What is disputed is lowered last: only where the undisputed part is less than what goes."""
    missing = wanted - sum(claim.payable.fils for claim in found)
    for claim in found:
        freed = min(claim.disputed.fils, missing)
        if freed > 0:
            claims.dispute(
                actor=actor,
                at=at,
                account_id=claim.account_id,
                claim_id=claim.id,
                amount=claim.disputed - Money(freed),
            )
            missing -= freed

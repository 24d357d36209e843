"""Two accounts in a town, debts on the first, and a paper by which the second takes them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from tests.integration.registry.town import CLERK, HEAD, HOUSE, Town, found

from tahseel.books.claims import invariants as claims_invariants
from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.books.claims.values import Claim, NewClaim
from tahseel.books.ledger import invariants as ledger_invariants
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger.values import Entry, Verdict
from tahseel.books.transfers import invariants, operations, rules
from tahseel.books.transfers.values import Transfer
from tahseel.kernel.actor import Actor
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day, start_of
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity
from tahseel.trust.approvals import operations as approvals

MANAGER = Actor(CLERK.kind, "manager-1", "manager", frozenset({"revenue_manager"}))
DAY = date(2026, 7, 20)
AT = start_of(DAY) + timedelta(hours=9)
TABLES = (
    "ledger_entry", "claims_claim", "claims_allocation", "kernel_outbox", "transfers_transfer",
    "transfers_part", "transfers_return",
)  # fmt: skip


@dataclass
class Papers:
    """The old debtor lives in a flat, the new one in a house."""

    town: Town
    flat: UUID
    son: UUID
    house: UUID
    father: UUID
    signed: list[UUID] = field(default_factory=list)

    def owe(self, *fils: int, account: UUID | None = None, due: date = date(2026, 5, 1)) -> Any:
        """Bills of an account, the oldest first, each with its entry; their claims' ids."""
        account = account or self.flat
        return [
            bill(account, self.payer(account), amount, due + timedelta(days=n))
            for n, amount in enumerate(fils)
        ]

    def payer(self, account: UUID) -> UUID:
        return self.son if account == self.flat else self.father

    def sign(self, fils: int = 90_000, *, back: bool = False) -> UUID:
        """The paper: the father takes over the son's debt, or the other way."""
        one, other = (self.flat, self.son), (self.house, self.father)
        (old, whose), (new, takes) = (other, one) if back else (one, other)
        made = uuid4()
        supply.sign_assumption(
            actor=HEAD, at=AT, id=made, from_account_id=old, from_customer_id=whose,
            to_account_id=new, to_customer_id=takes, amount=Money(fils), document="HAWALA 3",
            signed_on=DAY,
        )  # fmt: skip
        self.signed.append(made)
        return made

    def ask(self, paper: UUID, parts: dict[UUID, int], approval: UUID | None = None) -> UUID:
        return operations.propose_move(
            actor=CLERK, at=AT, approval_id=approval or uuid4(), assumption_id=paper,
            parts={claim: Money(fils) for claim, fils in parts.items()}, reason="he signed",
        )  # fmt: skip

    def move(self, paper: UUID, parts: dict[UUID, int]) -> Transfer:
        return agree(self.ask(paper, parts))

    def all_of(self, fils: int, account: UUID | None = None) -> dict[UUID, int]:
        """What of the open claims of an account a sum reaches."""
        chosen = claims.open_claims(account or self.flat)
        found = rules.reaching(claims_chosen=chosen, up_to=Money(fils))
        return {claim: amount.fils for claim, amount in found.items()}


def build(people: Sequence[UUID] = ()) -> Papers:
    town = found()
    son, father = people or town.people(2)
    flat, house = (
        supply.open_account(
            actor=HEAD, at=AT, id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
            payer_id=payer, capacity=capacity,
        ).id
        for unit, payer, capacity in zip(
            town.units(2), (son, father), (Capacity.TENANT, Capacity.OWNER), strict=True
        )
    )  # fmt: skip
    return Papers(town, flat, son, house, father)


def bill(account: UUID, customer: UUID, fils: int, due: date, kind: str = "bill") -> UUID:
    at = start_of(due - timedelta(days=20))
    made = NewClaim(
        account_id=account, id=uuid4(), reference=f"B-{uuid4().hex[:10]}", kind=kind,
        opened_on=local_day(at), due_date=due, amount=Money(fils), customer_id=customer,
    )  # fmt: skip
    entry = Entry(
        uuid4(), account, "receivable", "revenue.electricity", Money(fils), local_day(at), "bill",
        made.id,
    )  # fmt: skip
    ledger.post(actor=HOUSE, at=at, entries=[entry])
    claim_operations.open_claims(actor=HOUSE, at=at, claims=[made])
    return made.id


def pay(account: UUID, fils: int, at: datetime = AT) -> UUID:
    payment = uuid4()
    applied = claim_operations.apply_payment(
        actor=CLERK, at=at, account_id=account, payment_id=payment, amount=Money(fils)
    )
    halves = (("receivable", applied.applied), ("credit", applied.unapplied))
    entries = [
        Entry(uuid4(), account, "cash", code, amount, local_day(at), "counted", payment)
        for code, amount in halves
        if amount
    ]
    ledger.post(actor=CLERK, at=at, entries=entries)
    # What is over is a stranger's: it meets no claim of theirs.
    claim_operations.keep_credit(at=at, moves=[(entry, payment) for entry in entries])
    return payment


def agree(approval: UUID, actor: Actor = MANAGER, at: datetime = AT) -> Transfer:
    done = approvals.approve(actor=actor, at=at, approval_id=approval)
    assert isinstance(done, Transfer)
    return done


def take_back(transfer: Transfer) -> Transfer:
    asked = operations.propose_return(
        actor=CLERK, at=AT, approval_id=uuid4(), transfer_id=transfer.id, reason="wrong account"
    )
    return agree(asked)


def owed(*accounts: UUID) -> list[Claim]:
    return [claim for account in accounts for claim in claims.open_claims(account)]


def fils(found: list[Claim]) -> int:
    return sum(claim.open.fils for claim in found)


def broken() -> list[Verdict]:
    """Every invariant of the books that does not hold."""
    every = (
        *ledger_invariants.INVARIANTS,
        *claims_invariants.INVARIANTS,
        *invariants.INVARIANTS,
    )
    return [verdict for verdict in ledger_invariants.judge(every) if not verdict.held]


def rows() -> list[int]:
    with connection.cursor() as cursor:
        return [
            cursor.execute(f"select count(*) from {table}").fetchone()[0]  # type: ignore[union-attr]
            for table in TABLES
        ]

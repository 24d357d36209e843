"""What tests of charges do: ask, agree, pay, take back, and look whether the books are sound."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.charging.billing.test_run import JUNE, Street, bill, build, use
from tests.integration.charging.denied import Watched
from tests.integration.registry.town import AT, CLERK, HEAD, found

from tahseel.books.claims import operations as claim_operations
from tahseel.books.claims import queries as claims
from tahseel.books.ledger import operations as ledger_operations
from tahseel.books.ledger import queries as ledger
from tahseel.books.ledger import rules as ledger_rules
from tahseel.books.ledger.values import Entry
from tahseel.charging.billing import rules as billing_rules
from tahseel.charging.charges import operations, rules
from tahseel.charging.charges.operations import asking, reversing
from tahseel.charging.charges.values import Charge
from tahseel.countries.kuwait import country
from tahseel.kernel.actor import Actor
from tahseel.kernel.money import Money
from tahseel.trust.approvals import operations as approvals

MANAGER = Actor(CLERK.kind, "manager-1", "manager", frozenset({"revenue_manager"}))
LATER = datetime(2026, 8, 5, 8, tzinfo=AT.tzinfo)
BOOKS = Watched(
    LATER,
    ("ledger_entry", "claims_claim", "claims_allocation", "kernel_outbox", "charges_charge"),
)
rows, expect_denied = BOOKS.rows, BOOKS.expect_denied
BILLED = Money(20_000)
JULY = JUNE.next()


@pytest.fixture
def street(database: Any) -> Street:
    """Two accounts that were billed 20.000 for June."""
    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    billing_rules.install_policy(
        billing_rules.load_policy(country.content("billing"), book=country.price_book)
    )
    rules.install(rules.load(country.content("charges")))
    asking.register()
    reversing.register()
    made = build(found(), 2)
    use(made, made.accounts, JUNE, wh=4_000_000, litres=0)
    bill(JUNE)
    return made


def ask(
    account: UUID,
    kind: str = "damage",
    fils: int | None = 30_000,
    *,
    cause: str = "D-17",
    actor: Actor = CLERK,
    approval: UUID | None = None,
    **more: Any,
) -> UUID:
    return operations.ask(
        actor=actor, at=LATER, approval_id=approval or uuid4(), account_id=account, kind=kind,
        cause=cause, amount=None if fils is None else Money(fils), evidence="photographs", **more,
    )  # fmt: skip


def agree(approval: UUID, actor: Actor = HEAD) -> Charge:
    done = approvals.approve(actor=actor, at=LATER, approval_id=approval)
    assert isinstance(done, Charge)
    return done


def given(account: UUID, kind: str = "damage", fils: int | None = 30_000, **more: Any) -> Charge:
    return agree(ask(account, kind, fils, **more), MANAGER)


def taken_back(charge: Charge) -> Charge:
    asked = operations.ask_reversal(
        actor=CLERK, at=LATER, approval_id=uuid4(), account_id=charge.account_id,
        charge_id=charge.id, reason="somebody else's pole",
    )  # fmt: skip
    return agree(asked, MANAGER)


def pay(account: UUID, fils: int) -> UUID:
    """A payment of an account, posted as payments post it."""
    payment = uuid4()
    applied = claim_operations.apply_payment(
        actor=CLERK, at=LATER, account_id=account, payment_id=payment, amount=Money(fils)
    )
    halves = (("receivable", applied.applied), ("credit", applied.unapplied))
    entries = [
        Entry(uuid4(), account, "cash", code, amount, LATER.date(), "payment", payment)
        for code, amount in halves
        if amount
    ]
    ledger_operations.post(actor=CLERK, at=LATER, entries=entries)
    [owner] = {claim.customer_id for claim in claims.claims(account)}
    claim_operations.keep_credit(at=LATER, moves=[(entry, owner) for entry in entries])
    return payment


def owed(account: UUID) -> Money:
    return Money(sum(claim.open.fils for claim in claims.open_claims(account)))


def credit(account: UUID) -> Money:
    return ledger.balance(account).credit


def sound() -> bool:
    return ledger.recompute().balanced and claims.recompute().sound

"""What is owed back of a deposit is asked for by one person and paid when another one agrees."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from django.db import connection
from tests.integration.books.deposits.test_deposits import by, on_books, settle, tenant_with

from tahseel.books.deposits import operations, queries
from tahseel.books.deposits.operations import refunding
from tahseel.kernel import secrets
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.money import Money
from tahseel.kernel.states import WrongState
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.rules import OwnApproval

IBAN = "KW81CBKU0000000000001234560101"
OTHER_IBAN = "KW54CBKU0000000000001234560102"


def asked(town, due, **facts):
    given = {"account_id": due.account_id, "deposit_id": due.id, "iban": IBAN, "reason": "R-1"}
    return operations.propose_refund(**{**by(town), "approval_id": uuid4(), **given, **facts})


def test_a_refund_goes_to_a_valid_iban_once_a_second_person_agrees_and_the_iban_is_sealed(town):
    account, tenant = tenant_with(town)
    settle(town, account, tenant)
    (due,) = queries.refunds_due()
    refunding.register()

    with pytest.raises(operations.IbanInvalid):
        asked(town, due, iban=IBAN[:-1] + "2")
    approval_id = asked(town, due)
    with pytest.raises(operations.RefundWaits):
        asked(town, due)
    with pytest.raises(OwnApproval):
        approvals.approve(**by(town, "office_head"), approval_id=approval_id)
    before = (on_books("refund"), on_books("bank"))
    head = replace(town.clerk, id="head-1", roles=frozenset({"office_head"}))
    paid = approvals.approve(actor=head, at=town.at, approval_id=approval_id)
    with pytest.raises(WrongState):
        asked(town, due)

    assert before == (125_000, 0)
    assert paid == Money(125_000)
    assert (on_books("refund"), on_books("bank")) == (0, 125_000)
    with connection.cursor() as cursor:
        cursor.execute("select iban_cipher from deposits_deposit")
        sealed = bytes(cursor.fetchone()[0])
        cursor.execute("select body from audit_leaf")
        told = b"".join(bytes(row[0]) for row in cursor.fetchall())
        cursor.execute("select payload from approvals_approval")
        frozen = cursor.fetchone()[0]
    assert IBAN.encode() not in sealed + told + frozen.encode()
    assert secrets.unseal(sealed, context="deposits:iban") == IBAN.encode()


def test_the_same_request_again_answers_the_same_approval_also_once_it_is_paid(town):
    account, tenant = tenant_with(town)
    settle(town, account, tenant)
    (due,) = queries.refunds_due()
    refunding.register()
    head = replace(town.clerk, id="head-1", roles=frozenset({"office_head"}))

    first = asked(town, due)
    again = asked(town, due, approval_id=first, iban="KW81 CBKU 0000 0000 0000 1234 5601 01")
    waiting = queries.refunds_waiting(as_of=town.at)
    approvals.approve(actor=head, at=town.at, approval_id=first)
    after = asked(town, due, approval_id=first)

    assert first == again == after
    assert waiting == {due.id: first}
    assert (on_books("refund"), on_books("bank")) == (0, 125_000)


def test_another_request_under_the_id_of_one_is_refused_and_nothing_changes(town):
    account, tenant = tenant_with(town)
    settle(town, account, tenant)
    (due,) = queries.refunds_due()
    refunding.register()
    first = asked(town, due)
    other = replace(town.clerk, id="clerk-2")

    with pytest.raises(InputDiffers):
        asked(town, due, approval_id=first, iban=OTHER_IBAN)
    with pytest.raises(InputDiffers):
        asked(town, due, approval_id=first, deposit_id=uuid4())
    with pytest.raises(InputDiffers):
        asked(town, due, approval_id=first, actor=other)

    assert queries.refunds_waiting(as_of=town.at) == {due.id: first}
    assert on_books("bank") == 0


def test_a_large_refund_is_for_a_revenue_manager(town):
    account, tenant = tenant_with(town, 500_000)
    settle(town, account, tenant)
    (due,) = queries.refunds_due()
    refunding.register()
    approval_id = asked(town, due)
    head, manager = (
        replace(town.clerk, id=role, roles=frozenset({role}))
        for role in ("office_head", "revenue_manager")
    )

    with pytest.raises(NotAllowed):
        approvals.approve(actor=head, at=town.at, approval_id=approval_id)
    assert on_books("bank") == 0
    approvals.approve(actor=manager, at=town.at, approval_id=approval_id)

    assert on_books("bank") == 500_000

"""Customers without a civil id, known by other papers."""

from __future__ import annotations

from datetime import date

import pytest

from tahseel.kernel.actor import Purpose
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers.models import Customer, Document
from tahseel.registry.customers.values import (
    CustomerKind,
    DocumentKind,
    Evidence,
    IdentityState,
    NewCustomer,
    NewDocument,
)


def customer(town, kind=CustomerKind.STATELESS):
    return operations.register(
        actor=town.clerk, at=town.at, id=town.make_id(town.at), kind=kind, civil_id=None,
        name_ar="سالم", name_en="Salem",
    ).id  # fmt: skip


def paper(town, kind=DocumentKind.REVIEW_CARD, number="123-456 / 78", **facts):
    given = {"issuer": "central-system", "expires_on": date(2027, 1, 1), **facts}
    return NewDocument(id=town.make_id(town.at), kind=kind, number=number, **given)


def add(town, who, document):
    return operations.add_document(actor=town.clerk, at=town.at, customer_id=who, document=document)


def verify(town, who):
    return operations.verify_identity(
        actor=town.clerk, at=town.at, customer_id=who, evidence=Evidence.DOCUMENT, reference="desk"
    )


def found(town, text):
    read = {"actor": town.clerk, "at": town.at, "purpose": Purpose.CUSTOMER_SERVICE}
    return [view.id for view in queries.search(**read, text=text)]


def test_a_stateless_person_is_verified_by_a_review_card_and_found_by_its_number(town, leaves):
    who = customer(town)

    view = add(town, who, paper(town))
    verified = verify(town, who)

    assert view.number_masked == "••••••78"
    assert verified.identity is IdentityState.VERIFIED
    for typed in ("12345678", "123 456 78", "١٢٣٤٥٦٧٨"):
        assert found(town, typed) == [who]
    assert "12345678" not in str(leaves())
    assert b"12345678" not in bytes(Document.objects.get().number_cipher)


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        (CustomerKind.MISSION, DocumentKind.MISSION_CARD),
        (CustomerKind.FOREIGN_OWNER, DocumentKind.PASSPORT),
        (CustomerKind.GCC, DocumentKind.GCC_CARD),
        (CustomerKind.COMPANY, DocumentKind.COMMERCIAL_LICENCE),
    ],
)
def test_every_kind_has_its_paper(town, kind, document):
    who = customer(town, kind)

    add(town, who, paper(town, document, "AB 77/1", issuer="xx"))

    assert found(town, "ab771") == [who]
    (view,) = queries.documents_of(
        actor=town.clerk, at=town.at, purpose=Purpose.CUSTOMER_SERVICE, customer_id=who
    )
    assert (view.kind, view.issuer) == (document, "XX")


def test_without_a_paper_that_counts_the_identity_of_a_mission_stays_unverified(town, leaves):
    who = customer(town, CustomerKind.MISSION)
    card = add(town, who, paper(town, DocumentKind.MISSION_CARD))
    operations.withdraw_document(
        actor=town.clerk, at=town.at, document_id=card.id, reason="handed back"
    )

    with pytest.raises(operations.DocumentNeeded):
        verify(town, who)

    assert Customer.objects.get(pk=who).identity == IdentityState.UNVERIFIED
    assert leaves()[-1]["facts"]["code"] == "document_needed"
    assert found(town, "12345678") == []


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"number": " - "}, operations.DocumentInvalid),
        ({"issuer": ""}, operations.DocumentInvalid),
        ({"kind": DocumentKind.COMMERCIAL_LICENCE}, operations.DocumentInvalid),
        ({"issued_on": date(2027, 1, 1)}, operations.DocumentInvalid),
        ({"issued_on": date(2026, 3, 2)}, operations.DocumentInvalid),
        ({"expires_on": date(2026, 3, 1)}, operations.DocumentExpired),
    ],
)
def test_a_paper_that_cannot_be_is_refused(town, facts, refusal):
    who = customer(town)

    with pytest.raises(refusal):
        add(town, who, paper(town, **facts))

    assert not Document.objects.exists()


def test_one_paper_stands_once_until_it_is_withdrawn(town):
    first, second = customer(town), customer(town)
    view = add(town, first, paper(town))

    with pytest.raises(operations.DocumentTaken):
        add(town, second, paper(town))
    operations.withdraw_document(
        actor=town.clerk, at=town.at, document_id=view.id, reason="a slip: the other one's"
    )
    add(town, second, paper(town))

    assert found(town, "12345678") == [second]


def test_a_batch_brings_its_papers_and_a_verified_mission_without_one_is_refused(town):
    ids = [town.make_id(town.at) for _ in range(2)]
    facts = {"evidence": Evidence.DOCUMENT, "evidence_reference": "MOFA"}
    with_card = NewCustomer(
        ids[0], CustomerKind.MISSION, "سفارة", "Embassy",
        documents=(paper(town, DocumentKind.MISSION_CARD),), **facts,
    )  # fmt: skip
    without = NewCustomer(ids[1], CustomerKind.MISSION, "قنصلية", "Consulate", **facts)
    batch = {"actor": town.house, "at": town.at, "batch": "missions"}

    operations.register_many(**batch, customers=[with_card])
    with pytest.raises(operations.DocumentNeeded):
        operations.register_many(**batch, customers=[without])

    assert found(town, "12345678") == [ids[0]]
    assert Customer.objects.count() == 1

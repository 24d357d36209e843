"""A price book is checked and tried before two people agree to it, and never agreed to unseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.integration.charging.billing.test_ordering import DEPUTY, MANAGER
from tests.integration.charging.billing.test_rebilling import street
from tests.integration.charging.billing.test_run import JULY, Street, counted
from tests.integration.registry.town import CLERK

from tahseel.charging.billing import operations, queries, rules
from tahseel.charging.billing.operations import adopting
from tahseel.charging.billing.values import TriedBook
from tahseel.countries.kuwait import country
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.ids import new_id
from tahseel.trust.approvals import operations as approvals

__all__ = ["street"]
NOW = datetime(2026, 9, 3, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def registered(street: Street) -> None:
    adopting.register()


def dearer() -> bytes:
    """The book in force, as another version, with one fils more for investment."""
    text = country.price_book("applied-2017").decode()
    assert f"version = {rules.policy().book.version}\n" in text
    return text.replace(f"version = {rules.policy().book.version}\n", "version = 99\n", 1).encode()


def tried(content: bytes | None = None, **more: Any) -> TriedBook:
    told = {"book_id": new_id(NOW), "months": [JULY.previous(), JULY], "actor": MANAGER}
    return operations.try_book(
        at=NOW, content=dearer() if content is None else content, **{**told, **more}
    )


def asked(book_id: UUID, **more: Any) -> UUID:
    told = {"actor": MANAGER, "approval_id": new_id(NOW), "reason": "the decree is out"}
    return operations.propose_book(at=NOW, book_id=book_id, **{**told, **more})


def test_a_book_is_tried_asked_for_and_agreed_to_by_another(street: Street) -> None:
    made = tried()
    approval_id = asked(made.id)
    with pytest.raises(NotAllowed):
        approvals.approve(actor=MANAGER, at=NOW, approval_id=approval_id)
    before = queries.tried_book(book_id=made.id)

    approvals.approve(actor=DEPUTY, at=NOW, approval_id=approval_id)

    after = queries.tried_book(book_id=made.id)
    assert before is not None
    assert after is not None
    assert (before.agreed_at, after.agreed_by, after.version) == (None, DEPUTY.id, 99)
    assert made.report["total"]["before_fils"] > 0
    assert made.report["total"]["accounts"] > 0
    assert made.against == f"{rules.policy().book.code} {rules.policy().book.version}"
    with pytest.raises(adopting.BookAgreed):
        asked(made.id)
    other = tried()
    again = asked(other.id)
    with pytest.raises(adopting.BookAgreed):
        approvals.approve(actor=DEPUTY, at=NOW, approval_id=again)


def test_a_contradictory_book_is_refused_by_the_name_of_its_record_and_not_kept(
    street: Street,
) -> None:
    broken = dearer().decode().replace("[[rate]]", '[[rate]]\ncolour = "red"', 1).encode()

    with pytest.raises(Refusal) as refused:
        tried(broken)

    assert "colour" in str(refused.value.facts)
    assert counted("billing_book") == 0


def test_what_nobody_has_tried_or_tried_against_another_book_cannot_be_asked_for(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tried()
    with pytest.raises(adopting.BookUnknown):
        asked(new_id(NOW))
    approval_id = asked(made.id)
    monkeypatch.setattr(adopting, "in_force", lambda: "another 1")

    with pytest.raises(adopting.BookTriedBefore):
        asked(made.id)
    with pytest.raises(adopting.BookTriedBefore):
        approvals.approve(actor=DEPUTY, at=NOW, approval_id=approval_id)

    assert counted("billing_book_agreed") == 0


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"months": []}, "price_book_trial_months"),
        ({"months": [JULY] * 25}, "price_book_trial_months"),
        ({"months": [JULY.next().next()]}, "price_book_trial_months"),
        ({"content": b"x" * (adopting.BYTES_MAX + 1)}, "price_book_too_large"),
    ],
)
def test_a_trial_has_its_limits(street: Street, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        tried(**more)

    assert refused.value.code == code


def test_a_clerk_neither_tries_nor_asks_and_the_same_id_keeps_its_book(street: Street) -> None:
    made = tried()

    with pytest.raises(NotAllowed):
        tried(actor=CLERK)
    with pytest.raises(NotAllowed):
        asked(made.id, actor=CLERK)
    with pytest.raises(Refusal) as other:
        tried(dearer() + b"\n", book_id=made.id)

    assert tried(book_id=made.id) == made
    assert other.value.code == "input_differs"
    assert counted("billing_book") == 1


def test_what_was_tried_is_never_changed(street: Street) -> None:
    tried()

    for change in ("update billing_book set report = '{}'", "delete from billing_book"):
        with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(change)
    assert queries.tried_books()[0].tried_at == NOW
    assert NOW - timedelta(1) < queries.tried_books()[0].tried_at

"""A record that was merged takes nothing new; the agreements of two bodies fit, or refuse."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from tests.integration.recovery.hung import Things
from tests.integration.recovery.test_merging import CHECKER, MAKER, hanging, merge, rows, unmerge

from tahseel.app import assembly
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits.values import DepositKind, NewDeposit
from tahseel.channels.services import operations as services
from tahseel.channels.services.values import NewApplication
from tahseel.kernel.actor import Actor, ActorKind, system
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service
from tahseel.recovery.government import operations as government
from tahseel.recovery.government.guarding import AgreementsCollide, require_apart
from tahseel.recovery.government.values import AgreementKind, NewAgreement
from tahseel.registry.customers import operations, rules
from tahseel.registry.customers.models import Merge
from tahseel.registry.customers.values import ContactKind, CustomerKind, Evidence
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity, NewAccount, NewLiability, Role
from tahseel.trust.access import operations as access
from tahseel.trust.access.values import UserKind

__all__ = ["hanging"]
MANAGER = Actor(ActorKind.STAFF, "m-1", "m", frozenset({"revenue_manager"}))
DAY = date(2026, 3, 1)


@pytest.fixture
def merged(town: Any) -> Any:
    """(what hangs, the record that went, the one that stays)."""
    stays, goes = (town.debtor(None, CustomerKind.GCC, verified=False) for _ in range(2))
    things = Things(town)
    things.supply(stays)
    merge(town, goes.customer_id, stays.customer_id)
    return things, goes.customer_id, stays.customer_id


def account_for(unit_id: Any, customer_id: Any, at: Any) -> NewAccount:
    liability = NewLiability(new_id(at), DAY, customer_id, Capacity.TENANT)
    return NewAccount(new_id(at), unit_id, DAY, (liability,))


def sign_in_for(customer_id: Any, at: Any) -> Any:
    return access.create_user(
        actor=system("test"), at=at, id=new_id(at), username=f"c{customer_id.hex[:12]}",
        password="Tell no one 4417", kind=UserKind.CUSTOMER, label_ar="عميل", label_en="Customer",
        customer_id=customer_id,
    )  # fmt: skip


def attempts(things: Any, goes: Any, stays: Any) -> dict[str, Callable[[], object]]:
    """What may be hung on a person, tried on the record that went."""
    from tahseel.registry.supply.models import Account

    at, account = things.town.clock(), Account.objects.get()
    by = {"actor": MAKER, "at": at, "customer_id": goes}
    text = {"reason": "why", "evidence": "paper"}
    deposit = NewDeposit(
        account.id, new_id(at), goes, DepositKind.CASH, Money(125_000), DAY, tender="cash"
    )
    application = NewApplication(
        new_id(at), "temporary_supply", goes, account.unit_id, frozenset({Service.WATER}), 5,
        until_day=at.date() + timedelta(days=60), purpose="a tent",
    )  # fmt: skip

    class Gone:
        customer_id = goes

    return {
        "contact": lambda: things.contact(Gone),
        "document": lambda: things.paper(Gone),
        "protection": lambda: things.protection(Gone),
        "mobile": lambda: operations.change_mobile(**by, mobile="99001122"),
        "language": lambda: operations.change_language(**by, language="en"),
        "proof": lambda: operations.verify_identity(
            **by, evidence=Evidence.SMART_CARD, reference="c"
        ),
        "death": lambda: operations.record_death(**by, died_on=DAY, source="feed"),
        "departure": lambda: operations.record_departure(**by, departed_on=DAY, source="feed"),
        "name": lambda: operations.correct_name(
            **by, name_ar="سالم", name_en="Saleem", effective_on=DAY, **text
        ),
        "number": lambda: operations.correct_civil_id(
            **by, civil_id="285010100015", effective_on=DAY, proof=Evidence.SMART_CARD, **text
        ),
        "role": lambda: supply.name_party(
            actor=MAKER, at=at, account_id=account.id, customer_id=goes, role=Role.OCCUPANT,
            from_day=DAY,
        ),
        "deposit": lambda: deposits.take(actor=MAKER, at=at, deposit=deposit),
        "deposit held": lambda: deposits.record_held(
            actor=MAKER, at=at, batch="old", deposits=[deposit]
        ),
        "accounts": lambda: supply.open_many(
            actor=system("take-on"), at=at, batch="old",
            accounts=[account_for(account.unit_id, goes, at)],
        ),
        "sign-in": lambda: sign_in_for(goes, at),
        "application": lambda: services.apply(actor=MAKER, at=at, application=application),
    }  # fmt: skip


def test_a_record_that_was_merged_takes_nothing_new_and_the_one_that_stays_is_named(
    merged: Any, database: Any
) -> None:
    things, goes, stays = merged
    tried = attempts(things, goes, stays)
    before = rows(database)

    for name, attempt in tried.items():
        with pytest.raises(operations.MergedRecord) as refused:
            attempt()
        assert refused.value.facts == {"into": str(stays)}, name
        assert last_leaf(database)["facts"]["code"] == "merged_record", name

    assert rows(database) == before


def last_leaf(database: Any) -> Any:
    import json

    with database.as_owner() as link:
        row = link.execute(
            "select convert_from(body, 'UTF8') from audit_leaf order by id desc limit 1"
        ).fetchone()
    return json.loads(row[0])


def test_a_record_that_is_told_apart_again_takes_what_is_new(merged: Any) -> None:
    things, goes, stays = merged
    unmerge(things.town, Merge.objects.get().id)

    view = operations.add_contact(
        actor=MAKER, at=things.town.clock(), id=new_id(things.town.clock()), customer_id=goes,
        kind=ContactKind.EMAIL, value="a@example.com",
    )  # fmt: skip

    user = sign_in_for(goes, things.town.clock())
    assert view.verified_at is None
    assert user.customer_id == goes
    assert stays != goes


def test_a_merge_waits_for_a_row_that_is_being_added(town: Any, database: Any) -> None:
    from django.db import connections, transaction

    stays, goes = (town.debtor(None, CustomerKind.GCC, verified=False) for _ in range(2))
    asked = operations.propose_merge(
        actor=MAKER, at=town.clock(), approval_id=new_id(town.clock()), merged_id=goes.customer_id,
        into_id=stays.customer_id, reason="one person",
    )  # fmt: skip
    done = threading.Event()

    def agree() -> None:
        from tahseel.trust.approvals import operations as approvals

        approvals.approve(actor=CHECKER, at=town.clock(), approval_id=asked)
        done.set()
        connections.close_all()

    with transaction.atomic():
        operations.require_standing(customer_ids=[goes.customer_id])
        other = threading.Thread(target=agree)
        other.start()
        early = done.wait(0.5)
    other.join(20)

    assert not early
    assert done.is_set()


def bodies(town: Any, *spans: tuple[date, date | None, AgreementKind]) -> list[Any]:
    """Two records of one body, each with an agreement."""
    made = []
    for n, (start, end, kind) in enumerate(spans):
        body = town.debtor(None, CustomerKind.GOVERNMENT, verified=False)
        agreement = NewAgreement(
            new_id(town.clock()),
            body.customer_id,
            kind,
            f"A-{n}",
            "اتفاقية",
            "Agreement",
            start,
            end,
        )
        government.conclude_agreement(actor=MANAGER, at=town.clock(), agreement=agreement)
        made.append((body, agreement))
    return made


def test_two_bodies_with_agreements_on_the_same_days_are_refused_when_the_merge_is_asked_for(
    town: Any, database: Any
) -> None:
    rules.install_merge_guards([require_apart])
    (one, _), (other, _) = bodies(
        town, (DAY, None, AgreementKind.SUPPLY), (date(2026, 5, 1), None, AgreementKind.SUPPLY)
    )
    before = rows(database)

    with pytest.raises(AgreementsCollide) as refused:
        merge(town, one.customer_id, other.customer_id)

    assert refused.value.facts == {"goes": "A-0", "stays": "A-1", "day": "2026-05-01"}
    assert rows(database) == before
    assert not Merge.objects.exists()
    assert last_leaf(database)["outcome"] == "refused"


@pytest.mark.parametrize(
    "other",
    [
        (date(2026, 6, 1), None, AgreementKind.SUPPLY),
        (DAY, None, AgreementKind.SETTLEMENT),
    ],
    ids=["one after the other", "of another kind"],
)
def test_agreements_that_fit_one_body_follow_the_merge_and_come_back(
    town: Any, other: tuple[date, date | None, AgreementKind]
) -> None:
    from tahseel.recovery.government import queries

    rules.install_merge_guards([require_apart])
    (one, first), (two, _) = bodies(town, (DAY, date(2026, 6, 1), AgreementKind.SUPPLY), other)

    merge_id = merge(town, one.customer_id, two.customer_id)
    moved = queries.agreement(first.id).body_id
    unmerge(town, merge_id)

    assert moved == two.customer_id
    assert queries.agreement(first.id).body_id == one.customer_id


def test_an_agreement_is_ended_first_and_then_the_merge_is_made(town: Any) -> None:
    rules.install_merge_guards([require_apart])
    (one, first), (other, _) = bodies(
        town, (DAY, None, AgreementKind.SUPPLY), (date(2026, 5, 1), None, AgreementKind.SUPPLY)
    )
    with pytest.raises(Refusal):
        merge(town, one.customer_id, other.customer_id)

    government.end_agreement(
        actor=MANAGER, at=town.clock(), agreement_id=first.id, until_day=date(2026, 5, 1)
    )
    merge(town, one.customer_id, other.customer_id)

    assert Merge.objects.count() == 1


def test_no_agreement_is_concluded_with_a_record_that_was_merged(town: Any) -> None:
    one, other = (town.debtor(None, CustomerKind.GOVERNMENT, verified=False) for _ in range(2))
    merge(town, one.customer_id, other.customer_id)
    agreement = NewAgreement(
        new_id(town.clock()), one.customer_id, AgreementKind.SUPPLY, "A-9", "اتفاقية", "", DAY
    )

    with pytest.raises(operations.MergedRecord):
        government.conclude_agreement(actor=MANAGER, at=town.clock(), agreement=agreement)
    with pytest.raises(operations.MergedRecord):
        operations.register(
            actor=MAKER, at=town.clock(), id=new_id(town.clock()), kind=CustomerKind.GOVERNMENT,
            civil_id=None, name_ar="إدارة", name_en="Department", registration_number="G-77",
            parent_id=one.customer_id,
        )  # fmt: skip


def test_the_product_asks_the_agreements_before_every_merge() -> None:
    assembly.assemble()

    assert require_apart in rules.merge_guards()

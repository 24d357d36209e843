"""Customers against a real database: registered once, found in any spelling, never shown whole."""

from __future__ import annotations

from datetime import date

import pytest

from tahseel.kernel.actor import Purpose
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import CivilId
from tahseel.kernel.states import WrongState
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers.models import Customer
from tahseel.registry.customers.values import (
    CustomerKind,
    Evidence,
    IdentityState,
    NewCustomer,
)


def register(town, **facts):
    given = {
        "id": town.make_id(town.at), "kind": CustomerKind.RESIDENT, "civil_id": town.civil_id(),
        "name_ar": "محمد عبدالله", "name_en": "Mohammed Abdullah", "mobile": "5000 1234",
    }  # fmt: skip
    return operations.register(actor=town.clerk, at=town.at, **{**given, **facts})


def read(town):
    return {"actor": town.clerk, "at": town.at, "purpose": Purpose.CUSTOMER_SERVICE}


def test_a_registered_customer_is_shown_masked(town):
    civil_id = town.civil_id()

    view = register(town, civil_id=civil_id)

    assert view.civil_id_masked == "•" * 8 + civil_id.digits[-4:]
    assert view.mobile_masked == "•" * 9 + "34"
    assert view.identity is IdentityState.UNVERIFIED
    stored = Customer.objects.get(pk=view.id)
    assert civil_id.digits.encode() not in bytes(stored.civil_id_cipher)
    assert civil_id.digits not in repr(view)


def test_a_wrong_check_digit_is_refused_and_nothing_changes(town, leaves):
    digits = town.civil_id().digits
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)

    with pytest.raises(operations.CivilIdInvalid) as refusal:
        register(town, civil_id=wrong)

    assert refusal.value.facts["last_four"] == wrong[-4:]
    assert wrong not in str(refusal.value)
    assert not Customer.objects.exists()
    last = leaves()[-1]
    assert (last["outcome"], last["facts"]["code"]) == ("refused", "civil_id_invalid")
    assert wrong not in str(last)


def test_a_civil_id_value_with_a_wrong_check_digit_is_refused_as_well(town):
    with pytest.raises(operations.CivilIdInvalid):
        register(town, civil_id=CivilId("292091998297"))

    assert not Customer.objects.exists()


def test_a_second_customer_with_the_same_civil_id_is_refused(town, leaves):
    civil_id = town.civil_id()
    register(town, civil_id=civil_id)

    with pytest.raises(operations.CivilIdTaken):
        register(town, civil_id=civil_id.digits)

    assert Customer.objects.count() == 1
    assert leaves()[-1]["facts"]["code"] == "civil_id_taken"


def test_the_same_registration_twice_changes_nothing_but_another_one_under_its_id_is_refused(town):
    given = {"id": town.make_id(town.at), "civil_id": town.civil_id()}
    first = register(town, **given)

    again = register(town, **given)
    with pytest.raises(InputDiffers):
        register(town, **given, name_en="Somebody Else")

    assert again == first
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"civil_id": None}, operations.CivilIdRequired),
        ({"kind": CustomerKind.COMPANY}, operations.CivilIdNotExpected),
        ({"mobile": "2222 1234"}, operations.MobileInvalid),
        ({"name_ar": " ", "name_en": ""}, operations.NameMissing),
    ],
)
def test_what_a_kind_needs_is_asked_for(town, facts, refusal):
    with pytest.raises(refusal):
        register(town, **facts)

    assert not Customer.objects.exists()


def test_a_gulf_national_and_an_unknown_debtor_need_no_civil_id(town):
    for kind in (CustomerKind.GCC, CustomerKind.UNKNOWN):
        register(town, kind=kind, civil_id=None)

    assert Customer.objects.count() == 2


def test_a_verified_identity_keeps_its_evidence_and_a_doubt_takes_the_state_back(town, leaves):
    view = register(town)

    verified = operations.verify_identity(
        actor=town.clerk, at=town.at, customer_id=view.id, evidence=Evidence.MOBILE_ID,
        reference="auth-77",
    )  # fmt: skip
    doubted = operations.doubt_identity(
        actor=town.clerk, at=town.at, customer_id=view.id, reason="photo differs"
    )
    with pytest.raises(WrongState):
        operations.doubt_identity(actor=town.clerk, at=town.at, customer_id=view.id, reason="again")

    assert (verified.identity, verified.evidence) == (IdentityState.VERIFIED, Evidence.MOBILE_ID)
    assert (verified.verified_at, doubted.identity) == (town.at, IdentityState.DOUBTED)
    assert [leaf["outcome"] for leaf in leaves()[-3:]] == ["done", "done", "refused"]


def test_a_death_before_birth_or_in_the_future_is_refused(town):
    view = register(town)

    for died_on in (date(1900, 1, 1), date(2027, 1, 1)):
        with pytest.raises(operations.DeathImpossible):
            operations.record_death(
                actor=town.clerk, at=town.at, customer_id=view.id, died_on=died_on, source="feed"
            )
    dead = operations.record_death(
        actor=town.clerk, at=town.at, customer_id=view.id, died_on=date(2026, 2, 1), source="feed"
    )

    assert dead.died_on == date(2026, 2, 1)
    assert queries.deaths(customer_ids=[view.id]) == {view.id: date(2026, 2, 1)}


@pytest.mark.parametrize(
    "typed",
    [
        "محمد عبدالله", "محمد عبد الله", "مُحَمَّد عبداللة", "Mohammed Abdullah",
        "mohamad abdalla", "عبدالله محمد", "Muhammad Abd",
    ],
)  # fmt: skip
def test_a_name_is_found_in_any_spelling(town, typed):
    wanted = register(town)
    register(town, name_ar="سالم العجمي", name_en="Salem Alajmi")

    found = queries.search(**read(town), text=typed)

    assert [view.id for view in found] == [wanted.id]


def test_an_exact_name_comes_before_a_longer_one(town):
    longer = register(town, name_ar="محمد عبدالله سالم", name_en="Mohammed Abdullah Salem")
    exact = register(town)

    found = queries.search(**read(town), text="محمد عبدالله")

    assert [view.id for view in found] == [exact.id, longer.id]


def test_a_customer_is_found_by_civil_id_and_by_mobile(town):
    civil_id = town.civil_id()
    wanted = register(town, civil_id=civil_id, mobile="+965 9911 2233")

    for typed in (civil_id.digits, "99112233", "٩٩١١٢٢٣٣", "0096599112233"):
        assert [v.id for v in queries.search(**read(town), text=typed)] == [wanted.id]
    assert queries.search(**read(town), text="50000000") == []
    assert queries.search(**read(town), text="' | !& \\") == []


def test_an_unfinished_last_word_finds_but_a_single_consonant_does_not_find_everybody(town):
    wanted = register(town, name_ar="سالم العجمي", name_en="Salem Alajmi")

    assert [v.id for v in queries.search(**read(town), text="Salem Alajm")] == [wanted.id]
    assert queries.search(**read(town), text="s") == []


def test_every_read_of_a_person_leaves_a_leaf_without_his_number(town, leaves):
    civil_id = town.civil_id()
    view = register(town, civil_id=civil_id)
    before = len(leaves())

    queries.by_id(**read(town), customer_id=view.id)
    queries.by_civil_id(**read(town), civil_id=civil_id)
    queries.search(**read(town), text=civil_id.digits)
    queries.people(**read(town), customer_ids=[view.id])
    queries.contact(**read(town), customer_id=view.id)

    new = leaves()[before:]
    assert [leaf["action"] for leaf in new] == ["read"] * 5
    assert {leaf["purpose"] for leaf in new} == {"customer_service"}
    assert civil_id.digits not in str(new)


def test_a_batch_is_registered_with_one_leaf_and_a_digest(town, leaves):
    before = len(leaves())
    ministry, site = town.make_id(town.at), town.make_id(town.at)
    batch = [
        NewCustomer(ministry, CustomerKind.GOVERNMENT, "وزارة", "Ministry"),
        NewCustomer(site, CustomerKind.GOVERNMENT, "موقع", "Site", parent_id=ministry),
    ]

    count = operations.register_many(actor=town.house, at=town.at, batch="bodies", customers=batch)

    assert count == 2
    assert queries.bodies_under(customer_id=ministry) == [ministry, site]
    (leaf,) = leaves()[before:]
    assert leaf["facts"]["count"] == 2
    assert len(leaf["facts"]["digest"]) == 64


def test_a_batch_with_one_civil_id_twice_is_refused_whole(town, leaves):
    civil_id = town.civil_id()
    batch = [
        NewCustomer(town.make_id(town.at), CustomerKind.CITIZEN, "أ", "A", civil_id)
        for _ in range(2)
    ]

    with pytest.raises(operations.CivilIdTaken):
        operations.register_many(actor=town.house, at=town.at, batch="twice", customers=batch)

    assert not Customer.objects.exists()
    assert leaves()[-1]["outcome"] == "refused"

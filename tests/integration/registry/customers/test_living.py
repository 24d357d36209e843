"""Deaths, departures and corrections: dated, proved, and what stood before is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from psycopg import errors

from tahseel.kernel.actor import Actor, ActorKind, Purpose
from tahseel.kernel.errors import NotAllowed
from tahseel.registry.customers import operations, queries, telling
from tahseel.registry.customers.models import Change, Customer
from tahseel.registry.customers.values import CustomerKind, Evidence, Happening, IdentityState
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import rules
from tahseel.trust.approvals.models import Approval

DAY = date(2026, 2, 1)
NAMES = {"name_ar": "مبارك العنزي", "name_en": "Mubarak Alenezi"}
PROOF = {"reason": "misread card", "evidence": "card copy 7"}


def act(town, customer_id, hours=0):
    at = town.at + timedelta(hours=hours)
    return {"actor": town.clerk, "at": at, "customer_id": customer_id}


def life(town, customer_id):
    return queries.life_of(purpose=Purpose.CUSTOMER_SERVICE, **act(town, customer_id))


def found(town, text):
    read = {"actor": town.clerk, "at": town.at, "purpose": Purpose.CUSTOMER_SERVICE}
    return [view.id for view in queries.search(**read, text=text)]


def resident(town, **facts):
    given = {
        "id": town.make_id(town.at), "kind": CustomerKind.RESIDENT, "civil_id": town.civil_id(),
        "name_ar": "سالم", "name_en": "Salem",
    }  # fmt: skip
    return operations.register(actor=town.clerk, at=town.at, **{**given, **facts}).id


def test_a_corrected_name_is_found_and_the_old_one_is_kept(town, leaves):
    who = town.person("مبارد العنزي", "Mubared Alenezi")

    view = operations.correct_name(**act(town, who), **NAMES, **PROOF, effective_on=DAY)

    assert (view.name_ar, view.name_en) == tuple(NAMES.values())
    assert found(town, "مبارك") == [who]
    (event,) = life(town, who)
    assert (event.what, event.effective_on) == (Happening.NAME_CORRECTED, DAY)
    assert event.before == {"name_ar": "مبارد العنزي", "name_en": "Mubared Alenezi"}
    assert (event.after, event.evidence, event.recorded_by) == (NAMES, "card copy 7", town.clerk.id)
    assert "Mubar" not in str(leaves())
    assert "مبار".encode() not in bytes(Change.objects.get().sealed)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"evidence": " "}, operations.ProofMissing),
        ({"reason": ""}, operations.ProofMissing),
        ({"name_ar": "", "name_en": " "}, operations.NameMissing),
        ({"name_ar": "سالم", "name_en": "Salem"}, operations.NothingToCorrect),
    ],
)
def test_a_correction_without_proof_or_without_a_change_is_refused(town, facts, refusal, leaves):
    who = town.person("سالم", "Salem")

    with pytest.raises(refusal):
        operations.correct_name(
            **act(town, who), **{**NAMES, **PROOF, "effective_on": DAY, **facts}
        )

    assert Customer.objects.get(pk=who).name_en == "Salem"
    assert not Change.objects.exists()
    assert leaves()[-1]["outcome"] == "refused"


def correct(town, who, civil_id, **facts):
    given = {"effective_on": DAY, "proof": Evidence.SMART_CARD, **PROOF, **facts}
    asked = operations.propose_civil_id(
        **act(town, who), approval_id=town.make_id(town.at), civil_id=civil_id, **given
    )
    head = replace(town.clerk, id="head-1", roles=frozenset({"office_head"}))
    return approvals.approve(actor=head, at=town.at, approval_id=asked)


def test_a_corrected_civil_id_is_verified_and_shown_by_its_last_digits_only(town, leaves):
    old, new = town.civil_id(), town.civil_id()
    who = resident(town, civil_id=old)

    view = correct(town, who, new.digits)

    assert (view.civil_id_masked, view.identity) == (new.masked, IdentityState.VERIFIED)
    assert found(town, new.digits) == [who]
    assert found(town, old.digits) == []
    (event,) = life(town, who)
    assert (event.before, event.after) == ({"civil_id": old.masked}, {"civil_id": new.masked})
    assert old.digits not in str(leaves())
    assert len(queries.former_blind_indexes(customer_ids=[who])) == 1


def announced():
    with connection.cursor() as cursor:
        cursor.execute("select name from kernel_outbox")
        return cursor.fetchall()


def alone(town, who, civil_id, **by):
    given = {"effective_on": DAY, "proof": Evidence.SMART_CARD, **PROOF, **act(town, who), **by}
    return operations.correct_civil_id(civil_id=civil_id, **given)


@pytest.mark.parametrize("role", ["clerk", "revenue_manager", "exit_officer", "connection_officer"])
def test_nobody_changes_a_civil_id_on_record_alone(town, leaves, role):
    old, new = town.civil_id(), town.civil_id()
    who = resident(town, civil_id=old)
    sent = announced()

    with pytest.raises(NotAllowed):
        alone(town, who, new.digits, actor=replace(town.clerk, roles=frozenset({role})))

    assert found(town, old.digits) == [who]
    assert not Change.objects.exists()
    assert announced() == sent
    assert leaves()[-2]["outcome"] == "denied"
    assert new.digits not in str(leaves())


def test_whoever_asks_for_a_new_civil_id_does_not_decide_on_it(town):
    old, new = town.civil_id(), town.civil_id()
    who = resident(town, civil_id=old)
    head = replace(town.clerk, id="head-1", roles=frozenset({"office_head"}))
    asked = operations.propose_civil_id(
        **{**act(town, who), "actor": head}, approval_id=town.make_id(town.at),
        civil_id=new.digits, effective_on=DAY, proof=Evidence.SMART_CARD, **PROOF,
    )  # fmt: skip

    with pytest.raises(NotAllowed):
        approvals.approve(actor=head, at=town.at, approval_id=asked)

    assert found(town, old.digits) == [who]
    assert new.digits not in Approval.objects.get(pk=asked).payload


def test_the_registry_of_the_state_corrects_a_civil_id_by_its_own_word(town):
    old, new = town.civil_id(), town.civil_id()
    who = resident(town, civil_id=old)
    feed = Actor(ActorKind.SYSTEM, "feeds", "feeds")

    alone(town, who, new.digits, actor=feed, proof=Evidence.REGISTRY_FEED)

    assert found(town, new.digits) == [who]


def test_a_first_civil_id_is_recorded_by_one_person(town):
    who = resident(town, kind=CustomerKind.GCC, civil_id=None)
    first = town.civil_id()

    view = alone(town, who, first.digits)

    assert view.civil_id_masked == first.masked


def test_the_one_who_decides_reads_both_numbers_by_their_last_digits(town, leaves):
    old, new = town.civil_id(), town.civil_id()
    who = resident(town, civil_id=old)
    asked = operations.propose_civil_id(
        **act(town, who), approval_id=town.make_id(town.at), civil_id=new.digits,
        effective_on=DAY, proof=Evidence.SMART_CARD, **PROOF,
    )  # fmt: skip
    payload = rules.thaw(Approval.objects.get(pk=asked).payload)

    told = telling.civil_id_in_words(actor=town.clerk, at=town.at, payload=payload)

    values = [detail.value for detail in told.details]
    assert values == [old.masked, new.masked, DAY, "card copy 7"]
    assert "Salem" in told.text_en
    assert (leaves()[-1]["action"], leaves()[-1]["actor"]["id"]) == ("read", town.clerk.id)


def test_a_civil_id_of_another_or_with_a_wrong_digit_is_refused_and_nothing_changes(town, leaves):
    taken, own = town.civil_id(), town.civil_id()
    resident(town, civil_id=taken)
    who = resident(town, civil_id=own)
    wrong = own.digits[:-1] + str((int(own.digits[-1]) + 1) % 10)

    for digits, refusal in (
        (taken.digits, operations.CivilIdTaken), (wrong, operations.CivilIdInvalid),
        (own.digits, operations.NothingToCorrect),
    ):  # fmt: skip
        with pytest.raises(refusal):
            correct(town, who, digits)
        assert leaves()[-1]["outcome"] == "refused"

    assert found(town, own.digits) == [who]
    assert not Change.objects.exists()


def test_a_resident_leaves_for_good_and_comes_back(town):
    who = resident(town)

    gone = operations.record_departure(**act(town, who), departed_on=DAY, source="interior")
    back = operations.record_return(
        **act(town, who, 1), returned_on=date(2026, 2, 20), source="interior"
    )

    assert (gone.departed_on, back.departed_on) == (DAY, None)
    assert [event.what for event in life(town, who)] == [Happening.RETURNED, Happening.DEPARTED]


def test_a_citizen_does_not_leave_for_good_nor_anybody_tomorrow_or_after_death(town):
    citizen, tomorrow, dead = town.person(), resident(town), resident(town)
    operations.record_death(**act(town, dead), died_on=DAY, source="feed")

    for who, day in ((citizen, DAY), (tomorrow, date(2026, 3, 2)), (dead, date(2026, 2, 2))):
        with pytest.raises(operations.DepartureImpossible):
            operations.record_departure(**act(town, who), departed_on=day, source="interior")

    assert not Customer.objects.filter(departed_on__isnull=False).exists()


def test_a_death_is_taken_back_and_both_stay_in_the_history(town):
    who = town.person()
    operations.record_death(**act(town, who), died_on=DAY, source="feed")

    view = operations.revoke_death(**act(town, who, 1), **PROOF)
    with pytest.raises(operations.NotRecorded):
        operations.revoke_death(**act(town, who), **PROOF)

    assert view.died_on is None
    assert queries.deaths(customer_ids=[who]) == {}
    events = life(town, who)
    assert [event.what for event in events] == [Happening.DEATH_REVOKED, Happening.DIED]
    assert events[0].before == {"died_on": "2026-02-01"}


def test_the_history_of_a_life_cannot_be_changed(town, database):
    who = town.person()
    operations.record_death(**act(town, who), died_on=DAY, source="feed")

    with database.as_app() as link, pytest.raises(errors.InsufficientPrivilege):
        link.execute("update customers_change set evidence = 'another'")

    assert Change.objects.get().evidence == "feed"

"""From an application to a lamp that burns: who may do what, what it costs, what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.services.conftest import (
    CLERK,
    ENGINEER,
    INSPECTOR,
    OFFICER,
    Office,
    staff,
)

from tahseel.channels.services import operations, queries
from tahseel.channels.services.operations.applying import (
    ApplicationIncomplete,
    ApplicationOpen,
    EvidenceRefused,
    PlaceHasAccount,
)
from tahseel.channels.services.operations.energising import MeterNotInStock, MetersDiffer
from tahseel.channels.services.operations.inspecting import InspectionUnreasoned
from tahseel.channels.services.operations.moving import ApplicationUnknown, SameHands
from tahseel.channels.services.operations.studying import PapersMissing, StudyIncomplete
from tahseel.channels.services.values import State, Verdict
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import WrongState

Leaves = Callable[[str], list[str]]


def test_an_application_goes_all_the_way_to_an_account_with_meters(office: Office) -> None:
    from tahseel.registry.supply import queries as supply

    made = office.passed()
    office.later()

    energised = office.energise(made)

    account = supply.account_ref(number=energised.account_number)
    assert account is not None
    assert (account.id, account.opened_on) == (made.account_id, office.today)
    assert supply.liable_customer(account_id=account.id, day=office.today) == office.owner
    hung = queries.hung_at(unit_id=office.unit, day=office.today)
    assert {view.service for view in hung.values()} == set(Service)
    assert all(set(view.opening.values()) == {"000012"} for view in hung.values())
    steps = [step.step for step in queries.course(application_id=made.id)]
    assert steps == ["applied", "studied", "quoted", "paid", "passed", "energised"]


def test_the_fee_is_an_advance_until_there_is_supply_and_then_revenue(office: Office) -> None:
    made = office.passed()
    total = made.quotation.total
    before = trial(office)

    office.energise(made)

    assert total == Money(10_000 + 60 * 2_500 + 2 * 15_000)
    assert before["connection.advance"] == -total.fils
    after = trial(office)
    assert (after["connection.advance"], after["connection.revenue"]) == (0, -total.fils)
    assert after["receivable"] == 0
    assert sound()


def trial(office: Office) -> dict[str, int]:
    """Debit less credit of every account of the chart that has moved."""
    from tahseel.books.ledger import queries as ledger

    rows = ledger.trial_balance(as_of=office.now + timedelta(hours=1)).rows
    found = {row.code: row.debit.fils - row.credit.fils for row in rows}
    wanted = ("connection.advance", "connection.revenue", "receivable", "credit", "cash",
              "refund", "bank", "deposit")  # fmt: skip
    return {code: found.get(code, 0) for code in wanted}


def sound() -> bool:
    from tahseel.books.claims import queries as claims

    return claims.recompute().sound


def test_the_same_application_again_changes_nothing(office: Office, leaves: Leaves) -> None:
    new, papers = office.new(), office.papers()

    first, second = (
        operations.apply(actor=CLERK, at=office.now, application=new, evidence=papers)
        for _ in range(2)
    )

    assert first == second
    assert len(queries.course(application_id=first.id)) == 1
    assert leaves("services.apply") == ["done", "done"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"load_kw": 0}, "load_kw"),
        ({"load_kw": 100_001}, "load_kw"),
        ({"services": frozenset()}, "services"),
        ({"purpose": " ", "service": "temporary_supply"}, "until_day"),
    ],
)
def test_an_application_that_lacks_something_is_refused_and_leaves_nothing(
    office: Office, leaves: Leaves, wrong: dict[str, Any], field: str
) -> None:
    from tahseel.channels.services.models import Application

    with pytest.raises(ApplicationIncomplete) as refused:
        office.apply(**wrong)

    assert refused.value.facts["field"] == field
    assert not Application.objects.exists()
    assert leaves("services.apply") == ["refused"]


def test_temporary_supply_beyond_a_year_or_into_the_past_is_refused(office: Office) -> None:
    for days in (0, 367):
        with pytest.raises(ApplicationIncomplete):
            office.apply(
                service="temporary_supply", purpose="a wedding",
                until_day=office.today + timedelta(days=days),
            )  # fmt: skip


def test_a_place_with_an_account_gets_no_second_one(office: Office) -> None:
    from tahseel.channels.services.models import Application

    made = office.passed()
    account = office.energise(made).account_number
    stranger = office.town.person()

    with pytest.raises(PlaceHasAccount) as refused:
        office.apply(
            actor=replace(office.applicant, customer_id=str(stranger)), applicant_id=stranger
        )

    told = [refused.value.in_language(language) for language in ("ar", "en")]
    assert not any(account in text for text in (*told, str(refused.value.as_dict())))
    assert Application.objects.count() == 1


def test_one_application_for_a_service_at_a_place_is_open_at_a_time(office: Office) -> None:
    first = office.apply()

    with pytest.raises(ApplicationOpen):
        office.apply()

    operations.withdraw(actor=CLERK, at=office.now, application_id=first.id, reason="mistake")
    assert office.apply().state is State.APPLIED


def test_papers_are_files_of_known_kinds(office: Office) -> None:
    from tahseel.channels.services.models import Application, Evidence
    from tahseel.channels.services.values import NewEvidence

    script = NewEvidence(office.town.make_id(office.now), "ownership", "a.pdf", b"<script>")
    with pytest.raises(EvidenceRefused):
        office.apply(papers=[script])
    with pytest.raises(EvidenceRefused):
        office.apply(papers=office.papers("horoscope"))
    assert not Application.objects.exists()
    made = office.apply()

    held = Evidence.objects.filter(application_id=made.id)
    assert {row.kind for row in held} == {"ownership", "electrical_plan"}
    assert all(b"%PDF" not in bytes(row.body_cipher) for row in held)
    view = queries.papers(application_id=made.id)[0]
    _, body = queries.paper(actor=CLERK, at=office.now, reference=made.reference, paper_id=view.id)
    assert body.startswith(b"%PDF")


def test_a_study_begins_when_every_required_paper_is_there(office: Office) -> None:
    made = office.apply(papers=office.papers("ownership"))

    with pytest.raises(PapersMissing) as refused:
        office.study(made)

    assert refused.value.facts["kinds"] == "electrical_plan"
    (paper,) = office.papers("electrical_plan")
    operations.add_evidence(
        actor=office.applicant, at=office.now, application_id=made.id, evidence=paper
    )
    assert office.study(made).verdict is Verdict.FEASIBLE


def test_what_the_network_cannot_carry_is_refused_by_the_study(office: Office) -> None:
    made = office.apply()  # 60 kW, of which a private house takes 42 at its peak

    refused = office.study(made, 41)

    assert (refused.state, refused.verdict) == (State.REFUSED, Verdict.NOT_FEASIBLE)
    assert refused.demand_kw == 42
    with pytest.raises(WrongState):
        office.quote(made)


def test_what_the_network_cannot_carry_yet_is_granted_on_conditions(office: Office) -> None:
    made = office.apply()

    studied = office.study(made, 41, conditions=("a transformer room on the plot",))

    assert (studied.state, studied.verdict) == (State.STUDIED, Verdict.CONDITIONAL)
    last = queries.course(application_id=made.id)[-1]
    assert last.facts["conditions"] == ["a transformer room on the plot"]


def test_a_study_without_a_point_of_the_network_is_refused(office: Office) -> None:
    made = office.apply()

    with pytest.raises(StudyIncomplete):
        office.study(made, -1)
    with pytest.raises(StudyIncomplete):
        office.study(made, 10, current_kw=60)
    assert office.state(made) == "applied"


def test_a_part_payment_does_not_take_an_application_on(office: Office) -> None:
    made = office.quoted()

    office.pay(made, 1_000)
    before = office.state(made)
    office.pay(made, made.quotation.total.fils - 1_000)

    assert (before, office.state(made)) == ("quoted", "paid")


def test_a_failed_inspection_is_put_right_and_asked_for_again(office: Office) -> None:
    made = office.quoted()
    office.pay(made)

    failed = office.inspect(made, "no earth", "bare cable in the yard")
    with pytest.raises(WrongState):
        office.inspect(made)
    again = operations.ask_again(actor=office.applicant, at=office.now, application_id=made.id)
    passed = office.inspect(made)

    assert [failed.state, again.state, passed.state] == [State.FAILED, State.PAID, State.PASSED]
    assert passed.inspections == 2
    told = [step.facts.get("reasons") for step in queries.course(application_id=made.id)][-3:]
    assert told == [["no earth", "bare cable in the yard"], None, []]


def test_a_reason_without_words_is_no_reason(office: Office) -> None:
    made = office.quoted()
    office.pay(made)

    with pytest.raises(InspectionUnreasoned):
        office.inspect(made, " ")

    assert office.state(made) == "paid"


def test_nobody_does_two_of_study_inspection_and_energising(office: Office, leaves: Leaves) -> None:
    """Even somebody to whom all roles were given by mistake."""
    both = staff("engineer-1", "inspector", "connection_officer", "supply_engineer")
    made = office.quoted()
    office.pay(made)

    with pytest.raises(SameHands):
        office.inspect(made, actor=both)
    office.inspect(made)
    fits = office.fits()
    with pytest.raises(SameHands):
        office.energise(made, fits, actor=both)
    with pytest.raises(SameHands):
        office.energise(made, fits, actor=staff("inspector-1", "connection_officer"))

    assert office.state(made) == "passed"
    assert queries.hung_at(unit_id=office.unit, day=office.today) == {}
    assert leaves("services.energise") == ["denied", "denied"]
    assert leaves("services.record_inspection") == ["denied", "done"]


def test_each_step_wants_its_duty(office: Office, leaves: Leaves) -> None:
    made = office.apply()
    wrong: list[Callable[[], Any]] = [
        lambda: office.study(made, actor=CLERK),
        lambda: operations.quote(actor=INSPECTOR, at=office.now, application_id=made.id),
        lambda: office.inspect(made, actor=ENGINEER),
        lambda: office.energise(made, [], actor=ENGINEER),
        lambda: office.apply(actor=OFFICER),
    ]

    for act in wrong:
        with pytest.raises(NotAllowed):
            act()

    assert office.state(made) == "applied"
    assert len(queries.course(application_id=made.id)) == 1
    assert leaves("services.record_study") == ["denied"]


def test_another_customer_neither_sees_nor_touches_an_application(
    office: Office, leaves: Leaves
) -> None:
    from tahseel.kernel.errors import NotFound

    made = office.apply()
    stranger = Actor(
        ActorKind.CUSTOMER, "user-2", "stranger", frozenset({"customer"}),
        str(office.town.person()),
    )  # fmt: skip

    with pytest.raises(NotFound):
        queries.sheet(actor=stranger, at=office.now, reference=made.reference, as_of=office.today)
    with pytest.raises(ApplicationUnknown):
        operations.withdraw(
            actor=stranger, at=office.now, application_id=made.id, reason="mischief"
        )
    with pytest.raises(NotAllowed):
        office.apply(actor=stranger)

    assert office.state(made) == "applied"
    assert queries.own(actor=stranger, as_of=office.today) == []
    assert leaves("services.withdraw") == ["refused"]


def test_energising_is_all_or_nothing(office: Office) -> None:
    from tahseel.registry.premises import queries as premises
    from tahseel.registry.supply import queries as supply

    made = office.passed()
    electric, water = office.fits()
    broken = type(water)(water.service, "NOT-IN-STOCK", water.opening)

    for fits, refusal in (
        ([electric, broken], MeterNotInStock),
        ([electric], MetersDiffer),
        ([electric, electric], MetersDiffer),
        ([electric, type(water)(water.service, water.serial, {})], Refusal),
    ):
        with pytest.raises(refusal):
            office.energise(made, fits)

    assert office.state(made) == "passed"
    assert premises.service_points(unit_ids=[office.unit]) == {}
    assert supply.accounts(account_ids=[made.account_id]) == {}
    office.energise(made, [electric, water])
    assert office.state(made) == "energised"


def test_the_work_list_of_a_duty_holds_what_waits_for_it_with_the_late_first(
    office: Office,
) -> None:
    made = office.apply()

    def waiting(actor: Actor) -> list[tuple[str, bool]]:
        rows = queries.worklist(actor=actor, as_of=office.today)
        return [(row.application.reference, row.late) for row in rows]

    first = waiting(ENGINEER)
    inspectors = waiting(INSPECTOR)
    office.later(30)

    assert first == [(made.reference, False)]
    assert inspectors == []
    assert waiting(ENGINEER) == [(made.reference, True)]
    with pytest.raises(NotAllowed):
        waiting(staff("officer", "exit_officer"))

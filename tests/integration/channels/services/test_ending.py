"""Applications that end without supply, and supply that ends by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.services.conftest import CLERK, OFFICER, Office, staff
from tests.integration.channels.services.test_getting_supply import sound, trial

from tahseel.channels.services import jobs, operations, queries
from tahseel.channels.services.operations.ending import NotDue
from tahseel.channels.services.values import State
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import WrongState


def withdraw(office: Office, made: Any) -> Any:
    return operations.withdraw(
        actor=office.applicant, at=office.now, application_id=made.id, reason="sold the plot"
    )


def open_fils(made: Any) -> int:
    from tahseel.books.claims import queries as claims

    return sum(claim.open.fils for claim in claims.open_claims(made.account_id))


def test_a_quotation_withdrawn_leaves_no_claim(office: Office) -> None:
    made = office.quoted()

    withdraw(office, made)

    assert open_fils(made) == 0
    assert set(trial(office).values()) == {0}
    assert sound()


def test_what_was_paid_in_part_is_owed_back(office: Office) -> None:
    made = office.quoted()
    office.pay(made, 5_000)

    withdraw(office, made)

    found = trial(office)
    assert (found["refund"], found["cash"], found["receivable"]) == (-5_000, 5_000, 0)
    assert found["credit"] == 0
    assert found["connection.advance"] == 0
    assert sound()


def test_after_payment_the_refundable_lines_are_owed_back_and_the_study_is_kept(
    office: Office,
) -> None:
    made = office.passed()

    withdraw(office, made)

    found, quotation = trial(office), made.quotation
    assert (found["refund"], found["credit"]) == (-quotation.refundable.fils, 0)
    assert found["connection.revenue"] == -10_000
    assert found["connection.advance"] == 0
    assert sound()


def test_what_is_owed_back_of_a_fee_is_paid_by_two_people_to_the_applicants_bank(
    office: Office,
) -> None:
    from tahseel.books.deposits import operations as deposits
    from tahseel.books.deposits import queries as refunds
    from tahseel.trust.approvals import operations as approvals

    made = office.passed()
    withdraw(office, made)
    (due,) = refunds.refunds_due()
    head = staff("head-1", "office_head")

    approval = deposits.propose_refund(
        actor=CLERK, at=office.now, approval_id=office.town.make_id(office.now),
        account_id=due.account_id, deposit_id=due.id, iban="KW81CBKU0000000000001234560101",
        reason="the plot was sold",
    )  # fmt: skip
    approvals.approve(actor=head, at=office.now, approval_id=approval)

    assert (due.customer_id, due.refund) == (office.owner, made.quotation.refundable)
    assert (due.reference, due.account_id) == (made.reference, made.account_id)
    found = trial(office)
    assert (found["refund"], found["bank"]) == (0, -made.quotation.refundable.fils)
    assert refunds.refunds_due() == []


def test_what_comes_after_the_end_is_owed_back_as_well(office: Office) -> None:
    from tahseel.books.deposits import queries as refunds

    made = office.quoted()
    office.later(31)
    jobs.night(office.now, office.today)

    office.pay(made, 7_000)
    office.pay(made, 2_000)

    found = trial(office)
    assert (found["refund"], found["credit"], found["cash"]) == (-9_000, 0, 9_000)
    assert sorted(due.refund.fils for due in refunds.refunds_due()) == [2_000, 7_000]
    assert office.state(made) == "expired"
    assert sound()


def test_an_energised_application_is_not_withdrawn(office: Office) -> None:
    made = office.passed()
    office.energise(made)
    before = trial(office)

    with pytest.raises(WrongState):
        withdraw(office, made)

    assert office.state(made) == "energised"
    assert trial(office) == before


def test_a_quotation_ends_by_itself_after_its_last_day(office: Office) -> None:
    made = office.quoted()
    office.now += timedelta(days=30)
    early = jobs.night(office.now, office.today)
    with pytest.raises(NotDue):
        operations.expire(actor=CLERK, at=office.now, application_id=made.id)
    office.later()

    told = jobs.night(office.now, office.today)

    assert (early["expired"], told["expired"]) == (0, 1)
    assert office.state(made) == "expired"
    assert open_fils(made) == 0
    assert jobs.night(office.now, office.today)["expired"] == 0


def test_who_has_paid_on_the_last_day_goes_on_though_nobody_heard_of_it_yet(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tahseel.channels.services import consumers

    made = office.quoted()
    office.later(30)
    monkeypatch.setattr(consumers, "step", lambda **_: False)
    office.pay(made)
    office.later()
    before = trial(office)

    told = jobs.night(office.now, office.today)

    assert (told["expired"], told["paid"], office.state(made)) == (0, 1, "paid")
    assert trial(office) == before
    assert office.inspect(made).state is State.PASSED


def test_one_application_that_cannot_be_ended_keeps_no_other_waiting(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = (office.unit, other_place(office, 1), other_place(office, 2))
    made = [office.quoted(unit_id=unit) for unit in places]
    office.later(31)
    withdraw(office, made[0])
    listed = [one.id for one in made]
    monkeypatch.setattr(queries, "lapsed", lambda day: listed)
    expire = operations.expire

    def breaks(**given: Any) -> Any:
        if given["application_id"] == made[1].id:
            raise ZeroDivisionError
        return expire(**given)

    monkeypatch.setattr(operations, "expire", breaks)

    told = jobs.night(office.now, office.today)

    assert (told["expired"], told["left"]) == (1, 2)
    assert [office.state(one) for one in made] == ["withdrawn", "quoted", "expired"]


def test_who_applies_without_papers_keeps_the_place_from_nobody_for_long(office: Office) -> None:
    from tahseel.kernel.period import local_day

    first = office.apply(actor=office.applicant, papers=office.papers("ownership"))
    other = office.town.person()
    office.later(14)
    early = jobs.night(office.now, office.today)
    office.later()

    told = jobs.night(office.now, office.today)
    second = office.apply(applicant_id=other)

    assert first.deadline == local_day(office.now) - timedelta(days=1)
    assert (early["expired"], told["expired"]) == (0, 1)
    assert (office.state(first), office.state(second)) == ("expired", "applied")


def test_the_last_paper_gives_the_turn_to_the_office(office: Office) -> None:
    made = office.apply(papers=office.papers("ownership"))
    office.later(13)
    (plan,) = office.papers("electrical_plan")
    (page,) = queries.own(actor=office.applicant, as_of=office.today)

    operations.add_evidence(
        actor=office.applicant, at=office.now, application_id=made.id, evidence=plan
    )

    (after,) = queries.own(actor=office.applicant, as_of=office.today)
    office.later(60)
    told = jobs.night(office.now, office.today)
    assert ([kind.code for kind in page.missing], page.turn) == (["electrical_plan"], "applicant")
    assert (after.missing, after.turn) == ((), "staff")
    assert page.application.deadline < after.application.deadline
    assert (told["expired"], office.state(made)) == (0, "applied")


def other_place(office: Office, number: int) -> Any:
    from datetime import date

    from tahseel.registry.premises import operations as premises
    from tahseel.registry.premises.values import NewPremises, NewUnit, Sector, UnitKind

    town = office.town
    plot = NewPremises(town.make_id(town.at), "surra", "3", "12", f"9{number}")
    villa = NewUnit(
        town.make_id(town.at), plot.id, UnitKind.VILLA, Sector.PRIVATE, date(2026, 1, 1),
        paci_number=f"1743216{number}",
    )  # fmt: skip
    premises.add_premises(actor=town.head, at=town.at, premises=plot)
    premises.add_unit(actor=town.head, at=town.at, unit=villa)
    return villa.id


def test_an_expired_quotation_is_never_a_debt_that_somebody_is_asked_for(office: Office) -> None:
    from tahseel.books.claims import queries as claims

    office.quoted()
    office.later(31)

    jobs.night(office.now, office.today)

    assert claims.debtors(as_of=office.today) == []


def test_what_waits_for_staff_is_late_and_does_not_expire(office: Office) -> None:
    made = office.apply()
    office.later(200)

    told = jobs.night(office.now, office.today)

    assert told["expired"] == 0
    assert office.state(made) == "applied"


def test_temporary_supply_ends_by_itself_and_its_meter_is_taken_down(office: Office) -> None:
    from tahseel.registry.supply import queries as supply

    until = office.today + timedelta(days=20)
    made = office.apply(
        service="temporary_supply", services=frozenset({Service.ELECTRICITY}), load_kw=30,
        until_day=until, purpose="a building site", papers=office.papers("permit"),
    )  # fmt: skip
    office.study(made)
    made = office.quote(made)
    office.pay(made)
    office.inspect(made)
    office.energise(made, office.fits("T", Service.ELECTRICITY))
    office.later(19)
    early = jobs.night(office.now, office.today)
    office.later()

    told = jobs.night(office.now, office.today)
    waiting = queries.worklist(actor=OFFICER, as_of=office.today)
    office.later()
    removed = operations.record_removal(
        actor=OFFICER, at=office.now, application_id=made.id, day=office.today,
        closing={"T-electricity": {"1.8.0": "000950"}},
    )  # fmt: skip

    assert (early["removal_due"], told["removal_due"]) == (0, 1)
    assert [row.application.reference for row in waiting] == [made.reference]
    assert removed.state is State.REMOVED
    assert queries.hung_at(unit_id=office.unit, day=office.today) == {}
    account = supply.accounts(account_ids=[made.account_id])[made.account_id]
    assert account.closed_on == office.today


def test_a_removal_without_the_last_read_changes_nothing(office: Office) -> None:
    from tahseel.kernel.errors import Refusal

    made = office.apply(
        service="temporary_supply", services=frozenset({Service.ELECTRICITY}), load_kw=30,
        until_day=office.today + timedelta(days=2), purpose="a wedding",
        papers=office.papers("permit"),
    )  # fmt: skip
    office.study(made)
    made = office.quote(made)
    office.pay(made)
    office.inspect(made)
    office.energise(made, office.fits("T", Service.ELECTRICITY))
    office.later(2)
    jobs.night(office.now, office.today)

    with pytest.raises(Refusal):
        operations.record_removal(
            actor=OFFICER, at=office.now, application_id=made.id, day=office.today, closing={}
        )

    assert office.state(made) == "removal_due"
    assert len(queries.hung_at(unit_id=office.unit, day=office.today)) == 1

"""A fee that was paid never lapses: reminders to the day, then somebody decides with a reason."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.channels.services.conftest import (
    CLERK,
    INSPECTOR,
    Office,
    staff,
)
from tests.integration.channels.services.test_getting_supply import sound, trial

from tahseel.channels.services import jobs, operations, queries, rules
from tahseel.channels.services.models import Application
from tahseel.channels.services.operations.deciding import (
    DecisionUnreasoned,
    NotDue,
    ProlongedOutOfBounds,
)
from tahseel.channels.services.values import State
from tahseel.kernel.errors import NotAllowed, Refusal
from tahseel.kernel.states import WrongState

HEAD = staff("head-1", "office_head")
DAYS = 90  # of the country's data, for what an inspection found
Leaves = Callable[[str], list[str]]


@pytest.fixture(autouse=True)
def reachable(office: Office) -> None:
    """The owner of the plot is somebody with a mobile number."""
    from tahseel.registry.customers import operations as customers
    from tahseel.registry.customers.values import CustomerKind

    town = office.town
    office.owner = customers.register(
        actor=town.clerk, at=town.at, id=town.make_id(town.at), kind=CustomerKind.CITIZEN,
        civil_id=town.civil_id(), name_ar="محمد العنزي", name_en="Mohammed Alenezi",
        mobile="+96599001122", language="en",
    ).id  # fmt: skip


def failed(office: Office, **facts: Any) -> Any:
    made = office.quoted(**facts)
    office.pay(made)
    return office.inspect(made, "no earth")


def referred(office: Office) -> Any:
    made = failed(office)
    office.later(DAYS + 1)
    jobs.night(office.now, office.today)
    return made


def nights(office: Office, days: int) -> list[dict[str, Any]]:
    """What each night told, the first one tonight."""
    told = []
    for _ in range(days):
        told.append(dict(jobs.night(office.now, office.today)))
        office.later()
    return told


def steps(made: Any) -> list[str]:
    return [step.step for step in queries.course(application_id=made.id)]


def messages(office: Office) -> list[str]:
    from tahseel.trust.notices.models import Notice

    rows = Notice.objects.filter(recipient_customer_id=office.owner, kind="application")
    return [row.body_en for row in rows.order_by("issued_at", "id")]


def test_reminders_come_on_their_days_and_the_decision_the_day_after_the_last(
    office: Office,
) -> None:
    made = failed(office)
    last = made.deadline

    told = nights(office, DAYS + 2)

    assert last == made.state_since.date() + timedelta(days=DAYS)
    assert [n for n, night in enumerate(told) if night["reminded"]] == [60, 83, 89]
    assert [n for n, night in enumerate(told) if night["referred"]] == [DAYS + 1]
    assert sum(night["expired"] + night["left"] for night in told) == 0
    assert office.state(made) == "referred"
    assert steps(made)[-4:] == ["reminded", "reminded", "reminded", "referred"]
    assert len(messages(office)) == 4
    assert all(made.reference in body for body in messages(office))
    assert f"until {last}" in messages(office)[0]


def test_a_reminder_that_a_lost_night_missed_is_given_once_with_the_next(office: Office) -> None:
    made = failed(office)
    office.later(85)

    told = [jobs.night(office.now, office.today)["reminded"] for _ in range(2)]

    assert told == [1, 0]
    with pytest.raises(NotDue):
        operations.remind(actor=CLERK, at=office.now, application_id=made.id)
    facts = queries.course(application_id=made.id)[-1].facts
    assert (facts["days"], facts["told"]) == (7, True)


def test_who_must_still_pay_is_reminded_as_well_and_the_quotation_lapses(office: Office) -> None:
    made = office.quoted()

    told = nights(office, 32)

    assert [n for n, night in enumerate(told) if night["reminded"]] == [23, 29]
    assert [n for n, night in enumerate(told) if night["expired"]] == [31]
    assert office.state(made) == "expired"


def test_the_dead_are_sent_no_reminder_but_the_course_says_it_was_due(office: Office) -> None:
    from tahseel.registry.customers import operations as customers

    made = failed(office)
    office.later(60)
    customers.record_death(
        actor=office.town.head, at=office.now, customer_id=office.owner,
        died_on=office.today - timedelta(days=2), source="certificate",
    )  # fmt: skip

    jobs.night(office.now, office.today)

    assert messages(office) == []
    assert queries.course(application_id=made.id)[-1].facts["told"] is False


def test_what_waits_for_a_decision_keeps_its_money_its_place_and_its_applicants_way(
    office: Office,
) -> None:
    from tahseel.channels.services.operations.applying import ApplicationOpen

    made = referred(office)
    before = trial(office)

    with pytest.raises(ApplicationOpen):
        office.apply(applicant_id=office.town.person())
    with pytest.raises(WrongState):
        operations.expire(actor=CLERK, at=office.now, application_id=made.id)
    with pytest.raises(WrongState):
        office.inspect(made, "not looked at")
    again = operations.ask_again(actor=office.applicant, at=office.now, application_id=made.id)

    assert again.state is State.PAID
    assert office.inspect(made).state is State.PASSED
    assert trial(office) == before
    assert before["connection.advance"] == -made_total(made)


def made_total(made: Any) -> int:
    quotation = queries.models.Application.objects.get(pk=made.id).quotation
    return sum(line["fils"] for line in quotation["lines"])


def test_it_stands_on_the_list_of_whoever_decides_and_is_late_when_nobody_does(
    office: Office,
) -> None:
    made = referred(office)

    (row,) = queries.worklist(actor=HEAD, as_of=office.today)
    office.later(20)
    (later,) = queries.worklist(actor=HEAD, as_of=office.today)

    assert (row.application.reference, row.turn, row.late) == (made.reference, "staff", False)
    assert later.late
    assert jobs.night(office.now, office.today)["expired"] == 0
    assert queries.worklist(actor=INSPECTOR, as_of=office.today) == []


def test_more_time_lasts_to_its_new_day_and_ends_in_the_next_decision(office: Office) -> None:
    made = referred(office)
    until = office.today + timedelta(days=20)

    given_time = operations.prolong(
        actor=HEAD, at=office.now, application_id=made.id, until=until, reason="contractor ill"
    )
    told = nights(office, 22)

    assert (given_time.state, given_time.deadline) == (State.FAILED, until)
    assert [n for n, night in enumerate(told) if night["reminded"]] == [0, 13, 19]
    assert [n for n, night in enumerate(told) if night["referred"]] == [21]
    assert any(f"has time until {until}" in body for body in messages(office))
    assert steps(made).count("referred") == 2


@pytest.mark.parametrize("days", [-1, 0, 181])
def test_more_time_that_is_none_or_without_end_is_refused(office: Office, days: int) -> None:
    made = referred(office)

    with pytest.raises(ProlongedOutOfBounds):
        operations.prolong(
            actor=HEAD, at=office.now, application_id=made.id,
            until=office.today + timedelta(days=days), reason="ill",
        )  # fmt: skip

    assert office.state(made) == "referred"
    assert steps(made)[-1] == "referred"


def test_closing_owes_back_what_may_be_given_back_and_two_people_pay_it(office: Office) -> None:
    from tahseel.books.deposits import operations as deposits
    from tahseel.books.deposits import queries as refunds
    from tahseel.trust.approvals import operations as approvals

    made = referred(office)
    back = queries.own(actor=office.applicant, as_of=office.today)[0].application.quotation

    closed = operations.close(
        actor=HEAD, at=office.now, application_id=made.id, reason="the house was not built"
    )
    owed = trial(office)
    (due,) = refunds.refunds_due()
    approval = deposits.propose_refund(
        actor=CLERK, at=office.now, approval_id=office.town.make_id(office.now),
        account_id=due.account_id, deposit_id=due.id, iban="KW81CBKU0000000000001234560101",
        reason="closed",
    )  # fmt: skip
    approvals.approve(actor=HEAD, at=office.now, approval_id=approval)

    assert (closed.state, closed.deadline) == (State.CLOSED, None)
    assert (owed["refund"], owed["connection.advance"]) == (-back.refundable.fils, 0)
    assert owed["connection.revenue"] == -(back.total - back.refundable).fils
    assert trial(office)["refund"] == 0
    assert any("was closed" in body for body in messages(office))
    assert sound()


@pytest.mark.parametrize("act", ["prolong", "close"])
@pytest.mark.parametrize(
    "case",
    [
        (CLERK, "because", NotAllowed),
        (INSPECTOR, "because", NotAllowed),
        (HEAD, " ", DecisionUnreasoned),
        (HEAD, "x" * 301, DecisionUnreasoned),
    ],
)
def test_a_decision_by_others_or_without_a_reason_is_refused_unchanged_unsent_and_audited(
    office: Office, leaves: Leaves, act: str, case: Any
) -> None:
    actor, reason, refusal = case
    made = referred(office)
    before, sent, course = trial(office), messages(office), steps(made)
    more = {"until": office.today + timedelta(days=5)} if act == "prolong" else {}

    with pytest.raises(refusal):
        getattr(operations, act)(
            actor=actor, at=office.now, application_id=made.id, reason=reason, **more
        )

    assert (trial(office), messages(office), steps(made)) == (before, sent, course)
    assert office.state(made) == "referred"
    assert leaves(f"services.{act}") == ["denied" if refusal is NotAllowed else "refused"]


def test_an_application_that_nobody_referred_is_not_decided(office: Office) -> None:
    made = failed(office)
    until = office.today + timedelta(days=5)

    with pytest.raises(WrongState):
        operations.close(actor=HEAD, at=office.now, application_id=made.id, reason="no")
    operations.ask_again(actor=office.applicant, at=office.now, application_id=made.id)
    with pytest.raises(WrongState):  # else a decision would stand for an inspection
        operations.prolong(
            actor=HEAD, at=office.now, application_id=made.id, until=until, reason="no"
        )

    assert office.state(made) == "paid"


def test_a_fee_that_is_not_paid_is_no_way_to_an_inspection(office: Office, leaves: Leaves) -> None:
    made = office.quoted()

    with pytest.raises(WrongState):
        operations.ask_again(actor=office.applicant, at=office.now, application_id=made.id)

    assert office.state(made) == "quoted"
    assert steps(made)[-1] == "quoted"
    assert leaves("services.ask_again") == ["refused"]


ACTS = ("pay", "part", "fail", "pass", "again", "withdraw", "prolong", "close", "night", "wait",
        "wait", "energise")  # fmt: skip


class Walk:
    """One application, and whoever has something to do with it, doing it or being refused."""

    def __init__(self, office: Office) -> None:
        self.office = office
        office.unit = new_place(office)
        self.kept: int | None = None
        self.made = office.quoted()

    def act(self, name: str) -> None:
        office, made = self.office, self.made
        given_ = {"at": office.now, "application_id": made.id}
        left = made.quotation.total.fils - self.paid()
        acts: dict[str, Callable[[], Any]] = {
            "pay": lambda: office.pay(made, left) if left > 0 else None,
            "part": lambda: office.pay(made, 1_000) if left > 1_000 else None,
            "fail": lambda: office.inspect(made, "no earth"),
            "pass": lambda: office.inspect(made),
            "again": lambda: operations.ask_again(actor=office.applicant, **given_),
            "withdraw": lambda: operations.withdraw(
                actor=office.applicant, reason="sold", **given_
            ),
            "prolong": lambda: operations.prolong(
                actor=HEAD, until=office.today + timedelta(days=9), reason="ill", **given_
            ),
            "close": lambda: operations.close(actor=HEAD, reason="not built", **given_),
            "night": lambda: jobs.night(office.now, office.today),
            "wait": lambda: office.later(40),
            "energise": lambda: office.energise(made, office.fits(made.reference)),
        }
        with contextlib.suppress(Refusal):
            acts[name]()

    def paid(self) -> int:
        return self.moved("cash", credit=False)

    def moved(self, code: str, *, credit: bool = True) -> int:
        """Balance of one account of the chart under the application's account, in fils."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "select coalesce(sum(case when credit = %(c)s then amount else 0 end)"
                " - sum(case when debit = %(c)s then amount else 0 end), 0)"
                " from ledger_entry where account_id = %(a)s",
                {"c": code, "a": self.made.account_id},
            )
            found = int(cursor.fetchone()[0])
        return found if credit else -found


def new_place(office: Office) -> Any:
    from datetime import date

    from tahseel.registry.premises import operations as premises
    from tahseel.registry.premises.values import NewPremises, NewUnit, Sector, UnitKind

    town, number = office.town, Application.objects.count()
    plot = NewPremises(town.make_id(town.at), "surra", "3", "13", f"{number}")
    villa = NewUnit(
        town.make_id(town.at), plot.id, UnitKind.VILLA, Sector.PRIVATE, date(2026, 1, 1),
        paci_number=f"{18_000_000 + number}",
    )  # fmt: skip
    premises.add_premises(actor=town.head, at=town.at, premises=plot)
    premises.add_unit(actor=town.head, at=town.at, unit=villa)
    return villa.id


@given(acts=st.lists(st.sampled_from(ACTS), min_size=3, max_size=14), paid=st.booleans())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_money_of_an_applicant_is_ever_kept_with_nothing_owed_and_nothing_to_do(
    office: Office, acts: list[str], paid: bool
) -> None:
    walk = Walk(office)
    whole = walk.made.quotation.total.fils
    kept_most = whole - walk.made.quotation.refundable.fils

    for act in (["pay"] if paid else []) + acts:
        walk.act(act)
        row = Application.objects.get(pk=walk.made.id)
        money = walk.paid()
        advance, owed = walk.moved("connection.advance"), walk.moved("refund")
        earned = walk.moved("connection.revenue")

        if row.state == "energised":
            assert (advance, earned, owed) == (0, whole, 0)
        elif State(row.state) in rules.UNSUPPLIED:
            if walk.kept is None:  # the study alone, and only of a fee that was whole by then
                walk.kept = kept_most if money >= whole else 0
            assert (advance, earned, owed) == (0, walk.kept, money - walk.kept)
        else:  # open: whoever acts next has a day, and all that came is still the applicant's
            assert row.deadline is not None
            assert (advance, earned, owed) == (whole, 0, 0)
        assert not (row.state == "expired" and walk.kept)

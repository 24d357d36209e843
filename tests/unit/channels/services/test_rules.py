"""What the catalogue says, what a load needs, what it costs and when a turn ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.channels.services import rules
from tahseel.channels.services.values import Basis, Deadline, State, Study, Verdict, Whose
from tahseel.countries.kuwait import country
from tahseel.kernel.calendar import WorkingCalendar
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service

CATALOGUE = rules.load_catalogue(country.content("services"))
BOOKS = CATALOGUE.fee_books
WEEK = WorkingCalendar(frozenset({4, 5}), frozenset())
DAY = date(2026, 11, 1)
BOTH = (Service.ELECTRICITY, Service.WATER)


def test_the_country_offers_three_ways_to_get_supply() -> None:
    assert set(CATALOGUE.services) == {"new_connection", "load_increase", "temporary_supply"}
    assert len({s.prefix for s in CATALOGUE.services.values()}) == 3
    assert all(s.channels == {"counter", "portal"} for s in CATALOGUE.services.values())


def test_every_state_in_which_somebody_has_to_act_has_its_term() -> None:
    acting = {s for s in State if not rules.GETTING_SUPPLY.is_final(s)} - {State.ENERGISED}

    assert set(CATALOGUE.deadlines) == acting


def test_what_is_left_to_the_applicant_lapses_or_is_referred_and_nothing_of_staff_does() -> None:
    for state, found in CATALOGUE.deadlines.items():
        moves = rules.GETTING_SUPPLY.moves[state] & {State.EXPIRED, State.REFERRED}
        papers = state is CATALOGUE.awaiting_papers.state
        assert len(moves) == (found.whose is Whose.APPLICANT or papers), state


def test_what_was_paid_for_never_lapses_and_is_never_refused_by_a_study() -> None:
    seen: set[State] = set()
    todo = [State.PAID]
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo.extend(rules.GETTING_SUPPLY.moves[state])

    assert seen.isdisjoint({State.EXPIRED, State.REFUSED, State.QUOTED, State.APPLIED})
    assert {state for state in seen if rules.GETTING_SUPPLY.is_final(state)} == {
        State.REMOVED, State.WITHDRAWN, State.CLOSED,
    }  # fmt: skip


@given(st.sets(st.integers(0, 29)), st.integers(-3, 40))
def test_the_reminder_of_a_day_is_the_nearest_to_the_end_whose_day_has_come(
    remind: set[int], left: int
) -> None:
    turn = Deadline(State.FAILED, Whose.APPLICANT, 30, tuple(sorted(remind)))

    found = rules.reminder(turn, deadline=DAY + timedelta(days=left), day=DAY)

    come = [days for days in remind if left <= days] if left >= 0 else []
    assert found == (min(come) if come else None)
    assert rules.reminder(None, deadline=DAY, day=DAY) is None
    assert rules.reminder(turn, deadline=None, day=DAY) is None


def test_an_application_that_lacks_papers_is_in_the_hands_of_its_applicant() -> None:
    definition = CATALOGUE.services["new_connection"]
    lacking = rules.missing(definition, {"ownership", "safety"})

    found = rules.turn(State.APPLIED, CATALOGUE, complete=not lacking)

    assert [kind.code for kind in lacking] == ["electrical_plan"]
    assert rules.missing(definition, {"ownership", "electrical_plan"}) == ()
    assert (found, CATALOGUE.awaiting_papers.whose) == (CATALOGUE.awaiting_papers, Whose.APPLICANT)
    assert rules.turn(State.APPLIED, CATALOGUE) == CATALOGUE.deadlines[State.APPLIED]


def test_duties_are_held_by_roles_that_exclude_each_other() -> None:
    roles = {role["code"]: set(role["incompatible"]) for role in country.data("roles")["role"]}
    separate = [CATALOGUE.duties[duty] for duty in ("study", "inspect", "energise")]

    for held in separate:
        others = {role for other in separate if other is not held for role in other}
        assert all(others <= roles[role] for role in held)


@given(st.integers(1, 10_000), st.integers(1, 100))
def test_demand_is_the_share_of_the_load_rounded_up(load: int, percent: int) -> None:
    found = rules.demand(load_kw=load, sector="x", percents={"x": percent})

    assert (found - 1) * 100 < load * percent <= found * 100
    assert rules.demand(load_kw=load, sector=None, percents={"x": percent}) == load


@pytest.mark.parametrize(
    ("demand", "available", "conditions", "verdict"),
    [
        (50, 50, (), Verdict.FEASIBLE),
        (51, 50, (), Verdict.NOT_FEASIBLE),
        (51, 50, ("a substation on the plot",), Verdict.CONDITIONAL),
        (0, 0, (), Verdict.FEASIBLE),
    ],
)
def test_the_network_carries_what_it_has_and_more_only_on_conditions(
    demand: int, available: int, conditions: tuple[str, ...], verdict: Verdict
) -> None:
    study = Study("SS-7", available, conditions=conditions)

    assert rules.verdict(demand_kw=demand, study=study) is verdict


@given(
    st.sampled_from(sorted(CATALOGUE.services)),
    st.integers(1, 5_000),
    st.sampled_from([(Service.ELECTRICITY,), (Service.WATER,), BOTH]),
)
def test_a_quotation_is_the_sum_of_what_its_book_asks(
    service: str, load: int, services: tuple[Service, ...]
) -> None:
    found = rules.quote(
        books=BOOKS, service=service, load_kw=load, services=services, day=DAY, valid_until=DAY
    )

    wanted = refundable = 0
    for rule in BOOKS[-1].rules:
        if service not in rule.services:
            continue
        times = {
            Basis.FIXED: 1,
            Basis.PER_KILOWATT: load if Service.ELECTRICITY in services else 0,
            Basis.PER_SERVICE: len(services),
        }[rule.basis]
        wanted += rule.amount.fils * times
        refundable += rule.amount.fils * times * rule.refundable
    assert found is not None
    assert (found.total, found.refundable) == (Money(wanted), Money(refundable))
    assert all(line.amount.fils for line in found.lines)


def test_before_the_first_book_nothing_is_quoted() -> None:
    assert (
        rules.quote(
            books=BOOKS,
            service="new_connection",
            load_kw=10,
            services=BOTH,
            day=date(2016, 12, 31),
            valid_until=DAY,
        )
        is None
    )


def test_staff_have_working_days_and_applicants_have_days() -> None:
    def last(state: State) -> date | None:
        return rules.last_day(rules.turn(state, CATALOGUE), entered=DAY, calendar=WEEK)

    assert last(State.STUDIED) == date(2026, 11, 4)
    assert last(State.APPLIED) == date(2026, 11, 15)  # ten working days, a weekend between
    assert last(State.QUOTED) == DAY + timedelta(days=30)
    assert last(State.ENERGISED) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"MZ\x90\x00", None),
        (b"<svg onload=x>", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(body: bytes, kind: str | None) -> None:
    assert rules.media_type(body) == kind


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'confidence = "L"', b'confidence = "sure"'),
        (b"fils = 10000", b"fils = 0"),
        (b'prefix = "NC"', b'prefixes = "NC"'),
        (b'state = "quoted"', b'state = "quoting"'),
        (b"days = 30", b"days = 0"),
    ],
)
def test_a_catalogue_that_cannot_be_meant_is_refused(old: bytes, new: bytes) -> None:
    content = country.content("services")
    assert old in content

    with pytest.raises((ValueError, KeyError)):
        rules.load_catalogue(content.replace(old, new))

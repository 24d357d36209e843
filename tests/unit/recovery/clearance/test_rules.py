"""The decision at a gate, against stories and against an obvious reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel.calendar import WorkingCalendar
from tahseel.kernel.period import local_day, start_of
from tahseel.recovery.clearance import rules
from tahseel.recovery.clearance.values import (
    Adoption,
    ClaimFact,
    ClaimState,
    Decision,
    Facts,
    Gate,
    NoticeFact,
    Outcome,
    Person,
    PersonClass,
    Policy,
)

DATA = Path(rules.__file__).parents[2] / "countries" / "kuwait" / "data" / "gates.toml"
POLICY = rules.load_policy(DATA.read_bytes())
CALENDAR = WorkingCalendar.of(weekend=[4, 5], holidays=[])
VERIFIED = datetime(2020, 1, 1, tzinfo=UTC)
OPENED = datetime(2026, 4, 1, 6, tzinfo=UTC)
DUE = date(2026, 5, 1)
SERVED = date(2026, 6, 2)
TERM_ENDS = date(2026, 7, 2)  # a Thursday


def person(kind: PersonClass = PersonClass.RESIDENT, **changes: object) -> Person:
    made = Person(UUID(int=1), kind, VERIFIED, born_on=date(1980, 1, 1))
    return replace(made, **changes)  # type: ignore[arg-type]


def claim(number: int, fils: int, *, disputed: int = 0, due: date = DUE) -> ClaimFact:
    state = ClaimState(OPENED, fils, disputed)
    return ClaimFact(UUID(int=7), UUID(int=100 + number), f"C-{number}", due, (state,))


def notice(number: int, *claims: ClaimFact, served: date | None = SERVED) -> NoticeFact:
    return NoticeFact(UUID(int=200 + number), frozenset(c.claim_id for c in claims), served)


def decide(
    facts: Facts, *, gate: Gate = Gate.EXIT, day: date = date(2026, 7, 5), policy: Policy = POLICY
) -> Decision:
    return rules.decide(
        facts=facts,
        gate=gate,
        policy=policy,
        as_of=start_of(day) + timedelta(hours=9),
        deadline=CALENDAR.legal_deadline,
    )


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def owing(
    fils: int = 150_000, kind: PersonClass = PersonClass.RESIDENT, **changes: object
) -> Facts:
    debt = claim(1, fils)
    return Facts(person(kind, **changes), (debt,), (notice(1, debt),))


def test_a_resident_is_held_on_the_day_after_the_term_and_not_before() -> None:
    last_day, next_day = decide(owing(), day=TERM_ENDS), decide(owing(), day=date(2026, 7, 3))

    assert last_day.outcome is Outcome.CLEAR
    assert codes(last_day) == ["term_running"]
    assert next_day.outcome is Outcome.HELD
    assert next_day.fils == 150_000
    assert next_day.instrument == "mew-moi-link-2023"


def test_a_term_that_ends_on_a_day_off_runs_to_the_next_working_day() -> None:
    debt = claim(1, 5_000)
    facts = Facts(person(), (debt,), (notice(1, debt, served=date(2026, 6, 3)),))

    assert decide(facts, day=date(2026, 7, 5)).outcome is Outcome.CLEAR  # Friday moved to Sunday
    assert decide(facts, day=date(2026, 7, 6)).outcome is Outcome.HELD


@pytest.mark.parametrize("version", [v.code for v in POLICY.versions])
def test_a_citizen_is_never_held_at_the_exit(version: str) -> None:
    policy = replace(POLICY, adoptions=(Adoption(version, date(2000, 1, 1), "test"),))

    decision = decide(owing(900_000_000, PersonClass.CITIZEN), policy=policy)

    assert decision.outcome is Outcome.CLEAR
    assert codes(decision) == ["no_instrument"]


def test_a_citizen_s_transactions_are_held_from_five_hundred_dinars() -> None:
    below = decide(owing(499_999, PersonClass.CITIZEN), gate=Gate.VEHICLE)
    at = decide(owing(500_000, PersonClass.CITIZEN), gate=Gate.VEHICLE)

    assert below.outcome is Outcome.CLEAR
    assert codes(below) == ["below_threshold"]
    assert at.outcome is Outcome.HELD
    assert at.fils == 500_000


def test_a_hold_covers_only_the_claims_of_its_notice() -> None:
    first, second, later = claim(1, 40_000), claim(2, 7_000), claim(3, 11_000)
    facts = Facts(
        person(),
        (first, second, later),
        (notice(1, first), notice(2, second, served=date(2026, 6, 28))),
    )

    decision = decide(facts)

    assert decision.fils == 40_000
    assert [c.reference for hold in decision.holds for c in hold.claims] == ["C-1"]
    assert codes(decision) == ["held", "term_running", "not_notified"]


def test_a_claim_that_two_notices_name_is_counted_once() -> None:
    debt = claim(1, 40_000)
    facts = Facts(person(), (debt,), (notice(1, debt), notice(2, debt, served=date(2026, 6, 1))))

    decision = decide(facts)

    assert decision.fils == 40_000
    assert [hold.notice_id for hold in decision.holds] == [UUID(int=202)]


def test_the_disputed_part_does_not_hold_and_the_rest_does() -> None:
    partly, wholly = claim(1, 40_000, disputed=15_000), claim(2, 9_000, disputed=9_000)
    facts = Facts(person(), (partly, wholly), (notice(1, partly, wholly),))

    decision = decide(facts)

    assert decision.fils == 25_000
    assert codes(decision) == ["held", "disputed"]


def test_without_proof_of_service_nothing_holds() -> None:
    debt = claim(1, 40_000)

    decision = decide(Facts(person(), (debt,), (notice(1, debt, served=None),)))

    assert decision.outcome is Outcome.CLEAR
    assert codes(decision) == ["not_notified"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"identity_verified_at": None}, "identity_not_verified"),
        ({"merge_pending": True}, "merge_pending"),
        ({"died_on": date(2026, 7, 5)}, "person_died"),
        ({"born_on": date(2005, 7, 6)}, "person_is_minor"),
        ({"person_class": PersonClass.COMPANY}, "never_gated"),
        ({"person_class": PersonClass.GOVERNMENT}, "never_gated"),
        ({"person_class": PersonClass.UNKNOWN}, "never_gated"),
    ],
)
def test_some_persons_are_never_held(changes: dict[str, object], code: str) -> None:
    facts = owing()

    decision = decide(replace(facts, person=replace(facts.person, **changes)))  # type: ignore[arg-type]

    assert decision.outcome is Outcome.CLEAR
    assert codes(decision) == [code]


def test_a_person_is_an_adult_from_the_birthday_on() -> None:
    assert decide(owing(born_on=date(2005, 7, 5))).outcome is Outcome.HELD


def test_the_law_of_2025_as_printed_has_no_instrument_for_the_exit() -> None:
    adopted = replace(
        POLICY, adoptions=(*POLICY.adoptions, Adoption("law-2025", date(2026, 1, 1), "test"))
    )

    assert codes(decide(owing(), policy=adopted)) == ["no_instrument"]
    assert decide(owing(), policy=adopted, gate=Gate.OTHER).instrument == "decree-law-75-2025"
    assert decide(owing(), day=date(2026, 7, 5)).outcome is Outcome.HELD


def test_before_any_adoption_and_before_the_instrument_nothing_holds() -> None:
    debt = ClaimFact(
        UUID(int=7), UUID(int=101), "C-1", date(2023, 1, 1), (ClaimState(VERIFIED, 9_000),)
    )
    facts = Facts(person(), (debt,), (notice(1, debt, served=date(2023, 2, 1)),))

    assert codes(decide(facts, day=date(2023, 8, 31))) == ["no_instrument"]
    assert decide(facts, day=date(2023, 9, 1)).outcome is Outcome.HELD
    assert codes(decide(facts, day=date(2023, 9, 9), gate=Gate.RESIDENCY)) == ["no_instrument"]
    assert decide(facts, day=date(2023, 9, 10), gate=Gate.RESIDENCY).outcome is Outcome.HELD


def test_a_past_instant_is_decided_as_it_was_then() -> None:
    paid_at = datetime(2026, 7, 20, 8, tzinfo=UTC)
    debt = replace(claim(1, 40_000), states=(ClaimState(OPENED, 40_000), ClaimState(paid_at, 0)))
    facts = Facts(person(died_on=date(2026, 8, 1)), (debt,), (notice(1, debt),))

    def at(instant: datetime) -> Decision:
        return rules.decide(
            facts=facts,
            gate=Gate.EXIT,
            policy=POLICY,
            as_of=instant,
            deadline=CALENDAR.legal_deadline,
        )

    assert at(OPENED - timedelta(days=1)).outcome is Outcome.CLEAR
    assert at(paid_at - timedelta(microseconds=1)).outcome is Outcome.HELD
    assert codes(at(paid_at)) == ["nothing_owed"]
    assert codes(at(datetime(2026, 8, 1, tzinfo=UTC))) == ["person_died"]


def test_every_reason_speaks_both_languages() -> None:
    for decision in (decide(owing()), decide(owing(1, PersonClass.CITIZEN), gate=Gate.OTHER)):
        for reason in decision.reasons:
            assert "{" not in reason.in_language("ar") + reason.in_language("en")
            assert reason.in_language("ar") != reason.in_language("en")


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ('classes = ["citizen", "resident"]', 'classes = ["resident", "gcc"]', "citizen"),
        ('classes = ["company"]', 'classes = ["resident", "gcc"]', "never gated"),
        ('instrument = "none"', 'instrument = "mew-moi-link-2023"', "no such instrument"),
        ("threshold_fils = 0", "threshold_fils = 1", "at least one fils"),
        ('version = "absent"', 'version = "practice-2023"', "not written"),
    ],
)
def test_unlawful_policy_data_is_refused(wrong: str, right: str, message: str) -> None:
    content = DATA.read_text().replace(right, wrong, 1)
    assert content != DATA.read_text()

    with pytest.raises(rules.PolicyInvalid, match=message):
        rules.load_policy(content.encode())


DAYS = st.dates(date(2026, 5, 1), date(2026, 9, 1))
AMOUNTS = st.integers(0, 700_000)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Facts, Gate, date]:
    claims = tuple(
        claim(
            n, draw(AMOUNTS), disputed=draw(st.sampled_from([0, 0, 1_000, 300_000])), due=draw(DAYS)
        )
        for n in range(draw(st.integers(0, 4)))
    )
    notices = tuple(
        NoticeFact(
            UUID(int=300 + n),
            frozenset(c.claim_id for c in claims if draw(st.booleans())),
            draw(st.none() | DAYS),
        )
        for n in range(draw(st.integers(0, 3)))
    )
    who = person(
        draw(st.sampled_from(PersonClass)),
        died_on=draw(st.none() | DAYS),
        identity_verified_at=draw(st.sampled_from([VERIFIED, None])),
    )
    return Facts(who, claims, notices), draw(st.sampled_from(Gate)), draw(DAYS)


def reference_fils(facts: Facts, gate: Gate, day: date) -> int:
    """What must be paid, written as a lawyer would say it, one sentence after the other."""
    who = facts.person
    if who.person_class not in {"resident", "gcc", "citizen"}:
        return 0
    if who.person_class == "citizen" and gate == "exit":
        return 0
    if who.identity_verified_at is None or (who.died_on and who.died_on <= day):
        return 0
    total = 0
    for item in facts.claims:
        served = [
            n.served_on for n in facts.notices if item.claim_id in n.claim_ids and n.served_on
        ]
        served = [on for on in served if on <= day]
        if item.due_date < day and served:
            end = min(served) + timedelta(days=30)
            while end.weekday() in (4, 5):
                end += timedelta(days=1)
            if end < day:
                total += max(item.states[0].open_fils - item.states[0].disputed_fils, 0)
    return total if who.person_class != "citizen" or total >= 500_000 else 0


@given(situations())
def test_the_decision_equals_the_obvious_reference(situation: tuple[Facts, Gate, date]) -> None:
    facts, gate, day = situation

    decision = decide(facts, gate=gate, day=day)

    assert decision.fils == reference_fils(facts, gate, day)
    assert (decision.outcome is Outcome.HELD) == bool(decision.holds) == (decision.fils > 0)
    assert local_day(decision.as_of) == day
    named = [c.claim_id for hold in decision.holds for c in hold.claims]
    assert len(named) == len(set(named))
    for hold in decision.holds:
        source = next(n for n in facts.notices if n.notice_id == hold.notice_id)
        assert {c.claim_id for c in hold.claims} <= source.claim_ids

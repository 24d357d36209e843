"""What an answer makes of a payment, when to ask again, and the tenders of the country."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.books.payments import rules
from tahseel.books.payments.gateways.interface import Answer, Outcome
from tahseel.books.payments.values import (
    INTENT,
    CaseKind,
    Finality,
    IntentState,
    SweepPolicy,
)
from tahseel.kernel.money import Money

TRACK = "T1"
ASKED = Money(10_000)


@given(st.uuids(), st.uuids())
def test_a_track_id_fits_the_wire_and_follows_from_the_intent(one: UUID, other: UUID) -> None:
    assert rules.track_id_of(one) == rules.track_id_of(one)
    assert len(rules.track_id_of(one)) == 19
    assert rules.track_id_of(one).isalnum()
    assert (rules.track_id_of(one) == rules.track_id_of(other)) is (one == other)


def answer(outcome: Outcome, amount: Money | None = ASKED, track_id: str | None = TRACK) -> Answer:
    return Answer(outcome, track_id, amount, (), "", "")


S, C = IntentState, CaseKind
O = Outcome  # noqa: E741


@pytest.mark.parametrize(
    ("claimed", "said", "expired", "state", "case"),
    [
        (None, O.CAPTURED, False, S.CAPTURED, None),
        (O.CAPTURED, O.CAPTURED, False, S.CAPTURED, None),
        (O.UNKNOWN, O.CAPTURED, False, S.CAPTURED, None),
        (O.NOT_CAPTURED, O.CAPTURED, False, S.CAPTURED, C.CONTRADICTION),
        (O.CANCELLED, O.CAPTURED, True, S.CAPTURED, C.CONTRADICTION),
        (O.CAPTURED, O.NOT_CAPTURED, False, S.IN_DOUBT, C.CONTRADICTION),
        (O.CAPTURED, O.NOT_FOUND, False, S.IN_DOUBT, C.CONTRADICTION),
        (O.CAPTURED, O.CANCELLED, True, S.IN_DOUBT, C.CONTRADICTION),
        (O.CAPTURED, O.UNKNOWN, False, S.IN_DOUBT, C.NO_CLEAR_ANSWER),
        (O.UNKNOWN, O.UNKNOWN, False, S.IN_DOUBT, C.NO_CLEAR_ANSWER),
        (O.UNKNOWN, O.NOT_CAPTURED, False, S.NOT_CAPTURED, None),
        (O.UNKNOWN, O.NOT_FOUND, False, None, None),
        (O.NOT_CAPTURED, O.NOT_CAPTURED, False, S.NOT_CAPTURED, None),
        (O.NOT_CAPTURED, O.NOT_FOUND, False, S.NOT_CAPTURED, None),
        (O.CANCELLED, O.NOT_FOUND, False, S.CANCELLED, None),
        (None, O.CANCELLED, False, S.CANCELLED, None),
        (None, O.NOT_FOUND, False, None, None),
        (None, O.NOT_CAPTURED, False, None, None),
        (None, O.UNKNOWN, False, None, None),
        (None, O.NOT_FOUND, True, S.NOT_CAPTURED, None),
        (None, O.NOT_CAPTURED, True, S.NOT_CAPTURED, None),
        (None, O.UNKNOWN, True, S.IN_DOUBT, C.NO_CLEAR_ANSWER),
    ],
)
def test_the_gateways_own_answer_decides_and_a_notification_only_raises_doubt(
    claimed: Outcome | None,
    said: Outcome,
    expired: bool,
    state: IntentState | None,
    case: CaseKind | None,
) -> None:
    judgement = rules.judge(
        amount=ASKED, track_id=TRACK, claimed=claimed, answer=answer(said), expired=expired
    )

    assert judgement == rules.Judgement(state, case)


@given(
    st.sampled_from([None, *Outcome]),
    st.sampled_from(list(Outcome)),
    st.one_of(st.none(), st.integers(0, 20_000).map(Money)),
    st.sampled_from([None, TRACK, "T2"]),
    st.booleans(),
)
def test_nothing_but_our_amount_and_track_id_is_ever_captured(
    claimed: Outcome | None,
    said: Outcome,
    amount: Money | None,
    track_id: str | None,
    expired: bool,
) -> None:
    judgement = rules.judge(
        amount=ASKED,
        track_id=TRACK,
        claimed=claimed,
        answer=answer(said, amount, track_id),
        expired=expired,
    )

    if judgement.state is IntentState.CAPTURED:
        assert (said, amount, track_id) == (Outcome.CAPTURED, ASKED, TRACK)
    if said is Outcome.CAPTURED and (amount, track_id) != (ASKED, TRACK):
        assert judgement.state is IntentState.IN_DOUBT
        assert judgement.case is not None


def test_posted_is_the_only_end_and_every_state_can_be_reached() -> None:
    assert INTENT.reachable() == set(IntentState)
    assert [s for s in IntentState if INTENT.is_final(s)] == [IntentState.POSTED]
    assert [s for s in IntentState if INTENT.allows(s, IntentState.POSTED)] == [S.CAPTURED]


NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def asked_again(state: IntentState, case: CaseKind | None = None, **changes: int) -> float | None:
    """Seconds until the next inquiry, half an hour before the page closes."""
    again = rules.next_inquiry(
        state=state,
        case=case,
        inquiries=changes.get("inquiries", 1),
        at=NOW,
        expires_at=NOW + timedelta(seconds=changes.get("open_s", 1800)),
        policy=SweepPolicy(),
    )
    return None if again is None else (again - NOW).total_seconds()


def test_a_lost_notification_is_found_within_a_minute_as_long_as_the_page_is_open() -> None:
    pauses = [asked_again(S.SENT, inquiries=n) for n in range(60)]

    assert all(pause is not None and pause <= 60 for pause in pauses)


def test_a_payment_in_doubt_is_asked_about_ever_more_rarely() -> None:
    pauses = [asked_again(S.IN_DOUBT, C.CONTRADICTION, inquiries=n) for n in range(8)]

    assert pauses == [20, 40, 80, 160, 320, 600, 600, 600]


def test_asking_about_a_payment_comes_to_an_end() -> None:
    assert asked_again(S.SENT, inquiries=300) is None
    assert asked_again(S.POSTED) is None
    assert asked_again(S.IN_DOUBT, C.WRONG_AMOUNT) is None
    assert asked_again(S.CANCELLED, open_s=0) is None


def test_an_unpaid_payment_is_asked_about_once_more_when_its_page_has_closed() -> None:
    assert asked_again(S.NOT_CAPTURED) == 1800
    assert asked_again(S.CANCELLED, open_s=60) == 60


TENDERS = Path(__file__).parents[4] / "src/tahseel/countries/kuwait/data/tenders.toml"


def test_tenders_are_read_from_data_with_their_finality_and_source() -> None:
    tenders = {tender.code: tender for tender in rules.load_tenders(TENDERS.read_bytes())}

    assert tenders["knet"].finality is Finality.FINAL
    assert tenders["cheque"].finality is Finality.PROVISIONAL
    assert all(tender.source for tender in tenders.values())


def test_every_tenders_money_arrives_on_an_account_of_the_chart() -> None:
    chart = tomllib.loads(TENDERS.with_name("chart.toml").read_text())
    codes = {account["code"] for account in chart["account"]}

    assert {tender.debit for tender in rules.load_tenders(TENDERS.read_bytes())} <= codes


def test_tenders_without_a_source_or_given_twice_are_refused() -> None:
    text = TENDERS.read_text()

    with pytest.raises(KeyError):
        rules.load_tenders(text.replace("source =", "origin =").encode())
    with pytest.raises(ValueError, match="twice"):
        rules.load_tenders(text.replace('"cash"\nname_ar', '"knet"\nname_ar').encode())

"""Which leaf tells of which step: by action, then subject and instant, or subject and day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.channels.timeline import rules
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.history import Act, Mark, Step, Thing
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import start_of
from tahseel.trust.audit.values import Entry, Outcome

AT = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
DAY = date(2026, 3, 4)
ACCOUNT, OTHER = UUID(int=7), UUID(int=8)
CLERK = Actor(ActorKind.STAFF, "clerk-1", "")


def step(at: datetime = AT, *, subject: str = str(ACCOUNT), **more: Any) -> Step:
    return Step(
        at=at, day=DAY, code="supply.became_liable", id=new_id(AT),
        subject=Thing("account", ACCOUNT), act=Act(("supply.move_in", "supply.transfer"), subject),
        **more,
    )  # fmt: skip


def entry(at: datetime = AT, **more: Any) -> Entry:
    made = Entry(
        id=new_id(at), at=at, actor=CLERK, action="supply.move_in", subject=str(ACCOUNT),
        outcome=Outcome.DONE, purpose=None, facts={}, index=7,
    )  # fmt: skip
    return replace(made, **more)


def leaf_of(told: Step, *entries: Entry) -> Entry | None:
    return rules.pair([told], entries).get((told.id, told.code))


def test_a_leaf_fits_by_action_subject_and_instant() -> None:
    right = entry()
    wrong = [
        entry(action="supply.move_out"), entry(AT - timedelta(days=1)),
        entry(subject=str(OTHER)), entry(outcome=Outcome.DENIED),
    ]  # fmt: skip

    assert leaf_of(step(), *wrong, right) is right
    assert leaf_of(step(), *wrong[:2], wrong[3]) is None


def test_what_is_only_dated_is_found_by_its_day() -> None:
    dated = step(start_of(DAY))
    before = entry(AT - timedelta(days=40), facts={"from_day": "2026-01-23"})
    right = entry(AT + timedelta(days=9), facts={"from_day": "2026-03-04"})

    assert leaf_of(dated, before, right) is right
    assert leaf_of(dated, before, entry(facts={"from_day": "2025-01-01"})) is None
    assert leaf_of(dated, before) is before


def test_an_act_on_many_is_found_by_its_instant_alone() -> None:
    batch = entry(subject="wave-1")

    assert leaf_of(step(subject=""), batch) is batch
    assert leaf_of(step(), batch) is batch
    assert leaf_of(step(), entry(AT + timedelta(seconds=1), subject="wave-1")) is None


def test_the_leaf_of_a_late_record_is_that_of_the_recording() -> None:
    recorded = AT + timedelta(days=3)
    late = step(facts={"recorded_at": recorded.isoformat()})

    assert leaf_of(late, entry(), right := entry(recorded)) is right


def test_the_log_alone_tells_of_other_acts_and_of_attempts() -> None:
    entries = [entry(), entry(action="supply.dispute"), entry(outcome=Outcome.DENIED)]

    told = rules.acts_alone(entries, Thing("account", ACCOUNT), told=frozenset({"supply.move_in"}))

    assert [one.code for one, _ in told] == ["log:supply.dispute", "log:supply.move_in"]
    assert [one.facts["outcome"] for one, _ in told] == ["done", "denied"]


@given(
    at=st.datetimes(datetime(1901, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    row=st.uuids(),
    code=st.from_regex(r"[a-z_]{1,20}[.:][a-z_.]{1,30}", fullmatch=True),
)
def test_a_mark_survives_its_way_through_an_address(at: datetime, row: UUID, code: str) -> None:
    mark = Mark(at, row, code)

    assert rules.mark_of(rules.mark_text(mark)) == mark


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a~b~c",
        "2026-01-01~x~y",
        f"2026-01-01T00:00:00~{ACCOUNT}~a.b",
        f"0001-01-01T00:00:00+00:00~{ACCOUNT}~a.b",
        f"2026-01-01T00:00:00+00:00~{ACCOUNT}~{'a' * 101}",
    ],
)
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        rules.mark_of(text)

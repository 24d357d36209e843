"""Stories are merged and cut into pages without losing or telling twice any step."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel import history
from tahseel.kernel.history import Step, Thing

START = datetime(2026, 1, 1, tzinfo=UTC)
SUBJECT = Thing("account", UUID(int=1))
STEPS = st.lists(
    st.builds(
        lambda hours, row, code: Step(
            START + timedelta(hours=hours), date(2026, 1, 1), code, UUID(int=row), SUBJECT
        ),
        st.integers(0, 3),
        st.integers(0, 5),
        st.sampled_from(["claims.opened", "claims.closed", "bills.issued"]),
    ),
    unique_by=lambda step: step.mark,
    max_size=30,
)


@given(steps=STEPS, limit=st.integers(1, 7))
def test_pages_tell_every_step_once_and_newest_first(steps: list[Step], limit: int) -> None:
    told: list[Step] = []
    before = None
    while part := history.page(steps, before=before, limit=limit):
        told += part
        before = part[-1].mark

    assert told == sorted(steps, key=lambda step: step.mark, reverse=True)


@given(stories=st.lists(STEPS, max_size=4), limit=st.integers(1, 40))
def test_stories_merge_into_one_in_order(stories: list[list[Step]], limit: int) -> None:
    ordered = [sorted(story, key=lambda step: step.mark, reverse=True) for story in stories]

    merged = history.merge(ordered, limit=limit)

    every = [step.mark for story in stories for step in story]
    assert [step.mark for step in merged] == sorted(every, reverse=True)[:limit]

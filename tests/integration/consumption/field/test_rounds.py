"""Rounds are walked: what is said at a door, and what cannot be."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.consumption.field.walks import (
    AT,
    CLERK,
    DAY,
    HEAD,
    JOB,
    THERE,
    dials_told,
    events,
    out,
    outcomes,
    read_of,
    reader,
    results,
    stored,
    visit,
)

from tahseel.consumption.field import jobs, operations, queries
from tahseel.consumption.field.operations.routing import (
    ReaderUnknown,
)
from tahseel.consumption.field.operations.visiting import (
    DialCannotShow,
    DialUnread,
    DialWentBack,
    NoAccessUnknown,
    OutOfRange,
    StopRead,
    VisitTimeWrong,
)
from tahseel.consumption.field.operations.walking import ReaderMissing, RoundReasonMissing
from tahseel.consumption.field.values import RoundState, StopState
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings import queries as readings_queries
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.kernel.states import WrongState


def test_the_work_file_tells_what_to_read_and_nothing_of_any_person(street: Any) -> None:
    round_id, _, [home, _] = out(street)

    rows = list(csv.DictReader(io.StringIO(queries.work_file(round_id=round_id, language="en"))))

    power = next(row for row in rows if row["meter"] == home.serial)
    assert len(rows) == 4
    assert (power["last_value"], power["expected_from"], power["expected_to"]) == (
        "03000", "03502", "04506",
    )  # fmt: skip
    assert "Salmiya" in power["address"]
    assert "Mohammed" not in queries.work_file(round_id=round_id, language="en")
    assert str(home.account_id) not in queries.work_file(round_id=round_id)


def test_a_read_at_the_door_is_stored_with_device_reader_and_time(street: Any) -> None:
    round_id, who, [home, _] = out(street)
    stop = read_of(round_id, home.electricity)

    state = visit(round_id, who, stop.sequence, dials={"1.8.0": "04000"})

    [read] = [r for r in readings_queries.register_reads(meter_id=home.electricity) if r.at >= AT]
    assert state is StopState.READ
    assert (read.at, read.value, read.quality) == (THERE, 4_000_000, "actual")
    assert read.source.startswith(f"field:HH-7:{who.id}:")


def test_the_same_visit_twice_is_one_and_another_under_its_id_is_refused(street: Any) -> None:
    round_id, who, [home, _] = out(street)
    stop, mark = read_of(round_id, home.electricity), new_id(AT)
    visit(round_id, who, stop.sequence, visit_id=mark, dials={"1.8.0": "04000"})

    visit(round_id, who, stop.sequence, visit_id=mark, dials={"1.8.0": "04000"})
    with pytest.raises(InputDiffers):
        visit(round_id, who, stop.sequence, visit_id=mark, dials={"1.8.0": "04001"})

    assert len(queries.visits(round_id=round_id)) == 1
    assert stored(home.electricity) == [(4_000_000, "actual", 1)]


def test_a_value_far_from_its_history_is_asked_twice_and_then_taken(street: Any) -> None:
    round_id, who, [home, _] = out(street)
    stop = read_of(round_id, home.electricity)

    with pytest.raises(OutOfRange) as asked:
        visit(round_id, who, stop.sequence, dials={"1.8.0": "09000"})
    visit(round_id, who, stop.sequence, dials={"1.8.0": "09000"}, confirmed=True)

    assert (asked.value.facts["low"], asked.value.facts["high"]) == ("03502", "04506")
    assert [one.confirmed for one in queries.visits(round_id=round_id)] == [True]
    assert stored(home.electricity) == [(9_000_000, "actual", 1)]


def test_a_value_below_the_one_before_is_refused_unless_the_dial_began_again(street: Any) -> None:
    round_id, who, [home, _] = out(street)
    stop = read_of(round_id, home.electricity)

    with pytest.raises(DialWentBack):
        visit(round_id, who, stop.sequence, dials={"1.8.0": "02999"}, confirmed=True)

    assert stored(home.electricity) == []


def test_a_dial_that_went_over_its_last_digit_is_taken(street: Any) -> None:
    home = street.home()
    dials_told(home, last_kwh=100_400)
    rows = [DialRead(home.electricity, "1.8.0", AT - timedelta(days=30), 99_400_000)]
    readings.store_register_reads(actor=JOB, at=AT, rows=rows, source="before")
    jobs.MORNING.run(AT, DAY)
    [planned] = queries.rounds(since=DAY, until=DAY + timedelta(days=1))
    who = reader()
    operations.name_reader(actor=HEAD, at=AT, round_id=planned.id, reader=who.id)
    operations.send_out(actor=who, at=AT, round_id=planned.id, device="HH-7")

    visit(planned.id, who, read_of(planned.id, home.electricity).sequence, dials={"1.8.0": "00400"})

    assert stored(home.electricity) == [(400_000, "actual", 1)]


def test_a_read_that_is_put_right_is_a_new_version_of_the_same_instant(street: Any) -> None:
    round_id, who, [home, _] = out(street)
    stop = read_of(round_id, home.electricity)
    visit(round_id, who, stop.sequence, dials={"1.8.0": "04400"})

    visit(round_id, who, stop.sequence, dials={"1.8.0": "04040"}, at=THERE + timedelta(minutes=4))

    assert stored(home.electricity) == [(4_040_000, "actual", 2)]


def test_nobody_home_first_and_a_read_later_is_a_read(street: Any) -> None:
    round_id, who, [home, _] = out(street)
    stop = read_of(round_id, home.water)
    away = visit(round_id, who, stop.sequence, no_access="nobody_home", note="rang twice")

    came = visit(round_id, who, stop.sequence, dials={"8.0.1": "10005"})

    assert (away, came) == (StopState.NO_ACCESS, StopState.READ)
    with pytest.raises(StopRead):
        visit(round_id, who, stop.sequence, no_access="nobody_home")
    assert len(stored(home.water)) == 1


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"dials": {}}, DialUnread),
        ({"dials": {"1.8.0": "04000", "2.8.0": "1"}}, DialUnread),
        ({"dials": {"1.8.0": "104000"}}, DialCannotShow),
        ({"dials": {"1.8.0": "four"}}, DialCannotShow),
        ({"no_access": "bored"}, NoAccessUnknown),
        ({"no_access": "locked", "dials": {"1.8.0": "04000"}}, NoAccessUnknown),
        ({"dials": {"1.8.0": "04000"}, "at": AT - timedelta(days=1)}, VisitTimeWrong),
        ({"dials": {"1.8.0": "04000"}, "at": THERE + timedelta(hours=1)}, VisitTimeWrong),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    street: Any, facts: dict[str, Any], refusal: type[Exception]
) -> None:
    round_id, who, [home, _] = out(street)
    stop, before = read_of(round_id, home.electricity), events()

    with pytest.raises(refusal):
        visit(round_id, who, stop.sequence, **facts)

    assert queries.visits(round_id=round_id) == []
    assert read_of(round_id, home.electricity).state is StopState.LEFT
    assert (stored(home.electricity), events()) == ([], before)
    assert outcomes("field.record_visit") == ["refused"]


def test_another_reader_is_refused_and_nothing_changes(street: Any) -> None:
    round_id, _, [home, _] = out(street)
    stop, other, before = read_of(round_id, home.electricity), reader("other"), events()

    for who in (other, CLERK):
        with pytest.raises(NotAllowed):
            visit(round_id, who, stop.sequence, dials={"1.8.0": "04000"})
    with pytest.raises(NotAllowed):
        operations.take_results(
            actor=other, at=THERE, round_id=round_id, body=results(round_id), name="r.csv"
        )

    assert (queries.visits(round_id=round_id), queries.files(round_id=round_id)) == ([], [])
    assert (stored(home.electricity), events()) == ([], before)
    assert outcomes("field.record_visit") == ["denied", "denied"]
    assert outcomes("field.take_results") == ["denied"]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(walk=st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["read", "away", "wrong"]))))
def test_the_stops_of_a_round_always_add_up(
    walk: list[tuple[int, str]], the_round: tuple[UUID, Actor]
) -> None:
    round_id, who = the_round
    said = {stop.sequence: stop.state for stop in queries.stops(round_id=round_id)}
    for sequence, what in walk:
        stop = queries.stop(round_id=round_id, sequence=sequence)
        assert stop is not None
        value = (
            "9" * 9 if what == "wrong" else "04000" if stop.service == "electricity" else "10005"
        )
        facts: dict[str, Any] = (
            {"no_access": "danger"}
            if what == "away"
            else {"dials": {stop.dials[0].register: value}}
        )
        try:
            said[sequence] = visit(round_id, who, sequence, **facts)
        except (StopRead, DialCannotShow):
            continue

    found = queries.round_of(round_id=round_id)
    assert found is not None
    states = list(said.values())
    assert found.read + found.no_access + found.left == found.stops == len(states) == 6
    assert (found.read, found.no_access) == (
        states.count(StopState.READ), states.count(StopState.NO_ACCESS),
    )  # fmt: skip


@pytest.fixture
def the_round(street: Any) -> tuple[UUID, Actor]:
    """A round of three homes that is out, and its reader."""
    round_id, who, _ = out(street, homes=3)
    return round_id, who


def test_a_round_is_closed_by_somebody_else_who_says_why_meters_are_left(street: Any) -> None:
    round_id, who, _ = out(street)
    operations.bring_back(actor=who, at=THERE, round_id=round_id)

    with pytest.raises(NotAllowed):
        operations.close_round(actor=who, at=THERE, round_id=round_id, reason="tired")
    with pytest.raises(RoundReasonMissing):
        operations.close_round(actor=HEAD, at=THERE, round_id=round_id, reason=" ")
    operations.close_round(actor=HEAD, at=THERE, round_id=round_id, reason="dust storm")

    found = queries.round_of(round_id=round_id)
    assert found is not None
    assert (found.state, found.reason, found.left) == (RoundState.CLOSED, "dust storm", 4)
    with pytest.raises(WrongState):
        operations.send_out(actor=HEAD, at=THERE, round_id=round_id, device="HH-7")


def test_a_round_that_is_back_goes_out_again_for_what_is_left(street: Any) -> None:
    round_id, who, [home, _] = out(street)
    stop = read_of(round_id, home.electricity)
    operations.bring_back(actor=who, at=THERE, round_id=round_id)
    with pytest.raises(WrongState):
        visit(round_id, who, stop.sequence, dials={"1.8.0": "04000"})

    operations.send_out(actor=who, at=THERE, round_id=round_id, device="HH-8")

    assert visit(round_id, who, stop.sequence, dials={"1.8.0": "04000"}) is StopState.READ


def test_a_round_is_named_before_it_goes_out_and_only_to_a_reader(street: Any) -> None:
    street.home()
    jobs.MORNING.run(AT, DAY)
    [planned] = queries.rounds(since=DAY, until=DAY + timedelta(days=1))

    with pytest.raises(ReaderMissing):
        operations.send_out(actor=HEAD, at=AT, round_id=planned.id, device="HH-7")
    with pytest.raises(ReaderUnknown):
        operations.name_reader(actor=HEAD, at=AT, round_id=planned.id, reader="nobody")
    with pytest.raises(NotAllowed):
        operations.name_reader(actor=CLERK, at=AT, round_id=planned.id, reader=reader().id)

    assert queries.round_of(round_id=planned.id) == planned
    assert outcomes("field.name_reader") == ["refused", "denied"]

"""What handhelds bring back is taken in once, whole or told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.integration.consumption.field.walks import (
    DAY,
    JOB,
    THERE,
    out,
    results,
    stored,
)

from tahseel.consumption.field import operations, queries
from tahseel.consumption.field.values import RoundState
from tahseel.consumption.readings import queries as readings


def test_a_result_file_brings_the_round_back_and_is_taken_once(street: Any, places: Path) -> None:
    round_id, who, [home, other] = out(street)
    body = results(
        round_id,
        {"meter": home.serial, "register": "1.8.0", "value": "04000"},
        {"meter": home.water_serial, "no_access": "locked", "note": "key with guard"},
        {"meter": other.serial, "register": "1.8.0", "value": "09000", "confirmed": "yes"},
    )

    first = operations.take_results(
        actor=who, at=THERE, round_id=round_id, body=body, name="../../r.csv"
    )
    second = operations.take_results(actor=who, at=THERE, round_id=round_id, body=body, name="x")

    found = queries.round_of(round_id=round_id)
    assert found is not None
    assert (first.state, first.stops, first.faults) == ("accepted", 3, ())
    assert (second.state, second.stops) == ("known", 3)
    assert (found.state, found.read, found.no_access, found.left) == (RoundState.BACK, 2, 1, 1)
    assert stored(other.electricity) == [(9_000_000, "actual", 1)]
    assert (places / "raw" / first.sha256).read_bytes() == body


def test_a_file_sent_to_a_wrong_round_first_is_taken_in_by_its_own(street: Any) -> None:
    round_id, who, [home, _] = out(street)
    later = DAY + timedelta(days=1)
    [route] = {stop.id for stop in queries.routes(day=DAY) if stop.stops}
    operations.plan_rounds(actor=JOB, at=THERE, day=later, route_ids=[route])
    [other] = queries.rounds(since=later, until=later + timedelta(days=1))
    operations.send_out(actor=who, at=THERE, round_id=other.id, device="HH-7")
    body = results(round_id, {"meter": home.serial, "register": "1.8.0", "value": "04000"})

    told = [
        operations.take_results(actor=who, at=THERE, round_id=one, body=body, name="r.csv")
        for one in (other.id, round_id, other.id, round_id)
    ]

    assert [(one.state, one.stops) for one in told] == [
        ("refused", 0), ("accepted", 1), ("known", 0), ("known", 1),
    ]  # fmt: skip
    assert stored(home.electricity)[-1][0] == 4_000_000


def test_in_a_sound_file_what_cannot_be_used_is_told_and_the_others_stand(street: Any) -> None:
    round_id, who, [home, other] = out(street)
    body = results(
        round_id,
        {"meter": home.serial, "register": "1.8.0", "value": "04000"},
        {"meter": "E99", "register": "1.8.0", "value": "1"},
        {"meter": home.water_serial, "register": "8.0.9", "value": "1"},
        {"meter": other.serial, "register": "1.8.0", "value": "09000"},
        {"meter": other.water_serial, "register": "8.0.1", "value": "00001"},
    )

    taken = operations.take_results(actor=who, at=THERE, round_id=round_id, body=body, name="r")

    assert taken.stops == 1
    assert {(f.line, f.field, f.code) for f in taken.faults} == {
        (3, "meter", "field_stop_unknown"),
        (4, "register", "field_dial_unread"),
        (5, "value", "field_out_of_range"),
        (6, "value", "field_dial_went_back"),
    }
    assert len(stored(home.electricity)) == 1
    assert stored(other.electricity) == stored(home.water) == []


def test_a_broken_file_stores_nothing_and_is_kept_with_its_faults(
    street: Any, places: Path
) -> None:
    round_id, who, [home, _] = out(street)
    good = {"meter": home.serial, "register": "1.8.0", "value": "04000"}
    body = results(round_id, good, {"meter": "E2", "register": "1.8.0", "value": "12O"})

    taken = operations.take_results(actor=who, at=THERE, round_id=round_id, body=body, name="r")
    mended = operations.take_results(
        actor=who, at=THERE, round_id=round_id, body=results(round_id, good), name="r2"
    )

    assert (taken.state, [(f.line, f.code) for f in taken.faults]) == (
        "refused", [(3, "value_not_numeric")],
    )  # fmt: skip
    assert (places / "raw" / taken.sha256).exists()
    assert (mended.state, mended.stops) == ("accepted", 1)
    assert [one.state for _, _, one in queries.files(round_id=round_id)].count("refused") == 1


def test_a_broken_seal_and_a_clock_become_events_of_the_meter(street: Any, places: Path) -> None:
    round_id, who, [home, _other] = out(street)
    clock = (THERE + timedelta(minutes=7)).isoformat()
    row = {"meter": home.serial, "register": "1.8.0", "value": "04000", "at": THERE.isoformat()}
    body = results(round_id, {**row, "seal": "broken", "clock": clock})

    operations.take_results(actor=who, at=THERE, round_id=round_id, body=body, name="r.csv")
    operations.take_results(actor=who, at=THERE, round_id=round_id, body=body, name="again.csv")

    told = readings.meter_events(meter_id=home.electricity)
    assert sorted((one.kind, one.drift_s) for one in told) == [
        ("clock_read", 420), ("seal_missing", None),
    ]  # fmt: skip
    assert all(one.source.startswith("field:") for one in told)

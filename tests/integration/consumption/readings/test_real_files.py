"""Real files of strangers, linked to our meters: every total arrives in the lake unchanged."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tahseel.consumption.readings import formats, operations, queries, rules
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.values import Kind
from tahseel.kernel import actor
from tahseel.kernel.period import Period

DATA = Path(__file__).parents[4].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the folder ../shared/data with real meter files is not here"
)
AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
JOB = actor.system("import")


def test_totals_arrive_unchanged_and_gas_is_parked(street: Any, places: Path) -> None:
    names = ("15minLP_15Days", "Coastal_Single_Family_Jan_1_2011_to_Jan_1_2012", "Gas", "Water")
    files = [DATA / "green_button" / f"{name}.xml" for name in names]
    files.append(DATA / "nem12" / "NEM12_SCENARIO1_UNITEDDP_NEMMCO.zip")
    want = {}
    for file in files:
        for channel in formats.parse(file).channels:
            if channel.service == "gas" or channel.kind is not Kind.IMPORT:
                continue
            home = street.home()
            meter = home.water if channel.service == "water" else home.electricity
            if channel.usage_point not in want:
                operations.link_usage_point(
                    actor=JOB, at=AT, usage_point=channel.usage_point, meter_id=meter
                )
                want[channel.usage_point] = [str(meter), 0]
            want[channel.usage_point][1] += channel.total()

    weeks = rules.weeks_together([formats.parse(file) for file in files], end=date(2026, 11, 22))

    report = operations.import_files(actor=JOB, at=AT, paths=files, weeks=weeks)

    lake = Lake(places / "lake")
    period = Period(date(2025, 1, 1), date(2026, 12, 1))
    got: dict[str, int] = {}
    for series in lake.read(meter_ids=[m for m, _ in want.values()], period=period):
        got[series.meter_id] = got.get(series.meter_id, 0) + int(series.values.sum())
    unusable = 462 + 721  # in the year's file one value lasts no time, one hour comes twice
    assert sum(got.values()) == sum(total for _, total in want.values()) - unusable
    assert queries.parked_by_reason() == {
        "interval_overlaps": 1,
        "interval_without_length": 1,
        "service_not_sold": 13,
    }
    assert report.stored == 1340 + 8758 + 2 + 384

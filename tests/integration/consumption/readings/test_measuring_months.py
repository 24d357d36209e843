"""A month of the lake as one file, judged by the rules of each meter's sector."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from tests.integration.consumption.lake_days import FIRST, MAY, fill, lived_in

from tahseel.consumption.readings import sweeping, vee
from tahseel.consumption.readings.vee import Rule
from tahseel.registry.premises.values import Sector

AFTER = date(2026, 6, 10)


def measured(places: Path, until: date = AFTER) -> dict[str, dict[str, Any]]:
    target = places / "measures" / "2026-05.parquet"
    sweeping.measure_month(month=MAY, until=until, target=target)
    return {row["meter_id"]: row for row in pq.read_table(target).to_pylist()}


def test_each_register_has_its_days_its_peak_and_what_was_estimated(
    street: Any, places: Path
) -> None:
    home, other = street.home(), street.home()
    fill(places, home.electricity, lambda hour: None if hour == 5 else lived_in(hour))
    fill(places, other.electricity, lived_in)

    found = measured(places)

    assert set(found) == {str(home.electricity), str(other.electricity)}
    row = found[str(other.electricity)]
    assert row["totals"][3] == sum(lived_in(hour) for hour in range(72, 96))
    assert row["peak"] == max(map(lived_in, range(24 * len(row["totals"]))))
    assert row["estimated"] is None
    assert found[str(home.electricity)]["estimated"][0] == 1
    assert found[str(home.electricity)]["fired"][Rule.MISSING] == 1


def test_a_rule_that_a_sector_switches_off_does_not_fire_there(street: Any, places: Path) -> None:
    home = street.home(sector=Sector.GOVERNMENT)
    flat = street.home()
    for one in (home, flat):
        fill(places, one.electricity, lambda hour: 4_321 if 240 <= hour < 252 else lived_in(hour))

    found = measured(places)

    assert found[str(flat.electricity)]["fired"][Rule.STUCK] == 12
    assert (found[str(home.electricity)]["fired"] or [0] * len(Rule))[Rule.STUCK] == 0


def test_of_a_month_that_goes_on_the_days_that_are_over_are_measured(
    street: Any, places: Path
) -> None:
    home = street.home()
    fill(places, home.electricity, lived_in)

    found = measured(places, until=FIRST.replace(day=FIRST.day + 9))

    assert len(found[str(home.electricity)]["totals"]) == 9


def test_much_to_judge_is_judged_by_the_compiled_rules(monkeypatch: Any) -> None:
    class Files:
        groups = (type("Group", (), {"rows": vee.WORTH_COMPILING // 96 + 1}),)

    assert sweeping._judge(Files()) is vee.run_compiled  # type: ignore[arg-type]
    monkeypatch.setattr(Files, "groups", ())
    assert sweeping._judge(Files()) is vee.judge  # type: ignore[arg-type]

"""Promise `quality`: months are cut whole, a fault is found where it was put, and all must hold."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from bench import quality

from tahseel.consumption.readings import judging
from tahseel.countries.kuwait import country
from tahseel.kernel.quantity import Service

SLOTS = 24
GOOD = {"missing": 1.0, "spike": 0.99}
CLEAN = {"missing": 0.0, "spike": 0.001}
FAIR = {"days": {"bias": 0.01, "p90_a_month": 0.3}}


@pytest.fixture(autouse=True)
def _rules() -> None:
    judging.install_rules(judging.load_rules(country.content("validation")))


def month(seed: int = 5) -> quality.Month:
    chance = np.random.default_rng(seed)
    day = 400 + 300 * np.sin(np.arange(SLOTS) / 24 * 6.283)
    values = np.tile(day, 30) * chance.uniform(0.8, 1.2, 30 * SLOTS)
    return quality.Month(Service.ELECTRICITY, 3_600, values.astype(np.int32), int(day.sum()))


def test_only_whole_days_in_a_row_become_months_and_the_next_one_knows_the_usual_day() -> None:
    known = {n: 100 + n % 7 for n in range(24 * 45)}
    del known[24 * 31 + 5]

    found = list(quality._cut(Service.ELECTRICITY, 3_600, known))

    assert [one.days for one in found] == [30, 13]
    assert found[0].usual == 0
    assert found[1].usual == int(found[0].values.sum()) // 30


def test_a_folder_s_two_column_file_is_read_in_watt_hours(tmp_path: Path) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    rows = [f"{(start + timedelta(hours=n)).isoformat()},0.{n % 9 + 1}" for n in range(500)]
    with gzip.open(tmp_path / "one.csv.gz", "wt") as file:
        file.write("\n".join(["start,value", *rows]))

    (found,), used = quality.real_months(tmp_path)

    assert used == ["one.csv.gz, electricity, 3600 s: 1 months"]
    assert set(found.values.tolist()) == {100 * n for n in range(1, 10)}


@pytest.mark.parametrize("name", sorted(quality.FAULTS))
def test_a_fault_of_each_kind_is_found_in_a_month_without_any(name: str) -> None:
    assert quality.recall(name, [month()], 5, np.random.default_rng(1)) == 1.0


def test_a_month_without_a_fault_names_nothing() -> None:
    false, aside = quality.false_positives([month(), month(6)])

    assert set(false.values()) == {0.0}
    assert aside == 0


def test_what_is_taken_away_is_estimated_near_what_it_was() -> None:
    found = quality.bias((0.2, 48), [month()], 5, np.random.default_rng(1))

    assert abs(found["bias"]) < 0.02
    assert found["p90_a_month"] > 0


@pytest.mark.parametrize(
    ("recalled", "false", "biases", "held"),
    [
        (GOOD, CLEAN, FAIR, True),
        (GOOD | {"spike": 0.97}, CLEAN, FAIR, False),
        (GOOD, CLEAN | {"spike": 0.006}, FAIR, False),
        (GOOD, CLEAN, {"days": {"bias": -0.021, "p90_a_month": 0.0}}, False),
    ],
)
def test_one_rule_that_misses_cries_wolf_or_one_bias_breaks_the_promise(
    recalled: dict[str, float],
    false: dict[str, float],
    biases: dict[str, dict[str, float]],
    held: bool,
) -> None:
    found = quality.told(recalled, false, biases)

    assert found["held"] is held
    assert found["figure"] == min(recalled.values())

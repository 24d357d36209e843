"""A month on a real cluster of two nodes, one of which is killed: the same bytes as on threads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench import lake_town
from tests.integration.consumption.readings.swept_on_ray import MONTH, Seen

from tahseel.consumption.readings import block_files, vee
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.sweep import engines
from tahseel.consumption.readings.sweep.month import Swept, sweep
from tahseel.consumption.readings.sweep.ranges import Files

ROOT = Path(__file__).resolve().parents[4]
METERS, RANGES_MIN, KILL_AT, WAIT_S = 6_000, 10, 5, 200


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town") / "lake"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block_files, "ROWS_PER_GROUP", 8_192)
        lake_town.build(folder, METERS)
    return folder


def on_threads(lake: Path, target: Path, folder: Path) -> Swept:
    files = Files(Lake(lake).files(MONTH))
    about = Seen(str(folder))
    return sweep(
        files, MONTH, target, knows=lambda _: about, judge=vee.judge, engine=engines.local(2)
    )


def on_a_cluster(lake: Path, target: Path, folder: Path, *, kill_at: int) -> dict[str, Any]:
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_TMPDIR": "/tmp",
    }
    words = [str(lake), str(target), str(folder), str(kill_at)]
    module = "tests.integration.consumption.readings.swept_on_ray"
    running = subprocess.Popen(
        [sys.executable, "-m", module, *words],
        env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        told, _ = running.communicate(timeout=WAIT_S)
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == 0
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found


def test_a_node_killed_in_the_middle_changes_no_byte(lake: Path, tmp_path: Path) -> None:
    names = tmp_path / "nodes"
    names.mkdir()
    here = on_threads(lake, tmp_path / "threads.parquet", names)

    there = on_a_cluster(lake, tmp_path / "cluster.parquet", names, kill_at=KILL_AT)

    assert there["killed"] > 0
    assert there["ranges"] >= RANGES_MIN
    assert there["nodes"] == 2
    assert (there["registers"], there["reads"]) == (METERS, here.reads)
    assert (there["fired"], there["estimated"]) == (here.fired, here.estimated)
    cluster, threads = (tmp_path / f"{name}.parquet" for name in ("cluster", "threads"))
    assert cluster.read_bytes() == threads.read_bytes()


def test_without_a_cluster_nothing_is_written_and_it_says_so(lake: Path, tmp_path: Path) -> None:
    files, target = Files(Lake(lake).files(MONTH)), tmp_path / "measures.parquet"
    about = Seen(str(tmp_path))

    with pytest.raises(engines.ClusterNotReached):
        sweep(
            files, MONTH, target, knows=lambda _: about, judge=vee.judge,
            engine=engines.cluster("127.0.0.1:9"),
        )  # fmt: skip

    assert list(tmp_path.iterdir()) == []

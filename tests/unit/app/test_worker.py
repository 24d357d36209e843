"""The worker's loop: at a knock, when the time has come, and on after a failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pytest
from django.db import OperationalError

from tahseel.app import worker
from tahseel.app.worker import Job
from tahseel.kernel.errors import Broken, Fault

AN_HOUR = 3600.0
ROUNDS = 6


class Bell:
    """Knocks as it was told, a word a round, then stops the worker."""

    def __init__(self, knocks: Sequence[bool], stop: threading.Event) -> None:
        self.knocks = list(knocks)
        self.stop = stop

    def wait(self, seconds: float) -> bool:
        assert seconds > 0
        if not self.knocks:
            self.stop.set()
            return False
        return self.knocks.pop(0)


class Counted:
    """A job's work: counts its runs, and answers or raises what it was told, in order."""

    def __init__(self, *outcomes: bool | Exception) -> None:
        self.runs = 0
        self.outcomes = list(outcomes)

    def __call__(self) -> bool:
        self.runs += 1
        outcome = self.outcomes.pop(0) if self.outcomes else False
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AWAY_SECONDS", 0.001)


@pytest.fixture
def serve() -> Callable[..., None]:
    def work(jobs: Sequence[Job], knocks: Sequence[bool]) -> None:
        stop = threading.Event()
        bell = Bell(knocks, stop)
        worker.work(bell=bell, jobs=jobs, stop=stop)  # type: ignore[arg-type]

    return work


def test_a_job_runs_at_the_start_and_at_every_knock(serve: Callable[..., None]) -> None:
    project = Counted()

    serve([Job("project", AN_HOUR, project)], [True, False, True])

    assert project.runs == 1 + 2


def test_a_job_that_can_wait_does_not_run_at_a_knock(serve: Callable[..., None]) -> None:
    seal = Counted()

    serve([Job("seal", AN_HOUR, seal, on_knock=False)], [True] * ROUNDS)

    assert seal.runs == 1


def test_a_job_whose_time_has_come_runs_without_a_knock(serve: Callable[..., None]) -> None:
    sweep = Counted()

    serve([Job("sweep", 0.0, sweep, on_knock=False)], [False] * ROUNDS)

    assert sweep.runs == 1 + ROUNDS


def test_a_job_with_more_to_do_is_run_again_without_waiting(serve: Callable[..., None]) -> None:
    project = Counted(True, True, True, False)

    serve([Job("project", AN_HOUR, project)], [])

    assert project.runs == 4


@pytest.mark.parametrize(
    "failure",
    [
        Fault("the payment gateway is away", retry=True),
        OperationalError("the database is away"),
        OSError("connection reset"),
        Broken("an invariant does not hold"),
        KeyError("what nobody thought of"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_job_that_fails_does_not_stop_the_others_and_is_tried_again(
    serve: Callable[..., None], failure: Exception
) -> None:
    failing, project = Counted(failure, failure), Counted()

    def knock_later() -> bool:
        time.sleep(0.005)
        return False

    jobs = [
        Job("failing", 0.0, failing),
        Job("project", AN_HOUR, project),
        Job("pace", 0.0, knock_later),
    ]
    serve(jobs, [True] * ROUNDS)

    assert project.runs == 1 + ROUNDS
    assert failing.runs > 2


def test_a_failed_job_rests_while_the_others_are_not_kept_waiting(
    serve: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "AWAY_SECONDS", AN_HOUR)
    failing, project = Counted(Fault("away", retry=True)), Counted()

    serve([Job("failing", 0.0, failing), Job("project", AN_HOUR, project)], [True] * ROUNDS)

    assert failing.runs == 1
    assert project.runs == 1 + ROUNDS


def test_the_worker_stops_between_two_rounds() -> None:
    stop = threading.Event()
    seen = Counted()

    def last() -> bool:
        seen()
        stop.set()
        return True

    worker.work(
        bell=Bell([True] * ROUNDS, stop),  # type: ignore[arg-type]
        jobs=[Job("last", 0.0, last)],
        stop=stop,
    )

    assert seen.runs == 1

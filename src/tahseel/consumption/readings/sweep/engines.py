"""Where the ranges of a sweep are worked on: threads of this process, or the nodes of a cluster.

An engine hands ranges out and gives what they came to back in the order of meters, never more of
them at once than it has hands for. What a range comes to depends on its blocks and on what is known
of its meters, not on who works on it, so a range may be done again when a node is gone.
"""

from __future__ import annotations

import logging
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tahseel.consumption.readings.lake import Days
from tahseel.consumption.readings.sweep.dense import Dense, laid_out
from tahseel.consumption.readings.sweep.measures import SCHEMA, Context, measured
from tahseel.consumption.readings.sweep.ranges import Files, Range
from tahseel.consumption.readings.vee import Judge
from tahseel.kernel.errors import Fault

if TYPE_CHECKING:
    from types import ModuleType

About = Callable[[Dense], Context]
Knows = Callable[[Range], About]
TRIES_MAX = 5
REACHED_S = 5.0
AHEAD = 2
"""Ranges handed out for each hand: one that is worked on, one that waits."""


class ClusterNotReached(Fault):
    """No cluster answers, or it is gone."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a range came to. table: `measures.SCHEMA`; odd: meters of another form."""

    table: pa.Table
    reads: int
    odd: frozenset[str]


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with every range: it is read, laid out and judged."""

    files: Files
    days: Days
    judge: Judge

    def __call__(self, span: Range, about: About) -> Part:
        laid = laid_out(self.files.read(span, self.days), self.days)
        tables = [measured(dense, about(dense), self.judge).table() for dense in laid.dense]
        reads = sum(dense.values.size for dense in laid.dense)
        table = pa.concat_tables([*tables, SCHEMA.empty_table()])
        if len(tables) > 1:
            table = table.sort_by([("meter_id", "ascending"), ("register", "ascending")])
        return Part(table, reads, laid.odd)


Spans = Iterable[tuple[Range, About]]
Engine = Callable[[Work, Spans], Iterator[Part]]


def local(threads: int) -> Engine:
    """Some threads of this process; the kernel and the files let go of the interpreter."""

    def run(work: Work, spans: Spans) -> Iterator[Part]:
        ahead: deque[Future[Part]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for span, about in spans:
                ahead.append(pool.submit(work, span, about))
                if len(ahead) > AHEAD * threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    return run


def cluster(address: str = "auto") -> Engine:
    """The nodes of a Ray cluster that all see the lake's files under the same names.

    address: of its head, or "auto": what RAY_ADDRESS says, else the one that runs here. A range
    whose node is gone is done again by another. Raises ClusterNotReached.
    """

    def run(work: Work, spans: Spans) -> Iterator[Part]:
        ray, mine = _joined(address)
        try:
            yield from _on_nodes(ray, work, spans)
        except ray.exceptions.RaySystemError as error:
            raise ClusterNotReached(str(error), retry=True) from error
        finally:
            if mine:
                ray.shutdown()

    return run


def _joined(address: str) -> tuple[ModuleType, bool]:
    """Ray, joined to the cluster, and whether we joined it; a process that has joined one stays."""
    try:
        import ray  # noqa: PLC0415 - only machines of a cluster have it
    except ImportError as error:
        raise ClusterNotReached(
            "ray is not installed (requirements/ray.txt)", retry=False
        ) from error
    found: ModuleType = ray
    if ray.is_initialized():
        return found, False
    try:
        if address != "auto":  # Ray itself would ask for minutes
            host, _, port = address.rpartition(":")
            socket.create_connection((host, int(port)), REACHED_S).close()
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError) as error:
        raise ClusterNotReached(str(error), retry=True) from error
    return found, True


def _on_nodes(ray: Any, work: Work, spans: Spans) -> Iterator[Part]:
    shared = ray.put(work)
    task = ray.remote(num_cpus=1, max_retries=TRIES_MAX, scheduling_strategy="SPREAD")(_done)
    hands = max(1, int(ray.cluster_resources().get("CPU", 1)))
    ahead: deque[Any] = deque()
    for span, about in spans:
        ahead.append(task.remote(shared, span, about))
        if len(ahead) > AHEAD * hands:
            yield ray.get(ahead.popleft())
    while ahead:
        yield ray.get(ahead.popleft())


def _done(work: Work, span: Range, about: About) -> Part:
    return work(span, about)

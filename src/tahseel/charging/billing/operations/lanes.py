"""Chunks of a run side by side, each on a connection of its own.

A chunk is one transaction over accounts that no other chunk has, so that two of them never wait for
each other: while the database writes one, the next is read and priced.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from django.db import connection, connections

LANES = 2
Chunk = TypeVar("Chunk")
Made = TypeVar("Made")


def side_by_side(work: Callable[[Chunk], Made], chunks: Sequence[Chunk]) -> Generator[Made]:
    """What the work makes of each chunk, in order; one after another inside a transaction.

    The first that raises ends it: what other lanes have begun is finished, and nothing more begins.
    """
    if connection.in_atomic_block or len(chunks) < 2:
        yield from map(work, chunks)
        return
    left = iter(chunks)
    with ThreadPoolExecutor(LANES) as pool:
        under_way: deque[Future[Made]] = deque(
            pool.submit(_alone, work, chunk) for chunk in islice(left, LANES)
        )
        while under_way:
            made = under_way.popleft().result()
            under_way.extend(pool.submit(_alone, work, chunk) for chunk in islice(left, 1))
            yield made


def _alone(work: Callable[[Chunk], Made], chunk: Chunk) -> Made:
    try:
        return work(chunk)
    finally:
        connections.close_all()

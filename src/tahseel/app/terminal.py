"""What a person at a terminal sees while something takes its time: bars and words on stderr.

Where stderr is no terminal nothing is shown at all, and standard output never carries any of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

errors = Console(stderr=True, highlight=False)


def progress(*, stays: bool = True) -> Progress:
    """Bars; the last state of them `stays` on the screen or vanishes."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return _shown(*columns, TimeElapsedColumn(), stays=stays)


@contextmanager
def bar(words: str) -> Iterator[Callable[[int, int], None]]:
    """One bar; what it gives is called with what is done and what there is in all."""
    with progress() as bars:
        task = bars.add_task(words, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)


@contextmanager
def waiting(words: str, *, moving: bool = True) -> Iterator[None]:
    """What is being done, while it is; then it vanishes.

    `moving` turns a spinner, by a thread: not where processes are started with work of ours to do
    between fork and exec.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with _shown(*(columns if moving else columns[1:2]), stays=False, moving=moving) as shown:
        shown.add_task(words, total=None)
        yield


@contextmanager
def aside(bars: Progress) -> Iterator[None]:
    """Room for standard output while bars are shown: they are gone, and come back after it."""
    if bars.disable:
        yield
        return
    bars.stop()
    try:
        yield
    finally:
        bars.start()


def _shown(*columns: ProgressColumn, stays: bool, moving: bool = True) -> Progress:
    return Progress(
        *columns,
        console=errors,
        disable=not sys.stderr.isatty(),
        transient=not stays,
        auto_refresh=moving,
        redirect_stdout=sys.stdout.isatty(),  # else rich would print what a pipe is to get here
    )

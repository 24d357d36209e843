"""Progress of the build, as bars on a terminal."""

from __future__ import annotations

from rich.progress import Progress, TaskID


class Bars:
    """One bar a stage; called with the stage, what is done and how much there is."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total)
        self._progress.update(self._tasks[stage], completed=done, total=total)

"""Two processes read the files of one take-on: each takes the largest that nobody reads.

A file is read under its own lock, and only while the run is being staged and the file is not
finished; so it does not matter who else is there, who dies, or who comes late.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import UUID

from django.db import connection

from tahseel.app import processes
from tahseel.app.take_on import journal, staging
from tahseel.app.take_on.values import Entity, FileMap, MappingFile, RunState

LOCK_SPACE = 7_482
LOOK_S = 1
HELPED_FROM_BYTES = 256_000_000  # below, one process reads as fast as the rules are asked
Progress = Callable[[str, int], object]
Opened = Callable[[FileMap], IO[bytes]]


def read_all(*, run_id: UUID, made: MappingFile, opened: Opened, progress: Progress) -> None:
    """Read what nobody else reads, then wait for the others; at the end every file is finished."""
    read_along(run_id=run_id, made=made, opened=opened, progress=progress)
    for entity, file in made.files.items():
        seen, _ = staging.journalled(run_id, entity)
        while not _try(run_id, entity):
            time.sleep(LOOK_S)
            lines, _ = staging.journalled(run_id, entity)
            progress(str(entity), lines - seen)
            seen = lines
        try:
            _read(run_id, made, file, opened, progress)
        finally:
            _release(run_id, entity)


def read_along(*, run_id: UUID, made: MappingFile, opened: Opened, progress: Progress) -> None:
    """Read the files that nobody reads at the moment, the largest first."""
    for file in sorted(made.files.values(), key=lambda f: f.path.stat().st_size, reverse=True):
        if _try(run_id, file.entity):
            try:
                _read(run_id, made, file, opened, progress)
            finally:
                _release(run_id, file.entity)


def _read(
    run_id: UUID, made: MappingFile, file: FileMap, opened: Opened, progress: Progress
) -> None:
    if journal.run(run_id).state is RunState.STAGING:
        staging.stage_file(
            run_id=run_id, file=file, cutover=made.cutover, opened=opened, progress=progress
        )


def lock_key(run_id: UUID, entity: Entity) -> list[int]:
    """The advisory lock under which a file of a run is read."""
    place = list(Entity).index(entity)
    return [LOCK_SPACE, (run_id.int & 0x07FF_FFFF) << 4 | place]


def _try(run_id: UUID, entity: Entity) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", lock_key(run_id, entity))
        return bool(cursor.fetchone() == (True,))


def _release(run_id: UUID, entity: Entity) -> None:
    if connection.is_usable():  # else the lock fell with the connection
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s, %s)", lock_key(run_id, entity))


@contextmanager
def helped(*, run_id: UUID, mapping_path: Path, made: MappingFile) -> Iterator[None]:
    """A second process of ours reads along inside, where there is much to read and a core for it.

    Nothing depends on it: what it leaves unread is read by whoever called.
    """
    size = sum(file.path.stat().st_size for file in made.files.values())
    if size < HELPED_FROM_BYTES or (os.cpu_count() or 1) < 2:
        yield
        return
    words = processes.own_command("takeon", "read-along", str(run_id), str(mapping_path.resolve()))
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, stdin=quiet, stdout=quiet, stderr=quiet) as helper:
        try:
            yield
        finally:
            helper.terminate()

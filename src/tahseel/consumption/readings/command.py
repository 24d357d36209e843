"""`readings parse`, without a database and without Django: one compact JSON line a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from tahseel.consumption.readings import summary


def parse_files(
    paths: Iterable[Path | str],
    write: Callable[[str], object],
    warn: Callable[[str], object] = bool,
) -> int:
    """Write one line per file through `write` (no newline in it); 1 if any is refused, else 0.

    warn: is told, a line each, of what is odd in a file and changes no value.
    """
    refused = False
    for path in paths:
        line = summary.parse_line(path, warn)
        refused = refused or "refusal" in line
        write(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
    return int(refused)

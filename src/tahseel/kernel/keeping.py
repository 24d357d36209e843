"""Contents kept unchanged under their hash: written once, whole, and down on the disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import BinaryIO


def keep(source: BinaryIO, *, digest: str, folder: Path) -> Path:
    """Write what is left of a source under its digest; a content that is there is not touched.

    When it returns, the content and its name outlast a loss of power.
    """
    kept = folder / digest
    if kept.exists():
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{digest}.{os.getpid()}.partial"
    with partial.open("wb") as copy:
        shutil.copyfileobj(source, copy)
        copy.flush()
        os.fsync(copy.fileno())
    partial.replace(kept)
    _settle(folder)
    return kept


def _settle(folder: Path) -> None:
    """Bring the names in a folder down to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

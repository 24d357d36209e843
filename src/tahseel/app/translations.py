"""Compiles the slices' Arabic catalogues when they are newer than what was compiled from them."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parents[1]


def compile_stale() -> list[Path]:
    """Write every `.mo` that is missing or older than its `.po`; returns what was written."""
    written = []
    for source in sorted(PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as handle:
            catalogue = read_po(handle, locale=source.parents[1].name)
        fresh = target.with_suffix(f".{os.getpid()}")
        with fresh.open("wb") as handle:
            write_mo(handle, catalogue)
        fresh.replace(target)
        written.append(target)
    return written

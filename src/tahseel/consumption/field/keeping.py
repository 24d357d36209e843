"""What came from the field is kept unchanged under its hash, beside the raw files of reads."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from django.conf import settings


def keep(body: bytes) -> str:
    """Write a content once under its hash; returns the hash. What is there is not touched."""
    digest = sha256(body).hexdigest()
    folder = Path(settings.RAW_FILES)
    kept = folder / digest
    if kept.exists():
        return digest
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{digest}.{os.getpid()}.partial"
    with partial.open("wb") as copy:
        copy.write(body)
        copy.flush()
        os.fsync(copy.fileno())
    partial.replace(kept)
    return digest


def kept(digest: str) -> bytes | None:
    """What is kept under a hash, or None."""
    if len(digest) != 64 or not all(sign in "0123456789abcdef" for sign in digest):
        return None
    path = Path(settings.RAW_FILES) / digest
    return path.read_bytes() if path.is_file() else None

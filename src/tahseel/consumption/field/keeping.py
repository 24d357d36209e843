"""What came from the field is kept unchanged under its hash, beside the raw files of reads."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from pathlib import Path

from django.conf import settings

from tahseel.kernel import keeping


def keep(body: bytes) -> str:
    """Write a content once under its hash; returns the hash. What is there is not touched."""
    digest = sha256(body).hexdigest()
    keeping.keep(BytesIO(body), digest=digest, folder=Path(settings.RAW_FILES))
    return digest


def kept(digest: str) -> bytes | None:
    """What is kept under a hash, or None."""
    if len(digest) != 64 or not all(sign in "0123456789abcdef" for sign in digest):
        return None
    path = Path(settings.RAW_FILES) / digest
    return path.read_bytes() if path.is_file() else None

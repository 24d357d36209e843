"""The files of a take-on as they came: kept under their hash, sealed, because they name people."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from tahseel.kernel import secrets

FRAME_BYTES = 1 << 20
LENGTH_BYTES = 4
SEAL = "take-on:file"


def keep(path: Path, *, folder: Path) -> tuple[str, int]:
    """Keep a file; returns its SHA-256 and how many bytes it has. The same file again is kept."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = folder / f".{os.getpid()}.{os.urandom(4).hex()}"
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with path.open("rb") as source, os.fdopen(descriptor, "wb") as target:
            for number, frame in enumerate(_frames(source)):
                digest.update(frame)
                size += len(frame)
                sealed = secrets.seal(frame, context=f"{SEAL}:{number}")
                target.write(len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
            target.flush()
            os.fsync(target.fileno())
        beside.replace(kept_at(digest.hexdigest(), folder=folder))
    finally:
        beside.unlink(missing_ok=True)
    return digest.hexdigest(), size


def _frames(source: IO[bytes]) -> Iterator[bytes]:
    while frame := source.read(FRAME_BYTES):
        yield frame


def kept_at(digest: str, *, folder: Path) -> Path:
    return folder / f"{digest}.sealed"


def opened(digest: str, *, folder: Path) -> IO[bytes]:
    """A kept file's own bytes, to be read from the start. Raises FileNotFoundError, SealBroken."""
    return io.BufferedReader(_Unsealed(kept_at(digest, folder=folder).open("rb")), FRAME_BYTES)


class _Unsealed(io.RawIOBase):
    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source = source
        self._number = 0
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if not self._rest:
            self._rest = self._frame()
        taken = self._rest[: len(view)]
        view[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

    def _frame(self) -> bytes:
        length = self._source.read(LENGTH_BYTES)
        if not length:
            return b""
        sealed = self._source.read(int.from_bytes(length, "big"))
        frame = secrets.unseal(sealed, context=f"{SEAL}:{self._number}")
        self._number += 1
        return frame

    def close(self) -> None:
        self._source.close()
        super().close()

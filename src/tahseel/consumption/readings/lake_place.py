"""Where a lake lies: in a folder of this machine, or under a prefix of an S3-compatible store.

Files in a folder are flushed before a commit names them; a store has an object whole and for good
when it says so. Credentials, region and endpoint of a store come from the environment, under the
names that its own tools use (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION,
AWS_ENDPOINT_URL); nothing of them is kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from pyarrow import fs


class UnknownPlaceError(ValueError):
    """Neither a folder nor the URL of one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that lies there."""

    name: str
    written: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """url: as the table's log is addressed; folder: of this machine, or bucket and prefix; disk:
    what reads and writes there, None for this machine's own files."""

    url: str
    folder: Path
    disk: fs.FileSystem | None = None

    @classmethod
    def of(cls, where: Path | str) -> Place:
        """A folder, or its URL: file:///..., s3://bucket/prefix. Raises UnknownPlaceError."""
        parts = urlsplit(str(where))
        if parts.scheme == "s3" and parts.netloc and parts.path.strip("/"):
            return cls(str(where), Path(parts.netloc) / parts.path.strip("/"), _store())
        if parts.scheme == "file" and not parts.netloc:
            return cls.of(Path(unquote(parts.path)))
        if "://" in str(where):
            raise UnknownPlaceError(f"a lake cannot lie at {where}")
        return cls(str(where), Path(where))

    @property
    def options(self) -> dict[str, str]:
        """What the table's log must be told beside the environment."""
        plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        return {"AWS_ALLOW_HTTP": "true"} if self.disk is not None and plain else {}

    @contextmanager
    def writing(self, path: Path) -> Iterator[IO[bytes] | Any]:
        """A new file, whole and on the disk when this ends; in a store it is not there before."""
        if self.disk is not None:
            with self.disk.open_output_stream(path.as_posix()) as stream:
                yield stream
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def exists(self) -> bool:
        """False where nothing was ever written."""
        return self.disk is not None or self.folder.is_dir()

    def size(self, path: Path) -> int:
        if self.disk is None:
            return path.stat().st_size
        return int(self.disk.get_file_info(path.as_posix()).size)

    def entries(self, suffix: str, *, below: str = "") -> list[Entry]:
        """Files with a suffix in the folder itself, or in one below it, by name."""
        folder = self.folder / below
        if self.disk is None:
            found = [
                Entry(path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC))
                for path in folder.glob(f"*{suffix}")
            ]
        else:
            chosen = fs.FileSelector(folder.as_posix(), allow_not_found=True)
            found = [
                Entry(one.base_name, one.mtime)
                for one in self.disk.get_file_info(chosen)
                if one.is_file and one.base_name.endswith(suffix)
            ]
        return sorted(found, key=lambda one: one.name)

    def read(self, name: str) -> bytes:
        path = self.folder / name
        if self.disk is None:
            return path.read_bytes()
        with self.disk.open_input_file(path.as_posix()) as file:
            return bytes(file.read())

    def delete(self, name: str) -> None:
        """A file, if it is there."""
        if self.disk is None:
            (self.folder / name).unlink(missing_ok=True)
        elif self.disk.get_file_info((self.folder / name).as_posix()).is_file:
            self.disk.delete_file((self.folder / name).as_posix())

    def settle(self, *names: str) -> None:
        """Files, or the names in folders, to the disk; "" is the folder itself."""
        if self.disk is None:
            flush(*(self.folder / name for name in names))


def flush(*paths: Path) -> None:
    """Files, or the names in folders, to the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _store() -> fs.S3FileSystem:
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    if not endpoint.netloc:
        return fs.S3FileSystem()
    return fs.S3FileSystem(endpoint_override=endpoint.netloc, scheme=endpoint.scheme)

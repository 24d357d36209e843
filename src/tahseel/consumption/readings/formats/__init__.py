"""Meter files, understood without a database: `parse` reads one, `survey` only counts.

The content decides which format it is, not the name: `registry` asks every installed format. A zip
is read member by member. Files are read as streams.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import IO

from tahseel.consumption.readings.formats import archive, joining, refusals, registry
from tahseel.consumption.readings.formats.plugin import (
    LINE_CHARS_MAX,
    Content,
    Format,
    Head,
    Source,
    head_of,
)
from tahseel.consumption.readings.values import ParsedFile

__all__ = [
    "LINE_CHARS_MAX",
    "Content",
    "Format",
    "Head",
    "Source",
    "detected",
    "digest_of",
    "parse",
    "survey",
]

FILE_BYTES_MAX = 512 * 1024 * 1024
CHUNK_BYTES = 1 << 20


def parse(path: Path, *, name: str | None = None, only: frozenset[str] | None = None) -> ParsedFile:
    """Read one file whole. Raises FileRefused with file, line and the reason in both languages.

    name: what to call the file in the result; its path when absent. only: ids of the channels that
    are wanted; others may be left out.
    """
    return _read(path, name or str(path), keep=True, only=only)


def survey(path: Path, *, name: str | None = None) -> ParsedFile:
    """As `parse`, but values are counted and let go: little memory, however large the file."""
    return _read(path, name or str(path), keep=False)


def _read(path: Path, name: str, *, keep: bool, only: frozenset[str] | None = None) -> ParsedFile:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise refusals.FileTooLarge(file=name, bytes_max=FILE_BYTES_MAX)
        with path.open("rb") as stream:
            digest = _digest(stream)
            content = _content(Source(stream, name, keep=keep, path=path, only=only))
    except OSError as error:
        raise refusals.Unreadable(file=name, reason=error.strerror or "") from None
    return ParsedFile(
        name,
        content.format,
        digest,
        tuple(content.channels),
        tuple(content.register_reads),
        tuple(content.parked),
        content.warnings,
        tuple(content.events),
    )


def detected(path: Path) -> Format | None:
    """The format that a file which is no archive is meant to be of. Raises Unreadable."""
    try:
        with path.open("rb") as stream:
            head = head_of(stream, path.name)
    except OSError as error:
        raise refusals.Unreadable(file=str(path), reason=error.strerror or "") from None
    return registry.format_of(head) if head.text else None


def digest_of(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal. Raises Unreadable."""
    try:
        with path.open("rb") as stream:
            return _digest(stream)
    except OSError as error:
        raise refusals.Unreadable(file=str(path), reason=error.strerror or "") from None


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


def _content(source: Source) -> Content:
    magic = source.stream.read(4)
    source.stream.seek(0)
    return _archived(source) if magic in archive.MAGICS else _plain(source)


def _archived(source: Source) -> Content:
    """Members are read as one file: the same channel in two of them is one channel."""
    whole: Content | None = None
    for member, stream in archive.members(source.stream, source.name):
        inside = replace(source, stream=stream, name=f"{source.name}/{member}")
        part = _plain(inside)
        if whole is None:
            whole = part
            continue
        whole.format = part.format if part.format == whole.format else "mixed"
        whole.channels += part.channels
        whole.register_reads += part.register_reads
        whole.parked += part.parked
        whole.events += part.events
        for code, count in part.warnings.items():
            whole.warnings[code] = whole.warnings.get(code, 0) + count
    assert whole is not None
    whole.channels = joining.joined(whole.channels)
    return whole


def _plain(source: Source) -> Content:
    head = head_of(source.stream, source.name)
    if not head.text:
        raise refusals.EmptyFile(file=source.name)
    found = registry.format_of(head)
    if found is None:
        raise refusals.UnknownFormat(file=source.name, line=1)
    content = found.parse(source)
    content.format = found.code
    return content

"""Meter files, understood without a database: `parse` reads one, `survey` only counts.

The content decides which format it is, not the name: ESPI (Green Button XML), NEM12 (CSV), CSV of
register reads, or a zip of them. Files are read as streams.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import math
import re
from array import array
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import IO

from tahseel.consumption.readings.formats import archive, espi, nem12, refusals, register_csv
from tahseel.consumption.readings.formats.numbers import packed
from tahseel.consumption.readings.values import (
    Channel,
    ParkedRecord,
    ParsedFile,
    RegisterRead,
)

FILE_BYTES_MAX = 512 * 1024 * 1024
HEAD_BYTES = 4_096
CHUNK_BYTES = 1 << 20
LINE_CHARS_MAX = 1 << 20
_RECORD = re.compile(r'"?\d{3}"?\s*(,|$)')


@dataclass(slots=True)
class _Content:
    format: str
    channels: list[Channel] = field(default_factory=list)
    register_reads: list[RegisterRead] = field(default_factory=list)
    parked: list[ParkedRecord] = field(default_factory=list)


def parse(path: Path, *, name: str | None = None) -> ParsedFile:
    """Read one file whole. Raises FileRefused with file, line and the reason in both languages.

    name: what to call the file in the result; its path when absent.
    """
    return _read(path, name or str(path), keep=True)


def survey(path: Path, *, name: str | None = None) -> ParsedFile:
    """As `parse`, but values are counted and let go: little memory, however large the file."""
    return _read(path, name or str(path), keep=False)


def _read(path: Path, name: str, *, keep: bool) -> ParsedFile:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise refusals.FileTooLarge(file=name, bytes_max=FILE_BYTES_MAX)
        with path.open("rb") as stream:
            digest = _digest(stream)
            content = _content(stream, name, keep=keep)
    except OSError as error:
        raise refusals.Unreadable(file=name, reason=error.strerror or "") from None
    return ParsedFile(
        name,
        content.format,
        digest,
        tuple(content.channels),
        tuple(content.register_reads),
        tuple(content.parked),
    )


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


def _content(stream: IO[bytes], name: str, *, keep: bool) -> _Content:
    if stream.read(4) in archive.MAGICS:
        return _archived(stream, name, keep=keep)
    stream.seek(0)
    return _plain(stream, name, keep=keep)


def _archived(stream: IO[bytes], name: str, *, keep: bool) -> _Content:
    """Members are read as one file: the same channel in two of them is one channel."""
    stream.seek(0)
    whole: _Content | None = None
    for member, content in archive.members(stream, name):
        part = _plain(content, f"{name}/{member}", keep=keep)
        if whole is None:
            whole = part
            continue
        whole.format = part.format if part.format == whole.format else "mixed"
        whole.channels += part.channels
        whole.register_reads += part.register_reads
        whole.parked += part.parked
    assert whole is not None
    whole.channels = _joined(whole.channels)
    return whole


def _plain(stream: IO[bytes], name: str, *, keep: bool) -> _Content:
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    text = head.decode(_encoding(head), errors=EITHER).lstrip("\ufeff \t\r\n\0")
    if not text:
        raise refusals.EmptyFile(file=name)
    if text.startswith("<") or name.lower().endswith(".xml"):
        channels, parked = espi.parse(stream, name, keep=keep)
        return _Content("espi", channels=channels, parked=parked)
    first_line = text.splitlines()[0]
    if register_csv.is_header(first_line):
        with closing(_lines(stream, name)) as lines:
            reads, parked = register_csv.parse(lines, name)
        return _Content("register_csv", register_reads=reads, parked=parked)
    if _RECORD.match(first_line):
        with closing(_lines(stream, name)) as lines:
            channels = nem12.parse(lines, name, keep=keep)
        return _Content("nem12", channels=channels)
    raise refusals.UnknownFormat(file=name, line=1)


def _encoding(head: bytes) -> str:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    return "utf-8-sig"


EITHER = "tahseel.latin-1-otherwise"
"""Name of the error handler that reads bytes which are not UTF-8 as Latin-1."""


def _latin_1_otherwise(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.encoding.startswith("utf-16"):
        return "\ufffd", error.end
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(EITHER, _latin_1_otherwise)


def _lines(stream: IO[bytes], name: str) -> Generator[str, None, None]:
    encoding = _encoding(stream.read(2))
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, errors=EITHER, newline="")
    try:
        number = 0
        while line := text.readline(LINE_CHARS_MAX):
            number += 1
            if "\0" in line or len(line) == LINE_CHARS_MAX:
                raise refusals.NotText(file=name, line=number)
            yield line
    finally:
        text.detach()


def _joined(channels: list[Channel]) -> list[Channel]:
    """One channel per id; the same id in another unit gets the unit's name behind it."""
    found: dict[str, Channel] = {}
    for channel in channels:
        earlier = found.get(channel.id)
        if earlier is None:
            found[channel.id] = channel
        elif earlier.unit == channel.unit:
            found[channel.id] = _join(earlier, channel)
        else:
            renamed = replace(channel, id=f"{channel.id}/{channel.unit}")
            again = found.get(renamed.id)
            found[renamed.id] = _join(again, renamed) if again else renamed
    return list(found.values())


def _common_scale(one: Channel, other: Channel) -> Fraction:
    """The largest step of which both scales are whole multiples."""
    a, b = one.scale, other.scale
    shared = a.denominator * b.denominator
    return Fraction(math.gcd(a.numerator * b.denominator, b.numerator * a.denominator), shared)


def _join(one: Channel, other: Channel) -> Channel:
    finest = _common_scale(one, other)
    mantissas: list[int] = []
    for channel in (one, other):
        times = (channel.scale / finest).numerator
        mantissas += [m * times for m in channel.mantissas]
    return Channel(
        id=one.id,
        usage_point=one.usage_point,
        serial=other.serial or one.serial,
        register=one.register,
        service=one.service,
        unit=one.unit,
        kind=one.kind,
        scale=finest,
        starts=array("q", one.starts) + other.starts,
        durations=array("q", one.durations) + other.durations,
        mantissas=packed(mantissas),
        flags=one.flags + other.flags,
        lines=array("q", one.lines) + other.lines,
        counted=one.counted.plus(other.counted),
    )

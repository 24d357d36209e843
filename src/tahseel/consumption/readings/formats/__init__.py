"""Meter files, understood without a database: one function, `parse`.

The content decides which format it is, not the name: ESPI (Green Button XML), NEM12 (CSV, or a zip
of them) or CSV of register reads.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
from array import array
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import IO

from tahseel.consumption.readings.formats import archive, espi, nem12, refusals, register_csv
from tahseel.consumption.readings.values import (
    Channel,
    ParkedRecord,
    ParsedFile,
    RegisterRead,
)

FILE_BYTES_MAX = 512 * 1024 * 1024
HEAD_BYTES = 4_096
CHUNK_BYTES = 1 << 20
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
    name = name or str(path)
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise refusals.FileTooLarge(file=name, bytes_max=FILE_BYTES_MAX)
        with path.open("rb") as stream:
            digest = _digest(stream)
            content = _content(stream, name)
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


def _content(stream: IO[bytes], name: str) -> _Content:
    if stream.read(4) == archive.MAGIC:
        return _archived(stream, name)
    stream.seek(0)
    return _plain(stream, name)


def _archived(stream: IO[bytes], name: str) -> _Content:
    """Members are read as one file: the same channel in two of them is one channel."""
    stream.seek(0)
    whole: _Content | None = None
    for member, data in archive.members(stream, name):
        part = _plain(io.BytesIO(data), f"{name}/{member}")
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


def _plain(stream: IO[bytes], name: str) -> _Content:
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    text = _decoded(head).lstrip("\ufeff \t\r\n\0")
    if not text:
        raise refusals.EmptyFile(file=name)
    if text.startswith("<") or name.lower().endswith(".xml"):
        channels, parked = espi.parse(stream, name)
        return _Content("espi", channels=channels, parked=parked)
    first_line = text.splitlines()[0]
    if register_csv.is_header(first_line):
        reads, parked = register_csv.parse(_lines(stream, name), name)
        return _Content("register_csv", register_reads=reads, parked=parked)
    if _RECORD.match(first_line):
        return _Content("nem12", channels=nem12.parse(_lines(stream, name), name))
    raise refusals.UnknownFormat(file=name, line=1)


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data[: len(data) // 2 * 2].decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _lines(stream: IO[bytes], name: str) -> list[str]:
    text = _decoded(stream.read())
    if "\0" in text:
        raise refusals.NotText(file=name, line=text.count("\n", 0, text.index("\0")) + 1)
    return list(io.StringIO(text, newline=""))


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
        times = channel.scale / finest
        mantissas += [m * times.numerator for m in channel.mantissas]
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
        mantissas=mantissas,
        flags=one.flags + other.flags,
        lines=array("q", one.lines) + other.lines,
    )

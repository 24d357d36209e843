"""What a format of meter files is: a name, a look at a file's head, and a reader of its stream.

Formats of others are found in the same way as ours, see `registry`. Nothing here knows a format.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from tahseel.consumption.readings.formats import refusals
from tahseel.consumption.readings.values import Channel, MeterEvent, ParkedRecord, RegisterRead

HEAD_BYTES = 65_536
LINE_CHARS_MAX = 1 << 20
WARNINGS_MAX = 100_000
EITHER = "tahseel.latin-1-otherwise"
"""Name of the error handler that reads bytes which are not UTF-8 as Latin-1."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first bytes of a file as text, without a byte order mark and what is blank before it."""

    name: str
    text: str

    @property
    def first_line(self) -> str:
        return self.text.splitlines()[0] if self.text else ""

    @property
    def columns(self) -> frozenset[str]:
        """The first line's cells as lower-case column names."""
        line = self.first_line
        mark = max(",;\t|", key=line.count)
        return frozenset(c.strip().strip('"').strip().lower() for c in line.split(mark))


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: its bytes from the start, what to call it, and where it lies if it does.

    keep: hold every value; else count values and let them go, so that memory stays small. only: the
    ids of channels that are wanted; a format may leave the others out, none has to.
    """

    stream: IO[bytes]
    name: str
    keep: bool = True
    path: Path | None = None
    only: frozenset[str] | None = None

    @contextmanager
    def lines(self) -> Generator[Generator[str, None, None], None, None]:
        """The file's lines, with their ends. Raises NotText for what is none."""
        found = _lines(self.stream, self.name)
        try:
            yield found
        finally:
            found.close()


@dataclass(slots=True)
class Content:
    """What a file holds. warnings: oddities that change no value, by code, with their number."""

    format: str
    channels: list[Channel] = field(default_factory=list)
    register_reads: list[RegisterRead] = field(default_factory=list)
    parked: list[ParkedRecord] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    events: list[MeterEvent] = field(default_factory=list)


class Format(Protocol):
    """One format. It raises `refusals.FileRefused` for a broken structure and parks bad records."""

    @property
    def code(self) -> str:
        """The name that summaries and the table of files carry."""

    def detect(self, head: Head) -> bool:
        """True when the file is meant to be of this format, sound or not."""

    def parse(self, source: Source) -> Content:
        """Read the stream to its end. With `source.keep` false only count (a survey)."""


def head_of(stream: IO[bytes], name: str) -> Head:
    """Look at the beginning of a stream and go back to it."""
    data = stream.read(HEAD_BYTES)
    stream.seek(0)
    return Head(name, data.decode(encoding_of(data), errors=EITHER).lstrip("\ufeff \t\r\n\0"))


def encoding_of(data: bytes) -> str:
    """UTF-16 where a byte order mark says so, else UTF-8."""
    return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def _latin_1_otherwise(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.encoding.startswith("utf-16"):
        return "\ufffd", error.end
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(EITHER, _latin_1_otherwise)


def _lines(stream: IO[bytes], name: str) -> Generator[str, None, None]:
    encoding = encoding_of(stream.read(2))
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

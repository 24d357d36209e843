"""WOFF, the form in which fonts are published for pages, unpacked to what a typesetter reads.

Each table of the font is compressed by itself (W3C, WOFF File Format 1.0); unpacked it is the font
as its makers built it, byte by byte.
"""

from __future__ import annotations

import struct
import zlib

_HEADER = struct.Struct(">4s4sIHHIHHIIIII")
_ENTRY = struct.Struct(">4sIIII")
_TABLE = struct.Struct(">4sIII")
_SFNT = struct.Struct(">4sHHHH")
UNPACKED_MAX = 4_000_000


def unpacked(data: bytes) -> bytes:
    """The font inside. Raises ValueError for what is no WOFF file."""
    if len(data) < _HEADER.size or data[:4] != b"wOFF":
        raise ValueError("not a WOFF file")
    _, flavour, length, count, _, total, *_ = _HEADER.unpack_from(data)
    if length != len(data) or total > UNPACKED_MAX or not count:
        raise ValueError("a WOFF file of another length than it says")
    entries = [_ENTRY.unpack_from(data, _HEADER.size + n * _ENTRY.size) for n in range(count)]
    power = count.bit_length() - 1
    widest = 16 << power
    head = _SFNT.pack(flavour, count, widest, power, count * 16 - widest)
    place = len(head) + count * _TABLE.size
    directory, body = b"", b""
    for tag, offset, packed, size, checksum in entries:
        table = data[offset : offset + packed]
        if packed != size:
            table = zlib.decompress(table)
        if len(table) != size:
            raise ValueError(f"table {tag!r} has another length than it says")
        directory += _TABLE.pack(tag, checksum, place + len(body), size)
        body += table + bytes(-size % 4)
    return head + directory + body


def letters(font: bytes) -> frozenset[int]:
    """The code points that an unpacked font can show (its `cmap`, formats 4 and 12)."""
    place = _place_of(font, b"cmap")
    (tables,) = struct.unpack_from(">H", font, place + 2)
    found: set[int] = set()
    for number in range(tables):
        (offset,) = struct.unpack_from(">I", font, place + 4 + 8 * number + 4)
        (form,) = struct.unpack_from(">H", font, place + offset)
        if form == 4:
            found |= _segments(font, place + offset)
        elif form == 12:
            found |= _groups(font, place + offset)
    return frozenset(found)


def _place_of(font: bytes, tag: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, 4)
    for number in range(count):
        found, _, place, _ = _TABLE.unpack_from(font, _SFNT.size + number * _TABLE.size)
        if found == tag:
            return int(place)
    raise ValueError(f"no table {tag!r}")


def _segments(font: bytes, place: int) -> set[int]:
    (twice,) = struct.unpack_from(">H", font, place + 6)
    ends = struct.unpack_from(f">{twice // 2}H", font, place + 14)
    starts = struct.unpack_from(f">{twice // 2}H", font, place + 16 + twice)
    pairs = zip(starts, ends, strict=True)
    return {code for first, last in pairs if last < 0xFFFF for code in range(first, last + 1)}


def _groups(font: bytes, place: int) -> set[int]:
    (count,) = struct.unpack_from(">I", font, place + 12)
    rows = (struct.unpack_from(">III", font, place + 16 + 12 * n) for n in range(count))
    return {code for first, last, _ in rows for code in range(first, last + 1)}

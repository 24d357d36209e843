"""What a photograph is: looked at from its first byte to its last, and never decoded.

A file that only begins like a picture is none: a JPEG's segments must lead to its size and to the
end of its image, a PNG's chunks must carry their check sums.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

PHOTO_BYTES_MAX = 8_000_000
SIDE_MAX = 20_000
_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER_LENGTH = 13
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_SCAN, _END = 0xDA, 0xD9


@dataclass(frozen=True, slots=True)
class Picture:
    """A sound picture."""

    media_type: str
    width: int
    height: int


def examine(body: bytes) -> Picture:
    """Raises ValueError saying why it is no picture that is taken."""
    if len(body) > PHOTO_BYTES_MAX:
        raise ValueError("too large")
    if body.startswith(_PNG):
        found = Picture("image/png", *_png_size(body))
    elif body.startswith(b"\xff\xd8\xff"):
        found = Picture("image/jpeg", *_jpeg_size(body))
    else:
        raise ValueError("neither JPEG nor PNG")
    if not (0 < found.width <= SIDE_MAX and 0 < found.height <= SIDE_MAX):
        raise ValueError("no picture has such a size")
    return found


def _png_size(body: bytes) -> tuple[int, int]:
    chunks = list(_chunks(body))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != _HEADER_LENGTH:
        raise ValueError("a PNG begins with its header")
    names = [name for name, _ in chunks]
    if b"IDAT" not in names or names[-1] != b"IEND":
        raise ValueError("a PNG has its image and its end")
    header = chunks[0][1]
    return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        end = at + 12 + size
        named = body[at + 4 : end - 4]
        if end > len(body) or zlib.crc32(named) != int.from_bytes(body[end - 4 : end], "big"):
            raise ValueError("a chunk of the PNG is damaged")
        yield named[:4], named[4:]
        if named[:4] == b"IEND":
            return
        at = end


def _jpeg_size(body: bytes) -> tuple[int, int]:
    """The size in the frame, once the scan has begun and the image has its end."""
    size: tuple[int, int] | None = None
    at = 2
    while at + 4 <= len(body):
        if body[at] != 0xFF:
            raise ValueError("a segment of the JPEG is damaged")
        marker = body[at + 1]
        if marker == 0xFF or marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(body[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(body) or marker == _END:
            raise ValueError("a JPEG is cut short")
        if marker in _FRAMES and length >= 8:
            height, width = body[at + 5 : at + 7], body[at + 7 : at + 9]
            size = int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 2 + length
        if marker == _SCAN:
            break
    if size is None or body.find(bytes((0xFF, _END)), at) < 0:
        raise ValueError("a JPEG has its frame and its end")
    return size

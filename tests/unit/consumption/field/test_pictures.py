"""A photograph is one from its first byte to its last."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.consumption.field.rules import pictures
from tahseel.consumption.field.rules.pictures import Picture


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 2, height: int = 3) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00\x00\x00" * 3)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    )


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg(width: int = 4, height: int = 5) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"".join(
        (
            b"\xff\xd8", segment(0xE1, b"Exif\x00\x00"), b"\xff", segment(0xC2, frame),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"), b"\x12\xff\x00\x34\xff\xd9", b"tail",
        )
    )  # fmt: skip


def test_sound_pictures_are_known_with_their_size() -> None:
    assert pictures.examine(png()) == Picture("image/png", 2, 3)
    assert pictures.examine(jpeg()) == Picture("image/jpeg", 4, 5)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0<html>",
        jpeg().split(b"\x12\xff\x00")[0],
        jpeg()[:20],
        jpeg(width=0),
        jpeg(height=20_001),
        b"\xff\xd8\xff\xd9" + b"\x00" * 9,
        png()[:-4],
        png()[:-14],
        png().replace(b"IDAT", b"IDAX"),
        png(width=0),
        png(width=2**31),
        b"\x89PNG\r\n\x1a\n",
        png() + b" " * pictures.PHOTO_BYTES_MAX,
    ],
)
def test_what_only_looks_like_a_picture_is_none(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        pictures.examine(body)


@given(st.binary(max_size=300), st.sampled_from([b"", jpeg()[:30], png()[:40], b"\xff\xd8\xff"]))
def test_any_bytes_are_a_picture_or_refused(body: bytes, start: bytes) -> None:
    try:
        found = pictures.examine(start + body)
    except ValueError:
        return
    assert found.width > 0
    assert found.height > 0


@given(st.integers(0, len(png()) - 1), st.integers(1, 255))
def test_a_png_with_one_wrong_byte_is_refused(at: int, change: int) -> None:
    body = bytearray(png())
    body[at] ^= change

    with pytest.raises(ValueError, match=r"\w"):
        pictures.examine(bytes(body))

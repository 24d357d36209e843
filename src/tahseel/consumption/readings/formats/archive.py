"""Zip archives of meter files, read within bounds: every member, none of them trusted.

What a member says of its own size is not believed: bytes are counted as they are unpacked.
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from tahseel.consumption.readings.formats import refusals

MEMBERS_MAX = 1_000
UNPACKED_BYTES_MAX = 512 * 1024 * 1024
IN_MEMORY_BYTES_MAX = 16 * 1024 * 1024
CHUNK_BYTES = 1 << 20
MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
"""How an archive begins: with a member, or, when it is empty, with its end."""


def members(stream: IO[bytes], file: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of every member, one at a time. Raises BadArchive or FileTooLarge."""
    try:
        with zipfile.ZipFile(stream) as archive:
            yield from _each(archive, file)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ):
        raise _bad(file, "it cannot be unpacked", "تعذر فك ضغطه") from None


def _each(archive: zipfile.ZipFile, file: str) -> Iterator[tuple[str, IO[bytes]]]:
    listed = [m for m in archive.infolist() if not _ignored(m.filename)]
    if not listed:
        raise _bad(file, "it holds no file", "لا يحتوي على أي ملف")
    if len(listed) > MEMBERS_MAX:
        raise _bad(file, "too many members", "عدد الملفات داخله كبير جدًا")
    left = UNPACKED_BYTES_MAX
    for member in listed:
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES_MAX) as content:
            left -= _unpack(archive, member, left, content, file)
            yield member.filename, content


def _unpack(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int, into: IO[bytes], file: str
) -> int:
    if member.flag_bits & 1:
        raise _bad(file, "a member is encrypted", "أحد ملفاته مشفر")
    if member.file_size > left:
        raise refusals.FileTooLarge(file=file, bytes_max=UNPACKED_BYTES_MAX)
    size = 0
    with archive.open(member) as packed:
        while chunk := packed.read(CHUNK_BYTES):
            if not size and chunk[:4] in MAGICS:
                raise _bad(file, "an archive inside an archive", "أرشيف داخل أرشيف")
            size += len(chunk)
            if size > left:
                raise refusals.FileTooLarge(file=file, bytes_max=UNPACKED_BYTES_MAX)
            into.write(chunk)
    into.seek(0)
    return size


def _ignored(name: str) -> bool:
    return name.endswith("/") or name.startswith("__MACOSX/") or name.rpartition("/")[2][:1] == "."


def _bad(file: str, reason: str, reason_ar: str) -> refusals.BadArchive:
    return refusals.BadArchive(file=file, reason=reason, reason_ar=reason_ar)

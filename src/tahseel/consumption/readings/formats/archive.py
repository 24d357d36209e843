"""Zip archives of meter files, read within bounds: every member, none of them trusted.

What a member says of its own size is not believed: bytes are counted as they are unpacked.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from tahseel.consumption.readings.formats import refusals

MEMBERS_MAX = 1_000
UNPACKED_BYTES_MAX = 256 * 1024 * 1024
CHUNK_BYTES = 1 << 20
MAGIC = b"PK\x03\x04"


def members(stream: IO[bytes], file: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every member. Raises BadArchive or FileTooLarge."""
    try:
        with zipfile.ZipFile(stream) as archive:
            listed = [m for m in archive.infolist() if not _ignored(m.filename)]
            if not listed:
                raise _bad(file, "it holds no file", "لا يحتوي على أي ملف")
            if len(listed) > MEMBERS_MAX:
                raise _bad(file, "too many members", "عدد الملفات داخله كبير جدًا")
            left = UNPACKED_BYTES_MAX
            for member in listed:
                content = _unpack(archive, member, left, file)
                left -= len(content)
                yield member.filename, content
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


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int, file: str) -> bytes:
    if member.flag_bits & 1:
        raise _bad(file, "a member is encrypted", "أحد ملفاته مشفر")
    if member.file_size > left:
        raise refusals.FileTooLarge(file=file, bytes_max=UNPACKED_BYTES_MAX)
    content = io.BytesIO()
    with archive.open(member) as packed:
        while chunk := packed.read(CHUNK_BYTES):
            if content.tell() + len(chunk) > left:
                raise refusals.FileTooLarge(file=file, bytes_max=UNPACKED_BYTES_MAX)
            content.write(chunk)
    if content.getbuffer()[:4] == MAGIC:
        raise _bad(file, "an archive inside an archive", "أرشيف داخل أرشيف")
    return content.getvalue()


def _ignored(name: str) -> bool:
    return name.endswith("/") or name.startswith("__MACOSX/") or name.rpartition("/")[2][:1] == "."


def _bad(file: str, reason: str, reason_ar: str) -> refusals.BadArchive:
    return refusals.BadArchive(file=file, reason=reason, reason_ar=reason_ar)

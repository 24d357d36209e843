"""The typesetter: a sheet's data in, a PDF out (PDF/A-2a and PDF/UA-1). It knows no Django.

Typst reads the template once and keeps what it has set, so a process that prints many bills sets
only what differs. It starts threads: a process that has printed must never fork.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from time import sleep
from typing import Any, NamedTuple

import orjson
import typst

from tahseel.channels.printing import woff

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
TEMPLATE = HERE / "typst" / "bill.typ"
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]

_PAGE = re.compile(rb"/Type\s*/Page\b")
UNKNOWN = "?"
PARTIAL = ".partial"
WATCH_SECONDS = 0.5
SHAPELESS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_local = threading.local()


def pdf(sheet: Mapping[str, Any], *, issued_on: date, fonts: Path) -> bytes:
    """A sheet as a PDF; the same sheet gives the same bytes. fonts: a folder of ours to keep them.

    Raises typst.TypstError for a sheet that the template cannot place.
    """
    made = _compiler(fonts).compile(
        sys_inputs={"sheet": orjson.dumps(_legible(sheet)).decode()},
        format="pdf",
        pdf_standards=STANDARDS,
        timestamp=datetime.combine(issued_on, time(), UTC),
    )
    assert isinstance(made, bytes), "one document, not pages of pictures"
    return made


class Written(NamedTuple):
    """A file on the disk; fresh: written now; fault: why there is none."""

    size: int
    pages: int
    sha256: str
    fresh: bool
    fault: str = ""


def write(job: tuple[Path, Mapping[str, Any], date, Path]) -> Written:
    """Set a sheet into a file (path, sheet, day of issue, fonts), unless it is there and whole.

    The file has its name once it is down on the disk. A sheet that cannot be set stops no other.
    """
    path, sheet, issued_on, fonts = job
    if path.exists():
        return _written(path.read_bytes(), fresh=False)
    try:
        made = pdf(sheet, issued_on=issued_on, fonts=fonts)
    except typst.TypstError as error:
        return Written(0, 0, "", fresh=False, fault=str(error))
    partial = path.with_suffix(f".{os.getpid()}{PARTIAL}")
    with partial.open("wb") as file:
        file.write(made)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return _written(made, fresh=True)


def sweep(folder: Path) -> None:
    """Take away what processes left half written that are no more."""
    for partial in folder.rglob(f"*{PARTIAL}"):
        process = partial.name.removesuffix(PARTIAL).rpartition(".")[2]
        if process.isdecimal() and not _lives(int(process)):
            partial.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end_with(parent: int) -> None:
    """In a process that sets pages: end once the one that gives it work is no more.

    Each of them holds the pipe on which work comes, so none would ever see its end.
    """

    def watch() -> None:
        while os.getppid() == parent:
            sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _written(data: bytes, *, fresh: bool) -> Written:
    pages = len(_PAGE.findall(data))
    return Written(len(data), pages, hashlib.sha256(data).hexdigest(), fresh)


def _legible(value: Any) -> Any:
    """What the font can show. A letter that it has not is marked: nothing of a name is lost unseen.

    What has no shape, such as a control or what turns the text around, is left out.
    """
    if isinstance(value, str):
        return value.translate(_SHOWN)
    if isinstance(value, Mapping):
        return {name: one if name == "svg" else _legible(one) for name, one in value.items()}
    return [_legible(one) for one in value] if isinstance(value, list | tuple) else value


class _Shown(dict[int, str]):
    """By letter what is shown of it; worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if letter != "\n" and unicodedata.category(letter) in SHAPELESS:
            shown = ""
        else:
            shown = letter if letter == "\n" or code in _letters() else UNKNOWN
        return self.setdefault(code, shown)


_SHOWN = _Shown()


@cache
def _letters() -> frozenset[int]:
    """What every weight of the font has."""
    fonts = [woff.unpacked(one.read_bytes()) for one in sorted(FONTS.glob("*.woff"))]
    return frozenset.intersection(*map(woff.letters, fonts))


def _compiler(fonts: Path) -> typst.Compiler:
    """One a thread: a compiler remembers what it was given last."""
    found: typst.Compiler | None = getattr(_local, "compiler", None)
    if found is None:
        found = _local.compiler = typst.Compiler(
            str(TEMPLATE), root=str(HERE), font_paths=_unpacked(fonts), ignore_system_fonts=True
        )
    return found


@cache
def _unpacked(folder: Path) -> typst.Fonts:
    """The house's font and no other, so that a bill looks the same on every machine."""
    folder.mkdir(parents=True, exist_ok=True)
    for packed in sorted(FONTS.glob("*.woff")):
        font = woff.unpacked(packed.read_bytes())
        kept = folder / f"{packed.stem}.ttf"
        if not kept.exists() or kept.read_bytes() != font:
            partial = folder / f"{packed.stem}.{os.getpid()}.partial"
            partial.write_bytes(font)
            partial.replace(kept)
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )

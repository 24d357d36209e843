"""The mapping: a TOML file that says how an old system's CSV files become our fields."""

from __future__ import annotations

import codecs
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from tahseel.app.take_on import fields
from tahseel.app.take_on.values import TAKEN, Entity, FileMap, MappingFile
from tahseel.kernel.errors import Refusal

MAPPING_BYTES_MAX = 1 << 20
SETTINGS = frozenset({"encoding", "delimiter", "dates", "decimals", "point", "thousands"})
TABLES = frozenset({"columns", "values", "constants", "defaults"})

T = TypeVar("T")


class MappingWrong(Refusal):
    """The mapping file cannot be read or names what does not exist."""

    code = "take_on_mapping_wrong"
    text_ar = "ملف المطابقة غير صالح: {reason}"
    text_en = "The mapping is wrong: {reason}"


def load(path: Path) -> MappingFile:
    """Read a mapping; files are named relative to it. Raises MappingWrong."""
    return _read(path, lambda data, digest: _mapping(data, path.parent, digest))


def load_file(path: Path, entity: Entity, file: Path) -> tuple[str, FileMap]:
    """The old system's name, and how the one file of an entity stands. Raises MappingWrong."""

    def made(data: Mapping[str, Any], _: str) -> tuple[str, FileMap]:
        if unknown := set(data) - {"system", str(entity)}:
            raise ValueError(f"no such entry: {', '.join(sorted(unknown))}")
        table = {**data[str(entity)], "file": str(file.absolute())}
        return str(data["system"]).strip(), _file(entity, table, file.parent)

    return _read(path, made)


def _read(path: Path, make: Callable[[Mapping[str, Any], str], T]) -> T:
    content = path.read_bytes()
    if len(content) > MAPPING_BYTES_MAX:
        raise MappingWrong(reason=f"larger than {MAPPING_BYTES_MAX} bytes")
    try:
        data = tomllib.loads(content.decode("utf-8"))
        return make(data, hashlib.sha256(content).hexdigest())
    except KeyError as missing:
        raise MappingWrong(reason=f"without {missing}") from missing
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError) as wrong:
        raise MappingWrong(reason=str(wrong)) from wrong


def _mapping(data: Mapping[str, Any], folder: Path, digest: str) -> MappingFile:
    cutover = data["cutover"]
    if type(cutover) is not date:
        raise ValueError("cutover is a day such as 2026-04-01")
    words = {name: table for name, table in data.items() if isinstance(table, dict)}
    unknown = set(words) - {str(entity) for entity in TAKEN}
    if unknown:
        raise ValueError(f"no such entity: {', '.join(sorted(unknown))}")
    files: dict[Entity, FileMap] = {
        e: _file(e, words[str(e)], folder) for e in TAKEN if str(e) in words
    }
    if missing := [str(e) for e in fields.REQUIRED_FILES if e not in files]:
        raise ValueError(f"without {', '.join(missing)}")
    system = str(data["system"]).strip()
    if not system:
        raise ValueError("the old system needs a name")
    return MappingFile(system, cutover, files, folder / str(data["totals"]), digest)


def _file(entity: Entity, table: Mapping[str, Any], folder: Path) -> FileMap:
    if unknown := set(table) - SETTINGS - TABLES - {"file"}:
        raise ValueError(f"{entity}: no such setting: {', '.join(sorted(unknown))}")
    codecs.lookup(str(table.get("encoding", "utf-8-sig")).lower())
    given = {name: table[name] for name in SETTINGS & set(table)}
    made = FileMap(
        entity=entity,
        path=folder / str(table["file"]),
        columns=_texts(entity, table.get("columns", {})),
        values={field: _texts(entity, codes, names=False) for field, codes in
                table.get("values", {}).items()},
        constants=_texts(entity, table.get("constants", {})),
        defaults=_texts(entity, table.get("defaults", {})),
        **given,
    )  # fmt: skip
    _require_known(made)
    return made


def _texts(entity: Entity, table: Mapping[str, Any], *, names: bool = True) -> dict[str, str]:
    if names and (unknown := set(table) - set(fields.known(entity))):
        raise ValueError(f"{entity}: no such field: {', '.join(sorted(unknown))}")
    if not all(isinstance(value, str) for value in table.values()):
        raise ValueError(f"{entity}: columns, codes, constants and defaults are texts")
    return dict(table)


def _require_known(made: FileMap) -> None:
    """What the types of TOML do not say by themselves."""
    entity = made.entity
    if unknown := set(made.values) - set(fields.known(entity)):
        raise ValueError(f"{entity}: no such field: {', '.join(sorted(unknown))}")
    given = {*made.columns, *made.constants}
    needed = {f.name for f in fields.FIELDS[entity] if f.required} - set(made.defaults)
    if lacking := needed - given:
        raise ValueError(f"{entity}: no column for {', '.join(sorted(lacking))}")
    texts = (made.delimiter, made.dates, made.point, made.thousands)
    if not all(type(text) is str for text in texts):
        raise ValueError(f"{entity}: delimiter, dates, point and thousands are texts")
    if len(made.delimiter) != 1:
        raise ValueError(f"{entity}: the delimiter is one character")
    if type(made.decimals) is not int or not 0 <= made.decimals <= 3:
        raise ValueError(f"{entity}: an amount in dinars has between 0 and 3 decimals")

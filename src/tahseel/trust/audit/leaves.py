"""The canonical bytes of a leaf: the same act always gives the same bytes, and nobody's number.

JSON with sorted keys, no spaces, UTF-8, whole numbers only. Facts are cleared of what
identifies a person: fields that always do are struck out, national identifiers in text masked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from tahseel.kernel.ids import CivilId, civil_id_scheme
from tahseel.trust.audit.values import Leaf

VERSION = 1
BODY_BYTES_MAX = 64 * 1024
STRUCK = "•••"
PERSONAL = frozenset(
    {"address", "civil_id", "email", "mobile", "name", "name_ar", "name_en", "password", "phone"}
)
_DIGITS = "0-9٠-٩۰-۹"
_RUN = re.compile(f"(?<![{_DIGITS}A-Za-z-])[{_DIGITS}](?:[ -]?[{_DIGITS}]){{9,15}}(?![{_DIGITS}])")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def leaf_bytes(leaf: Leaf) -> bytes:
    """Canonical bytes of a leaf. Raises ValueError (naive or too large), TypeError (float)."""
    if leaf.at.tzinfo is None:
        raise ValueError("a leaf's instant carries its zone")
    body = {
        "v": VERSION,
        "id": str(leaf.id),
        "at": leaf.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": {
            "kind": str(leaf.actor.kind),
            "id": mask_text(leaf.actor.id),
            "roles": sorted(leaf.actor.roles),
        },
        "action": leaf.action,
        "subject": mask_text(leaf.subject),
        "outcome": str(leaf.outcome),
        "purpose": None if leaf.purpose is None else str(leaf.purpose),
        "facts": plain_facts(leaf.facts),
    }
    encoded = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if len(encoded) > BODY_BYTES_MAX:
        raise ValueError(f"a leaf of {len(encoded)} bytes is larger than {BODY_BYTES_MAX}")
    return encoded


def plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON values, personal ones struck out. Raises TypeError for a float."""
    return {
        str(key): STRUCK if key in PERSONAL and value is not None else _plain(value)
        for key, value in facts.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return plain_facts(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=str)
    return _scalar(value)


def _scalar(value: Any) -> str | int | bool | None:
    result: str | int | bool | None
    match value:
        case None | bool():
            result = value
        case Enum():
            result = _scalar(value.value)
        case int():
            result = int(value)
        case CivilId():
            result = value.masked
        case str():
            result = mask_text(value)
        case UUID():
            result = str(value)
        case datetime() | date():
            result = value.isoformat()
        case bytes() | bytearray() | memoryview():
            result = bytes(value).hex()
        case _:
            raise TypeError(f"a {type(value).__name__} has no exact form in a leaf")
    return result


def mask_text(text: str) -> str:
    """The text with every national identifier in it masked to its last four digits."""
    if len(text) < 10 or not _RUN.search(text) or _UUID.fullmatch(text):
        return text
    return _RUN.sub(lambda found: _mask_run(found.group()), text)


def _mask_run(run: str) -> str:
    try:
        scheme = civil_id_scheme()
    except LookupError:
        return STRUCK + run[-4:]
    try:
        return CivilId.parse(run, scheme).masked
    except ValueError:
        return run

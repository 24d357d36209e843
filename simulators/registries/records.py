"""What the registries publish: records with a number and versions, in one canonical form.

No interface of the real registries is public; this contract is an assumption, written down in
`simulators/README.md`. A record is corrected or withdrawn by a later version of its number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

STATES = ("issued", "corrected", "withdrawn")
# Which registry publishes which kinds of record, and the facts that each kind has.
KINDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "civil": {
        "death": frozenset({"civil_id", "died_on", "certificate"}),
        "name": frozenset({"civil_id", "name_ar", "name_en", "from_day"}),
        "address": frozenset(
            {"paci_number", "area", "block", "street", "parcel", "building", "from_day"}
        ),
    },
    "interior": {
        "departure": frozenset({"civil_id", "left_on", "final"}),
        "return": frozenset({"civil_id", "returned_on"}),
    },
    "justice": {
        "title": frozenset({"deed", "paci_number", "from_civil_id", "to_civil_id", "from_day"}),
    },
}
REGISTRIES = tuple(KINDS)
NUMBER = re.compile(r"[A-Z]{3}-\d{8}")


class RecordError(Exception):
    """A record that no registry would publish."""


@dataclass(frozen=True)
class Record:
    """One version of one record, published on a day."""

    number: str
    version: int
    kind: str
    state: str
    published_on: str
    facts: Mapping[str, str | bool] = field(default_factory=dict)

    def canonical(self) -> bytes:
        """UTF-8 JSON with sorted keys and no spaces (the form of RFC 8785 for plain values)."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()


def read(row: Mapping[str, Any], registry: str) -> Record:
    """A record from parsed JSON, checked for its form; what it says may still be wrong.

    Raises RecordError.
    """
    try:
        record = Record(**row)
        date.fromisoformat(record.published_on)
    except (TypeError, ValueError) as wrong:
        raise RecordError(str(wrong)) from wrong
    wanted = KINDS[registry].get(record.kind)
    if wanted is None or set(record.facts) != wanted:
        raise RecordError(f"{registry} publishes no {record.kind} with {sorted(record.facts)}")
    if not NUMBER.fullmatch(record.number) or record.version < 1 or record.state not in STATES:
        raise RecordError(f"number, version or state of {record.number}")
    return record


def registry_of(kind: str) -> str:
    """The registry that publishes a kind. Raises RecordError."""
    for registry, kinds in KINDS.items():
        if kind in kinds:
            return registry
    raise RecordError(f"no registry publishes a {kind}")


def control(records: Iterable[Record]) -> dict[str, Any]:
    """Control figures over distinct versions: how many of each kind, and one digest of all.

    Digest: SHA-256 over a line "number|version|SHA-256 of the canonical form" for each version, in
    the order of number and version.
    """
    distinct = {(record.number, record.version): record for record in records}
    lines, kinds = [], dict.fromkeys(sorted({r.kind for r in distinct.values()}), 0)
    for number, version in sorted(distinct):
        record = distinct[number, version]
        kinds[record.kind] += 1
        lines.append(f"{number}|{version}|{hashlib.sha256(record.canonical()).hexdigest()}\n")
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    return {"count": len(distinct), "kinds": kinds, "digest": digest}

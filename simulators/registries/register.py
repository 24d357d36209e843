"""The register of one registry: what it has published, in order, a page after another."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from simulators.registries import records
from simulators.registries.records import Record, RecordError

RECORDS_MAX = 500_000
PAGE_MAX = 500


class Register:
    """Every public method takes the lock. A cursor is the number of records that came before."""

    def __init__(self, registry: str) -> None:
        self.registry = registry
        self._lock = threading.RLock()
        self._records: list[Record] = []
        self._known: set[tuple[str, int]] = set()

    def publish(self, record: Record) -> None:
        """Add one version. Raises RecordError when it is there already or of another registry."""
        with self._lock:
            if (record.number, record.version) in self._known:
                raise RecordError(f"{record.number} has a version {record.version}")
            if record.kind not in records.KINDS[self.registry]:
                raise RecordError(f"{self.registry} publishes no {record.kind}")
            if len(self._records) >= RECORDS_MAX:
                raise RecordError("the simulator is full")
            self._known.add((record.number, record.version))
            self._records.append(record)

    def page(self, after: int, limit: int) -> dict[str, Any]:
        """The records that follow a cursor."""
        with self._lock:
            start = min(max(after, 0), len(self._records))
            end = min(start + min(max(limit, 1), PAGE_MAX), len(self._records))
            return {
                "registry": self.registry,
                "after": str(start),
                "next": str(end),
                "more": end < len(self._records),
                "records": [asdict(record) for record in self._records[start:end]],
            }

    def control(self, day: str) -> dict[str, Any]:
        """Control figures of what was published on a day."""
        with self._lock:
            of_day = [record for record in self._records if record.published_on == day]
        return {"registry": self.registry, "day": day, **records.control(of_day)}

    def __len__(self) -> int:
        with self._lock:
            return len(self._records)


def open_registers() -> dict[str, Register]:
    return {registry: Register(registry) for registry in records.REGISTRIES}


def load(registers: Mapping[str, Register], file: Path) -> int:
    """Publish a file of JSON lines, one record each, in its order; returns how many.

    Raises RecordError with the number of the line.
    """
    count = 0
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                publish(registers, json.loads(line))
            except (RecordError, ValueError, KeyError, TypeError) as wrong:
                raise RecordError(f"{file.name}:{number}: {wrong}") from wrong
            count += 1
    return count


def publish(registers: Mapping[str, Register], row: Mapping[str, Any]) -> Record:
    """Publish one record by the registry of its kind. Raises RecordError, KeyError."""
    registry = records.registry_of(row["kind"])
    record = records.read(row, registry)
    registers[registry].publish(record)
    return record

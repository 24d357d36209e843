"""What happened to a meter of ours, as it is kept and as it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class Incident(NamedTuple):
    """One event of a meter of ours. drift_s: device time less true time, where it is told.

    kind: empty where the code is to tell it.
    """

    meter_id: UUID
    at: datetime
    until: datetime | None
    code: str
    kind: str
    drift_s: int | None
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An event as it is shown: kind in both languages, empty where the code is not known."""

    at: datetime
    until: datetime | None
    code: str
    kind: str
    name_ar: str
    name_en: str
    about: str
    drift_s: int | None
    source: str
    recorded_at: datetime

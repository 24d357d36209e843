"""A price book that was tried on months that are over, and two people's word that it is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

ADOPT = "billing.adopt_book"


@dataclass(frozen=True, slots=True)
class TriedBook:
    """A book with what trying it brought; agreed_by: who agreed to it, "" while nobody has.

    digest: SHA-256 of the file; report: as `Simulation.as_dict`; against: code and version of the
    book that was in force.
    """

    id: UUID
    code: str
    version: int
    name_ar: str
    name_en: str
    content: str
    digest: str
    against: str
    report: Mapping[str, Any]
    tried_by: str
    tried_at: datetime
    agreed_by: str
    agreed_at: datetime | None

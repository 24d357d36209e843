"""By what a record is found again: the person and the place of which it tells."""

from __future__ import annotations

from dataclasses import dataclass, field

from tahseel.kernel import secrets
from tahseel.kernel.ids import CivilId
from tahseel.registry.customers.values import CIVIL_ID_INDEX
from tahseel.registry.feeds.values import Kind, Record


@dataclass(frozen=True, slots=True)
class Found:
    """person_index: blind index of the civil id; place: automatic number of the unit.

    wrong: why the record cannot be read, a code; then the others are None.
    """

    person_index: bytes | None = field(default=None, repr=False)
    place: str | None = None
    wrong: str = ""


def found_by(record: Record) -> Found:
    """Whom or what a record tells of."""
    if record.wrong:
        return Found(wrong=record.wrong)
    place = None
    if record.kind in (Kind.TITLE, Kind.ADDRESS):
        place = str(record.facts["paci_number"])
    if record.kind == Kind.ADDRESS:
        return Found(place=place)
    names = ("from_civil_id", "to_civil_id") if record.kind == Kind.TITLE else ("civil_id",)
    index = None
    for name in names:
        try:
            digits = CivilId.parse(str(record.facts[name])).digits
        except ValueError:
            return Found(wrong="civil_id_invalid")
        index = secrets.blind_index(digits, purpose=CIVIL_ID_INDEX)
    return Found(index, place)

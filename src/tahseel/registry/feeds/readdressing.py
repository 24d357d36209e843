"""What the civil registry tells of an automatic number: the address as it is now written.

An automatic number is a unit's, an address its building's. Where other units with numbers of their
own stand in the building, it is readdressed when the registry has told the same of each of them:
one number alone may as well have been put into the wrong building here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import derived_id
from tahseel.registry.feeds.models import FeedRecord
from tahseel.registry.feeds.opening import facts_of
from tahseel.registry.feeds.values import (
    KNOWN_ALREADY,
    UNCONCERNED,
    Kind,
    Outcome,
    Standing,
    Told,
    Version,
)
from tahseel.registry.premises import operations as premises_operations
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises import rules as premises_rules
from tahseel.registry.premises.values import NewPremises

PASSED = [str(s) for s in (Standing.SUPERSEDED, Standing.DISMISSED)]


def readdress(actor: Actor, at: datetime, told: Told) -> Outcome:
    """Give the building of the number its address. Raises the refusals of premises."""
    number = told.text("paci_number")
    unit_id = premises.units_by_automatic_number(numbers=[number]).get(number)
    if unit_id is None:
        return UNCONCERNED
    area = premises.area_named(name=told.text("area"))
    if area is None:
        return Outcome(Standing.PARKED, "area_unknown", told.text("area"))
    premises_id = premises.units(unit_ids=[unit_id])[unit_id].premises_id
    place = NewPremises(premises_id, area.code, *_parts(told.facts))
    beside = {u.paci_number for u in premises.units_at(premises_id=premises_id) if not u.ended_on}
    missing = _told_otherwise({n for n in beside - {number} if n}, told)
    if missing:
        return Outcome(Standing.PARKED, "neighbours_not_told", ", ".join(sorted(missing)))
    try:
        premises_operations.correct_address(
            actor=actor,
            at=at,
            id=derived_id(told.id, "address"),
            place=place,
            from_day=told.day("from_day"),
            reference=told.number,
        )
    except premises_operations.AddressUnchanged:
        return KNOWN_ALREADY
    return Outcome(Standing.APPLIED, "", str(premises_id))


def _told_otherwise(numbers: Collection[str], told: Told) -> set[str]:
    """Those numbers of which the registry has not told the same address, as far as it came."""
    told_of = FeedRecord.objects.filter(kind=str(Kind.ADDRESS), place__in=list(numbers))
    rows = told_of.exclude(state=str(Version.WITHDRAWN)).exclude(standing__in=PASSED)
    newest = {row.place: row for row in rows.order_by("published_on", "number", "version")}
    agreeing = {place for place, row in newest.items() if _same(facts_of(row), told.facts)}
    return set(numbers) - agreeing


def _same(one: Mapping[str, str | bool], other: Mapping[str, str | bool]) -> bool:
    return (one["area"], _parts(one)) == (other["area"], _parts(other))


def _parts(facts: Mapping[str, str | bool]) -> tuple[str, ...]:
    names = ("block", "street", "parcel", "building")
    return tuple(premises_rules.plain_part(str(facts[name])) for name in names)

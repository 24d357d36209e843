"""Pure functions about places: the country's areas read from data, addresses put into words."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tahseel.kernel.period import Period
from tahseel.kernel.states import StateMachine
from tahseel.kernel.text import search_skeleton, to_latin_digits, without_direction_marks
from tahseel.registry.premises import certificates
from tahseel.registry.premises.values import (
    RESHAPE,
    RESHARE,
    REZONE,
    AddressNumberScheme,
    AddressParts,
    Area,
    AreaBook,
    CertificateKind,
    Governorate,
    Guard,
    NewPremises,
    NewUnit,
    PriceCause,
    PriceChange,
    Sector,
    SectorSpan,
    ServicePointView,
    UnitKind,
    UnitState,
    UnitView,
    reshaping_of,
    resharing_of,
)

_RUNG_NAMES = {
    "block": ("القطعة", "Block"),
    "street": ("الشارع", "Street"),
    "parcel": ("القسيمة", "Parcel"),
    "building": ("المبنى", "Building"),
    "floor": ("الدور", "Floor"),
}

_installed: list[AddressNumberScheme] = []
_guards: list[Guard] = []

UNIT: StateMachine[UnitState] = StateMachine(
    name="unit",
    initial=UnitState.STANDING,
    moves={
        UnitState.STANDING: frozenset({UnitState.DEMOLISHED, UnitState.SPLIT, UnitState.MERGED}),
        UnitState.DEMOLISHED: frozenset(),
        UnitState.SPLIT: frozenset(),
        UnitState.MERGED: frozenset(),
    },
)

CODE = re.compile(r"[a-z][a-z0-9_]{1,31}")
AREAS_MAX = 2_000

_UNIT_WORDS = {
    UnitKind.VILLA: ("فيلا", "villa"),
    UnitKind.FLAT: ("شقة", "flat"),
    UnitKind.SHOP: ("محل", "shop"),
    UnitKind.OFFICE: ("مكتب", "office"),
    UnitKind.BUILDING: ("مبنى", "building"),
    UnitKind.PLANT: ("مصنع", "plant"),
    UnitKind.FARM: ("مزرعة", "farm"),
    UnitKind.CHALET: ("شاليه", "chalet"),
    UnitKind.PUBLIC: ("مرفق عام", "public facility"),
}
PART_WORDS = {
    "block": ("قطعة", "block"),
    "street": ("شارع", "street"),
    "parcel": ("قسيمة", "parcel"),
    "building": ("مبنى", "building"),
    "floor": ("الدور", "floor"),
}


def install_address_number_scheme(scheme: AddressNumberScheme) -> None:
    """Called once by `app` with the country's format."""
    _installed[:] = [scheme]


def install_guards(guards: Sequence[Guard]) -> None:
    """Called once by `app`: who is asked before a unit ceases to stand."""
    _guards[:] = guards


def guards() -> tuple[Guard, ...]:
    return tuple(_guards)


def certificate_kinds() -> Mapping[str, CertificateKind]:
    """The country's kinds of certificates by code."""
    return certificates.policy().kinds


def certificate_for(sector: Sector) -> CertificateKind | None:
    """The certificate by which units of a sector become productive."""
    return certificates.kind_for(sector)


def certificate_warn_days() -> int:
    """How long before its end a certificate is about to end."""
    return certificates.policy().warn_days


def unmapped(points: Collection[UUID], mapping: Mapping[UUID, object]) -> set[UUID]:
    """Service points of which a mapping does not say where they go."""
    return set(points) - set(mapping)


def numbered(
    moved: Sequence[tuple[ServicePointView, UUID]], units: Sequence[NewUnit]
) -> list[tuple[ServicePointView, UUID, int]]:
    """Moved points with their numbers at the new units, after the points that are built there."""
    taken = Counter((unit.id, point.service) for unit in units for point in unit.services)
    placed = []
    for point, unit_id in moved:
        taken[unit_id, point.service] += 1
        placed.append((point, unit_id, taken[unit_id, point.service]))
    return placed


def address_number(text: str, scheme: AddressNumberScheme | None = None) -> str:
    """An automatic number as it is kept: Latin digits, without spaces and hyphens.

    Raises ValueError when it is not of the country's format, LookupError when none is installed.
    """
    if scheme is None and not _installed:
        raise LookupError("no format of automatic numbers is installed")
    number = re.sub(r"[\s-]+", "", without_direction_marks(to_latin_digits(text)))
    if not (scheme or _installed[0]).holds(number):
        raise ValueError("not an automatic number of an address")
    return number


def plain_part(text: str) -> str:
    """A part of an address as it is kept: Latin digits, single spaces, no direction marks."""
    if text.isascii() and text.isalnum():
        return text
    return " ".join(without_direction_marks(to_latin_digits(text)).split())


def name_sound(*parts: str) -> str:
    """The consonants of the words in streets' and buildings' names; numbers sound of nothing."""
    named = " ".join(part for part in parts if part and not part.isdecimal())
    return search_skeleton(named) if named else ""


def plain_place(place: NewPremises) -> NewPremises:
    """A plot or building with the parts of its address as they are kept."""
    return NewPremises(place.id, place.area, *(plain_part(part) for part in place.parts))


def load_areas(toml: bytes) -> AreaBook:
    """Read governorates and areas. Raises ValueError naming the entry that is wrong."""
    data = tomllib.loads(toml.decode())
    governorates = tuple(_governorate(entry) for entry in data["governorate"])
    areas = tuple(_area(entry) for entry in data["area"][:AREAS_MAX])
    known = {governorate.code for governorate in governorates}
    for area in areas:
        if area.governorate not in known:
            raise ValueError(f"area {area.code}: unknown governorate {area.governorate}")
    codes = [area.code for area in areas]
    if len(set(codes)) != len(codes):
        raise ValueError("an area code stands twice")
    return AreaBook(governorates, areas)


def _governorate(entry: dict[str, Any]) -> Governorate:
    return Governorate(_code(entry), entry["name_ar"], entry["name_en"])


def _area(entry: dict[str, Any]) -> Area:
    return Area(_code(entry), entry["governorate"], entry["name_ar"], entry["name_en"])


def _code(entry: dict[str, Any]) -> str:
    code = entry["code"]
    if not isinstance(code, str) or not CODE.fullmatch(code):
        raise ValueError(f"not a code: {code!r}")
    return code


def address_text(parts: AddressParts, language: str) -> str:
    """One line, from the area inwards; parts that are empty are left out."""
    which = 0 if language.startswith("ar") else 1
    words = [parts.area.name(language)]
    for name, texts in PART_WORDS.items():
        value = getattr(parts, name)
        if value:
            words.append(f"{texts[which]} {value}")
    if parts.number:
        words.append(f"{_UNIT_WORDS[parts.kind][which]} {parts.number}")
    return ("، " if which == 0 else ", ").join(words)


def ladder(unit: UnitView, language: str) -> list[tuple[str, str]]:
    """The address rung by rung, from the governorate to the unit: (name of the rung, value)."""
    which = 0 if language.startswith("ar") else 1
    parts = unit.parts
    rungs = [
        (("المحافظة", "Governorate")[which], unit.governorate.name(language)),
        (("المنطقة", "Area")[which], parts.area.name(language)),
    ]
    for name, words in _RUNG_NAMES.items():
        if value := getattr(parts, name):
            rungs.append((words[which], value))
    kind = _UNIT_WORDS[parts.kind][which]
    rungs.append((("الوحدة", "Unit")[which], f"{kind} {parts.number}".strip()))
    return rungs


def touches(span: SectorSpan, period: Period) -> bool:
    """Some day of the period lies in the span."""
    return span.from_day < period.end and (span.until_day is None or span.until_day > period.start)


def span_on(spans: Sequence[SectorSpan], day: date) -> SectorSpan | None:
    """The span that holds the day."""
    for span in spans:
        if span.from_day <= day and (span.until_day is None or day < span.until_day):
            return span
    return None


def proposed_change(*, operation: str, payload: Mapping[str, Any]) -> PriceChange:
    """The change of price that a frozen input of one of `BACKDATED` is about."""
    if operation == RESHAPE:
        return reshaping_of(payload).change
    if operation == RESHARE:
        return resharing_of(payload).change
    return PriceChange(
        cause=PriceCause.SECTOR if operation == REZONE else PriceCause.CERTIFICATE,
        unit_id=UUID(payload["unit"]),
        from_day=date.fromisoformat(payload["from_day"]),
        until_day=until_day(payload),
    )


def until_day(payload: Mapping[str, Any]) -> date | None:
    """The first day that a proposed change no longer concerns; None when it stays."""
    return date.fromisoformat(payload["until_day"]) if payload["until_day"] else None

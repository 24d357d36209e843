"""Reading a price book: every record is checked before a single fils is priced by it.

A book is TOML: `code`, `version`, `name_ar`, `name_en`, `from`, optional `until`, `sectors`,
`rounding`, `source`, then `[[rate]]` records with `id`, `service`, `sector`, optional
`certificate`, `from`, optional `until`, `unit`, `source`, `confidence`, optional
`date_confidence` and `note`, and either `price` or `[[rate.tier]]` records of `up_to` and
`price`, in rising order, the last without `up_to`. Prices are fils per unit, written as text
("2.5") or whole numbers, never as floats.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from tahseel.charging.tariffs.values import (
    SALE_UNITS,
    PriceBook,
    Rate,
    RateKey,
    Rounding,
    SaleUnit,
    Tier,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.quantity import Service

BOOK_BYTES_MAX = 1_000_000
RATES_MAX = 10_000
TIERS_MAX = 50
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,9})?")
_CONFIDENCE = ("H", "M", "L", "GK")
_BOOK_FIELDS = frozenset(
    [
        "code",
        "version",
        "name_ar",
        "name_en",
        "from",
        "until",
        "sectors",
        "rounding",
        "source",
        "note",
        "rate",
    ]
)
_RATE_FIELDS = frozenset(
    [
        "id",
        "service",
        "sector",
        "certificate",
        "from",
        "until",
        "unit",
        "source",
        "confidence",
        "date_confidence",
        "note",
        "price",
        "tier",
    ]
)
_TIER_FIELDS = frozenset(("up_to", "price"))


class BookUnreadable(Refusal):
    """The file is not TOML, or too large."""

    code = "price_book_unreadable"
    text_ar = "تعذّرت قراءة كتاب التعرفة: {reason}"
    text_en = "The price book cannot be read: {reason}"


class BookFieldWrong(Refusal):
    """A field of a record is missing, unknown or has a wrong value."""

    code = "price_book_field_wrong"
    text_ar = "السجل {record}: الحقل {field} غير صالح ({reason})"
    text_en = "Record {record}: field {field} is wrong ({reason})"


class SectorUnknown(Refusal):
    """A rate names a sector that the book does not list."""

    code = "price_book_sector_unknown"
    text_ar = "السجل {record}: القطاع {sector} غير معروف في هذا الكتاب"
    text_en = "Record {record}: sector {sector} is not among the book's sectors"


class TiersWrong(Refusal):
    """Tier edges do not rise, or the last tier is not open."""

    code = "price_book_tiers_wrong"
    text_ar = "السجل {record}: حدود الشرائح غير صالحة ({reason})"
    text_en = "Record {record}: the tier edges are wrong ({reason})"


class RatesOverlap(Refusal):
    """Two rates claim the same service, sector, certificate and day."""

    code = "price_book_rates_overlap"
    text_ar = "السجلان {first} و{second} يتداخلان ابتداءً من {day}"
    text_en = "Records {first} and {second} overlap from {day}"


class RatesGap(Refusal):
    """After one rate ends nothing is said until another begins, or until the book ends."""

    code = "price_book_rates_gap"
    text_ar = "لا سعر بعد السجل {first} من {day} حتى {until}"
    text_en = "After record {first} there is no price from {day} until {until}"


def load_book(data: bytes) -> PriceBook:
    """Read and check a price book. Raises a refusal that names the record at fault."""
    raw = _read(data)
    _known_fields("book", raw, _BOOK_FIELDS)
    start, end = _days("book", raw)
    sectors = raw.get("sectors")
    if not isinstance(sectors, list) or not sectors or not all(map(_is_word, sectors)):
        raise BookFieldWrong(record="book", field="sectors", reason="a list of words")
    rounding = _text("book", raw, "rounding", default=Rounding.CHARGE)
    if rounding not in tuple(Rounding):
        raise BookFieldWrong(record="book", field="rounding", reason=rounding)
    return PriceBook(
        code=_text("book", raw, "code"),
        version=_version(raw),
        name_ar=_text("book", raw, "name_ar"),
        name_en=_text("book", raw, "name_en"),
        start=start,
        end=end,
        sectors=tuple(sectors),
        rounding=Rounding(rounding),
        source=_text("book", raw, "source"),
        rates=_ordered(_rates(raw, sectors), end),
    )


def _read(data: bytes) -> dict[str, Any]:
    if len(data) > BOOK_BYTES_MAX:
        raise BookUnreadable(reason=f"more than {BOOK_BYTES_MAX} bytes")
    try:
        return tomllib.loads(data.decode("utf-8"), parse_float=str)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BookUnreadable(reason=str(error)) from error


def _rates(raw: Mapping[str, Any], sectors: Sequence[str]) -> list[Rate]:
    records = raw.get("rate")
    if not isinstance(records, list) or not 0 < len(records) <= RATES_MAX:
        raise BookFieldWrong(record="book", field="rate", reason=f"1 to {RATES_MAX} records")
    rates: list[Rate] = []
    seen: set[str] = set()
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise BookFieldWrong(record=f"rate {number}", field="rate", reason="not a table")
        name = _text(f"rate {number}", record, "id")
        if name in seen:
            raise BookFieldWrong(record=name, field="id", reason="used twice")
        seen.add(name)
        rates.append(_rate(name, record, sectors))
    return rates


def _rate(name: str, record: Mapping[str, Any], sectors: Sequence[str]) -> Rate:
    _known_fields(name, record, _RATE_FIELDS)
    sector = _text(name, record, "sector")
    if sector not in sectors:
        raise SectorUnknown(record=name, sector=sector)
    service = _text(name, record, "service")
    unit = SALE_UNITS.get(_text(name, record, "unit"))
    if service not in tuple(Service):
        raise BookFieldWrong(record=name, field="service", reason=service)
    if unit is None or unit.service != service:
        raise BookFieldWrong(record=name, field="unit", reason=f"not a unit of {service}")
    start, end = _days(name, record)
    confidence = _confidence(name, record, "confidence", None)
    return Rate(
        id=name,
        service=Service(service),
        sector=sector,
        certificate=_text(name, record, "certificate", default=""),
        start=start,
        end=end,
        unit=unit,
        tiers=_tiers(name, record, unit),
        source=_text(name, record, "source"),
        confidence=confidence,
        date_confidence=_confidence(name, record, "date_confidence", confidence),
    )


def _tiers(name: str, record: Mapping[str, Any], unit: SaleUnit) -> tuple[Tier, ...]:
    if ("price" in record) == ("tier" in record):
        raise BookFieldWrong(record=name, field="price", reason="either price or tier records")
    if "price" in record:
        return (Tier(None, _number(name, record, "price")),)
    tiers = record["tier"]
    if not isinstance(tiers, list) or not 0 < len(tiers) <= TIERS_MAX:
        raise TiersWrong(record=name, reason=f"1 to {TIERS_MAX} tiers")
    found: list[Tier] = []
    low = Fraction(0)
    for number, tier in enumerate(tiers, start=1):
        if not isinstance(tier, dict):
            raise TiersWrong(record=name, reason=f"tier {number} is not a table")
        _known_fields(name, tier, _TIER_FIELDS)
        last = number == len(tiers)
        if last == ("up_to" in tier):
            raise TiersWrong(record=name, reason="only the last tier has no up_to, and it has none")
        edge = None if last else _number(name, tier, "up_to") * unit.base
        if edge is not None and edge <= low:
            raise TiersWrong(record=name, reason=f"tier {number} does not rise")
        low = edge or low
        found.append(Tier(edge, _number(name, tier, "price")))
    return tuple(found)


def _ordered(rates: Iterable[Rate], book_end: date | None) -> dict[RateKey, tuple[Rate, ...]]:
    """Rates by key in the order of days, each key without overlap and without a gap."""
    by_key: dict[RateKey, list[Rate]] = {}
    for rate in rates:
        by_key.setdefault((rate.service, rate.sector, rate.certificate), []).append(rate)
    for group in by_key.values():
        group.sort(key=lambda rate: rate.start)
        for first, second in itertools.pairwise(group):
            if first.end is None or first.end > second.start:
                day = second.start.isoformat()
                raise RatesOverlap(first=first.id, second=second.id, day=day)
            if first.end < second.start:
                raise _gap(first, first.end, second.start)
        end = group[-1].end
        if end is not None and (book_end is None or end < book_end):
            raise _gap(group[-1], end, book_end)
    return {key: tuple(group) for key, group in by_key.items()}


def _gap(after: Rate, day: date, until: date | None) -> RatesGap:
    return RatesGap(first=after.id, day=day.isoformat(), until=until.isoformat() if until else "∞")


def _known_fields(name: str, record: Mapping[str, Any], known: frozenset[str]) -> None:
    for field in record:
        if field not in known:
            raise BookFieldWrong(record=name, field=field, reason="unknown field")


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _text(name: str, record: Mapping[str, Any], field: str, default: str | None = None) -> str:
    value = record.get(field, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise BookFieldWrong(record=name, field=field, reason="text is missing")
    return value


def _version(raw: Mapping[str, Any]) -> int:
    version = raw.get("version")
    if type(version) is not int or version < 1:
        raise BookFieldWrong(record="book", field="version", reason="a whole number from 1")
    return version


def _confidence(name: str, record: Mapping[str, Any], field: str, default: str | None) -> str:
    value = _text(name, record, field, default=default)
    if value not in _CONFIDENCE:
        raise BookFieldWrong(record=name, field=field, reason="one of H, M, L, GK")
    return value


def _number(name: str, record: Mapping[str, Any], field: str) -> Fraction:
    """An exact number: a whole one, or text or a TOML float, both read digit by digit."""
    value = record.get(field)
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise BookFieldWrong(record=name, field=field, reason="a number that is not negative")
    return Fraction(text)


def _days(name: str, record: Mapping[str, Any]) -> tuple[date, date | None]:
    start, end = record.get("from"), record.get("until")
    for field, day in (("from", start), ("until", end)):
        optional = field == "until" and day is None
        if not optional and (not isinstance(day, date) or isinstance(day, datetime)):
            raise BookFieldWrong(record=name, field=field, reason="a day is missing")
    assert isinstance(start, date)
    if end is not None and end <= start:
        raise BookFieldWrong(record=name, field="until", reason="not after from")
    return start, end

"""One `[[rate]]` record of a book as a rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from tahseel.charging.tariffs.rules import fields
from tahseel.charging.tariffs.rules.fields import BookFieldWrong
from tahseel.charging.tariffs.values import (
    DEMAND_UNITS,
    HUNDRED,
    KINDS,
    PERCENT,
    SALE_UNITS,
    TIME_UNITS,
    Every,
    Kind,
    Per,
    Rate,
    RateKey,
    SaleUnit,
    Tier,
    Tiering,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.quantity import Service

TIERS_MAX = 50
_FOR_WHOM = ("service", "sector", "certificate", "zone", "meter_size")
_WHEN = ("from", "until", "months", "band")
_WHAT = ("unit", "price", "percent", "of", "tier", "per", "every", "by", "tiering", "accept_jumps")
_WHENCE = ("source", "confidence", "date_confidence", "note")
_FIELDS = frozenset(("id", "kind", "charge", *_FOR_WHOM, *_WHEN, *_WHAT, *_WHENCE))
_TIER_FIELDS = frozenset(("up_to", "up_to_percent", "price", "percent"))
_FOR_TIME = (Kind.FIXED, Kind.MINIMUM)
_ALSO_FOR_TIME = (*_FOR_TIME, Kind.ADDER, Kind.TAX)
_BY_QUANTITY = (Kind.CONSUMPTION, Kind.EXPORT, Kind.ADDER)
_MAY_TAKE_OFF = (Kind.FIXED, Kind.ADDER)
_ON_TOP = (Kind.ADDER, Kind.TAX)
_NAMED = (Kind.FIXED, Kind.ADDER, Kind.TAX, Kind.CREDIT)
_TAKEN_OF: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.MINIMUM: (Kind.CONSUMPTION, Kind.DEMAND, Kind.FIXED),
    Kind.ADDER: (Kind.CONSUMPTION,),
    Kind.TAX: (Kind.CONSUMPTION, Kind.DEMAND, Kind.FIXED, Kind.MINIMUM, Kind.ADDER),
    Kind.CREDIT: (Kind.CONSUMPTION,),
}


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


class TiersJump(Refusal):
    """At an edge one unit more changes the price of all, and no `accept_jumps` says it is meant."""

    code = "price_book_tiers_jump"
    text_ar = "السجل {record}: عند {edge} يقفز المبلغ من {before} إلى {after} فلس بلا accept_jumps"
    text_en = (
        "Record {record}: at {edge} the charge jumps from {before} to {after} fils,"
        " and accept_jumps is not said"
    )


def read_rate(name: str, record: Mapping[str, Any], sectors: Sequence[str]) -> Rate:
    """A checked rate. Raises the refusals above and BookFieldWrong."""
    fields.only_known(name, record, _FIELDS)
    key = _key(name, record, sectors)
    unit = _unit(name, record, key)
    by = _by(name, record, key, unit)
    start, end = fields.days(name, record)
    confidence = fields.confidence(name, record, "confidence", None)
    allotted = any("up_to_percent" in tier for tier in record.get("tier", ()))
    rate = Rate(
        id=name,
        key=key,
        start=start,
        end=end,
        unit=unit,
        tiers=_tiers(name, record, key.kind, unit, by),
        source=fields.text(name, record, "source"),
        confidence=confidence,
        date_confidence=fields.confidence(name, record, "date_confidence", confidence),
        months=_months(name, record),
        tiering=fields.word(name, record, "tiering", Tiering.MARGINAL),
        per=fields.word(name, record, "per", _per(unit)),
        every=_every(name, record, key.kind, allotted=allotted),
        by=by,
        allotted=allotted,
        of=_of(name, record, key.kind, unit),
    )
    if rate.tiering is Tiering.WHOLE and (key.kind not in _BY_QUANTITY or by):
        raise BookFieldWrong(record=name, field="tiering", reason=f"not for {key.kind}")
    _jumps(rate, accepted=fields.flag(name, record, "accept_jumps"))
    return rate


def _key(name: str, record: Mapping[str, Any], sectors: Sequence[str]) -> RateKey:
    sector = fields.text(name, record, "sector")
    if sector not in sectors:
        raise SectorUnknown(record=name, sector=sector)
    service = fields.text(name, record, "service")
    if service not in tuple(Service):
        raise BookFieldWrong(record=name, field="service", reason=service)
    kind = fields.word(name, record, "kind", Kind.CONSUMPTION)
    for field, kinds in (("charge", _NAMED), ("band", (Kind.CONSUMPTION,))):
        if field in record and kind not in kinds:
            raise BookFieldWrong(record=name, field=field, reason=f"not for {kind}")
    words = ("charge", "certificate", "zone", "meter_size", "band")
    said = (fields.text(name, record, word, default="") for word in words)
    return RateKey(kind, Service(service), sector, *said)


def _unit(name: str, record: Mapping[str, Any], key: RateKey) -> SaleUnit:
    by_percent = key.kind in (*_ON_TOP, Kind.CREDIT) and "unit" not in record
    if by_percent or key.kind is Kind.CREDIT:
        if "unit" in record:
            raise BookFieldWrong(record=name, field="unit", reason="a credit is a percentage")
        return PERCENT
    code = fields.text(name, record, "unit")
    if key.kind in _ALSO_FOR_TIME and code in TIME_UNITS:
        return TIME_UNITS[code]
    if key.kind in _FOR_TIME:
        raise BookFieldWrong(record=name, field="unit", reason=" | ".join(TIME_UNITS))
    units = DEMAND_UNITS if key.kind is Kind.DEMAND else SALE_UNITS
    return _of_service(name, "unit", units.get(code), key.service)


def _of_service(name: str, field: str, unit: SaleUnit | None, service: Service) -> SaleUnit:
    if unit is None or unit.service != service:
        raise BookFieldWrong(record=name, field=field, reason=f"not a unit of {service}")
    return unit


def _by(name: str, record: Mapping[str, Any], key: RateKey, unit: SaleUnit) -> SaleUnit | None:
    """The unit of the blocks that a charge for time has."""
    may = unit.code in TIME_UNITS and key.kind is not Kind.MINIMUM
    if "by" not in record:
        if may and "tier" in record:
            raise BookFieldWrong(record=name, field="by", reason="the unit of the tiers is missing")
        return None
    if not may or "tier" not in record:
        raise BookFieldWrong(record=name, field="by", reason="only for tiers of a charge for time")
    given = SALE_UNITS.get(fields.text(name, record, "by"))
    return _of_service(name, "by", given, key.service)


def _per(unit: SaleUnit) -> Per:
    """Blocks are each dwelling's; a charge for time is the account's."""
    return Per.ACCOUNT if unit.code in TIME_UNITS else Per.DWELLING


def _every(name: str, record: Mapping[str, Any], kind: Kind, *, allotted: bool) -> Every:
    """What the blocks are of, or the price of a demand; an allotment is always a month's."""
    every = fields.word(name, record, "every", Every.MONTH)
    by_blocks = (kind in _BY_QUANTITY or "by" in record) and "tier" in record and not allotted
    if "every" in record and not by_blocks and kind is not Kind.DEMAND:
        raise BookFieldWrong(record=name, field="every", reason="only for blocks and demand")
    return every


def _months(name: str, record: Mapping[str, Any]) -> tuple[int, ...]:
    months = record.get("months", [])
    fine = isinstance(months, list) and all(type(m) is int and 1 <= m <= 12 for m in months)
    if not fine or len(set(months)) < len(months) or ("months" in record and not months):
        raise BookFieldWrong(record=name, field="months", reason="months from 1 to 12, each once")
    return tuple(sorted(months))


def _of(name: str, record: Mapping[str, Any], kind: Kind, unit: SaleUnit) -> tuple[Kind, ...]:
    """What a percentage or a minimum is taken of: kinds that are worked out before it."""
    takes = kind is Kind.MINIMUM or unit is PERCENT
    if "of" not in record:
        return _TAKEN_OF[kind] if takes else ()
    of = record["of"]
    before = KINDS[: KINDS.index(kind)]
    fine = takes and isinstance(of, list) and of and all(one in before for one in of)
    if not fine or (kind is Kind.CREDIT and of != [Kind.CONSUMPTION]):
        raise BookFieldWrong(record=name, field="of", reason=f"kinds that come before {kind}")
    return tuple(one for one in before if one in of)


def _tiers(
    name: str, record: Mapping[str, Any], kind: Kind, unit: SaleUnit, by: SaleUnit | None
) -> tuple[Tier, ...]:
    word = "percent" if unit is PERCENT else "price"
    if (word in record) == ("tier" in record):
        raise BookFieldWrong(record=name, field=word, reason=f"either {word} or tier records")
    if word in record:
        return (Tier(None, fields.number(name, record, word, signed=kind in _MAY_TAKE_OFF)),)
    tiers = record["tier"]
    if not isinstance(tiers, list) or not 0 < len(tiers) <= TIERS_MAX:
        raise TiersWrong(record=name, reason=f"1 to {TIERS_MAX} tiers")
    flat = unit.code in TIME_UNITS and by is None
    if flat or (unit is PERCENT and kind is not Kind.CREDIT):
        raise TiersWrong(record=name, reason=f"{kind} has one {word}, no tiers")
    return _blocks(name, tiers, by or unit, word)


def _blocks(name: str, tiers: Sequence[Any], unit: SaleUnit, word: str) -> tuple[Tier, ...]:
    found: list[Tier] = []
    low = Fraction(0)
    edge_field = "up_to"
    if isinstance(tiers[0], dict) and "up_to_percent" in tiers[0] and unit is not PERCENT:
        edge_field = "up_to_percent"
    size = unit.base if edge_field == "up_to" and unit is not PERCENT else Fraction(1, HUNDRED)
    for number, tier in enumerate(tiers, start=1):
        if not isinstance(tier, dict):
            raise TiersWrong(record=name, reason=f"tier {number} is not a table")
        fields.only_known(name, tier, _TIER_FIELDS)
        last = number == len(tiers)
        if {"up_to", "up_to_percent"} & tier.keys() != (set() if last else {edge_field}):
            raise TiersWrong(record=name, reason=f"only the last tier has no {edge_field}")
        edge = None if last else fields.number(name, tier, edge_field) * size
        if edge is not None and edge <= low:
            raise TiersWrong(record=name, reason=f"tier {number} does not rise")
        low = edge or low
        found.append(Tier(edge, fields.number(name, tier, word)))
    return tuple(found)


def _jumps(rate: Rate, *, accepted: bool) -> None:
    """Refuse the first edge at which the charge of a whole month jumps, unless that is meant."""
    jumps = rate.tiering is Tiering.WHOLE or rate.by is not None
    if not jumps or accepted or rate.unit is PERCENT:
        return
    for tier, above in zip(rate.tiers, rate.tiers[1:], strict=False):
        if tier.up_to is not None and tier.price != above.price:
            unit = rate.by or rate.unit
            units = tier.up_to if rate.allotted else Fraction(tier.up_to, unit.base)
            times = 1 if rate.by else units
            before, after = times * tier.price, times * above.price
            raise TiersJump(record=rate.id, edge=str(units), before=str(before), after=str(after))

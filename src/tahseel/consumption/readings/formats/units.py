"""Units at the edge: what one unit of a file is in base units (Wh, VArh, litres), exactly.

ESPI numbers: NAESB REQ.21 `UnitSymbolKind` (usage.xsd). NEM12 names: AEMO Meter Data File Format
Specification NEM12 & NEM13, field UOM (upper or lower case alike). Imperial gallon: UK Weights and
Measures Act 1985; US gallon and cubic foot: NIST Handbook 44, appendix C.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Unit:
    """A base unit and how many of it one unit of the file is."""

    base: str
    factor: Fraction


_ONE = Fraction(1)
_CUBIC_METRE = Unit("L", Fraction(1000))
_CUBIC_FOOT = Unit("L", Fraction(28_316_846_592, 1_000_000_000))
_LITRE = Unit("L", _ONE)
_US_GALLON = Unit("L", Fraction(3_785_411_784, 1_000_000_000))
_IMPERIAL_GALLON = Unit("L", Fraction(454_609, 100_000))

_ESPI = {
    5: Unit("A", _ONE),
    23: Unit("degC", _ONE),
    6: Unit("K", _ONE),
    29: Unit("V", _ONE),
    31: Unit("J", _ONE),
    33: Unit("Hz", _ONE),
    38: Unit("W", _ONE),
    42: _CUBIC_METRE,
    61: Unit("VA", _ONE),
    63: Unit("VAr", _ONE),
    65: Unit("pf", _ONE),
    71: Unit("VAh", _ONE),
    72: Unit("Wh", _ONE),
    73: Unit("VArh", _ONE),
    119: _CUBIC_FOOT,
    120: _CUBIC_FOOT,
    128: _US_GALLON,
    130: _IMPERIAL_GALLON,
    132: Unit("BTU", _ONE),
    134: _LITRE,
    156: _LITRE,
    157: _LITRE,
    166: _CUBIC_METRE,
    167: _CUBIC_METRE,
    169: Unit("therm", _ONE),
}

_PREFIXES = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_PREFIXED = {"wh": "Wh", "varh": "VArh", "vah": "VAh", "w": "W", "var": "VAr", "va": "VA"}
_NAMED = {
    **{
        prefix + name: Unit(base, Fraction(power))
        for prefix, power in _PREFIXES.items()
        for name, base in _PREFIXED.items()
    },
    "v": Unit("V", _ONE),
    "volt": Unit("V", _ONE),
    "volts": Unit("V", _ONE),
    "kv": Unit("V", Fraction(1_000)),
    "a": Unit("A", _ONE),
    "amp": Unit("A", _ONE),
    "amps": Unit("A", _ONE),
    "ka": Unit("A", Fraction(1_000)),
    "hz": Unit("Hz", _ONE),
    "pf": Unit("pf", _ONE),
    "l": _LITRE,
    "litre": _LITRE,
    "litres": _LITRE,
    "kl": _CUBIC_METRE,
    "m3": _CUBIC_METRE,
    "ig": _IMPERIAL_GALLON,
    "imperial_gallon": _IMPERIAL_GALLON,
    "imperial_gallons": _IMPERIAL_GALLON,
    "us_gallon": _US_GALLON,
    "us_gallons": _US_GALLON,
    "ft3": _CUBIC_FOOT,
}


def of_espi(uom: int | None, power_of_ten: int) -> Unit:
    """The unit of an ESPI ReadingType; a code without a name here keeps its number in the base."""
    unit = Unit(UNKNOWN if uom is None else f"uom{uom}", _ONE)
    if uom is not None:
        unit = _ESPI.get(uom, unit)
    return Unit(unit.base, unit.factor * Fraction(10) ** power_of_ten)


def named(text: str) -> Unit:
    """A unit by its written name; an empty one is unknown, a strange one keeps its name."""
    name = text.strip()
    return _NAMED.get(name.lower(), Unit(name or UNKNOWN, _ONE))

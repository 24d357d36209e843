"""Reads Kuwait's data files and installs what the kernel needs of them.

Every file under `data/` is TOML; every fact in it names its `source` and its `confidence`
(H two sources or a primary text, M one credible source, L weak, GK unverified).
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from tahseel.kernel import calendar, ids, period
from tahseel.recovery.clearance import rules as clearance
from tahseel.recovery.collections import rules as collections
from tahseel.registry.customers import rules as customers
from tahseel.registry.customers.values import MobileScheme
from tahseel.registry.premises import rules as premises
from tahseel.registry.premises.values import AddressNumberScheme

FOLDER = Path(__file__).parent / "data"
CONFIDENCES = frozenset({"H", "M", "L", "GK"})


@lru_cache(maxsize=64)
def data(name: str) -> dict[str, Any]:
    """The parsed file `data/<name>.toml`, shared: do not change it. Raises FileNotFoundError."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def content(name: str) -> bytes:
    """The bytes of `data/<name>.toml`, for a slice that reads them itself."""
    return (FOLDER / f"{name}.toml").read_bytes()


def price_book(code: str) -> bytes:
    """The bytes of a price book by its code, such as "applied-2017"."""
    return (FOLDER / "tariffs" / f"{code}.toml").read_bytes()


def civil_id_scheme() -> ids.CivilIdScheme:
    """Weights, modulus and centuries of the civil id."""
    facts = data("identity")["civil_id"]
    return ids.CivilIdScheme(
        weights=tuple(facts["weights"]),
        modulus=facts["modulus"],
        centuries=tuple((century["digit"], century["begins"]) for century in facts["centuries"]),
        source=facts["source"],
    )


def holidays() -> list[calendar.Holiday]:
    """Every dated day off, in order."""
    return [
        calendar.Holiday(entry["day"], entry["name_ar"], entry["name_en"], entry["source"])
        for entry in data("holidays")["holiday"]
    ]


def working_calendar() -> calendar.WorkingCalendar:
    """The week of the ministry and the holidays."""
    return calendar.WorkingCalendar.of(
        weekend=data("workweek")["week"]["weekend"],
        holidays=holidays(),
        known_until=data("holidays")["known_until"],
    )


def mobile_scheme() -> MobileScheme:
    """Country code and pattern of mobile numbers."""
    facts = data("identity")["mobile"]
    return MobileScheme(facts["country_code"], facts["national_pattern"], facts["source"])


def address_number_scheme() -> AddressNumberScheme:
    """Pattern and check digit of the automatic number of an address."""
    facts = data("identity")["address_number"]
    return AddressNumberScheme(
        pattern=facts["pattern"],
        source=facts["source"],
        weights=tuple(facts["weights"]),
        modulus=facts["modulus"],
    )


def install() -> None:
    """Give the slices this country's civil id, mobile and address numbers and working calendar.

    Safe to call again.
    """
    ids.install_civil_id_scheme(civil_id_scheme())
    customers.install_mobile_scheme(mobile_scheme())
    premises.install_address_number_scheme(address_number_scheme())
    calendar.install(working_calendar())
    year = data("fiscal_year")
    period.install_fiscal_year(month=year["month"], day=year["day"])
    collections.install_strategy(collections.load_strategy((FOLDER / "strategy.toml").read_bytes()))
    clearance.install_policy(clearance.load_policy((FOLDER / "gates.toml").read_bytes()))

"""From outlets and deliveries to priced lines; a delivery file line by line. Pure."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tahseel.charging.sales.values import Outlet, SaleKind, SaleLine, SalesPolicy
from tahseel.charging.tariffs import rules as tariffs
from tahseel.charging.tariffs.values import SALE_UNITS, Usage
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import round_half_up
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.kernel.text import to_latin_digits

HEADING = ["outlet", "day", "document", "quantity", "unit"]
UNITS = ("L", "m3", "IG", "1000 IG")
FILE_BYTES_MAX = 20_000_000
LINES_MAX = 100_000
LITRES_MAX = 10**12
DOCUMENT_MAX = 40
MINUTES_PER_DAY = 1_440
MINUTES_PER_HOUR = 60
DAYS_MAX = 366
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?")


class SalesDataWrong(Refusal):
    """The country's data of sales cannot be used."""

    code = "sales_data_wrong"
    text_ar = "بيانات المبيعات غير صالحة: {reason}"
    text_en = "The data of sales is wrong: {reason}"


class FileWrong(Refusal):
    """A delivery file whose structure is not one is refused whole."""

    code = "delivery_file_wrong"
    text_ar = "ملف التسليم غير صالح: {reason}"
    text_en = "The delivery file is wrong: {reason}"


class LineWrong(Refusal):
    """A line of a delivery file, or a delivery typed at a counter, cannot be read."""

    code = "delivery_line_wrong"
    text_ar = "الحقل {field} غير صالح: {value}"
    text_en = "Field {field} is wrong: {value}"


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a delivery file as it was read."""

    line: int
    raw: str
    outlet: str
    day: date
    document: str
    litres: int


def load(data: bytes, *, book: Callable[[str], bytes]) -> SalesPolicy:
    """Read the country's data. Raises SalesDataWrong and the refusals of a price book."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
        days, name = raw["due_days"], str(raw["book"])
        if type(days) is not int or not 0 <= days <= DAYS_MAX:
            raise ValueError(f"due_days: {days}")
        found = [_kind(one, 0) for one in raw["outlet"]]
        found += [_kind(one, one["minutes_per_day"]) for one in raw["load"]]
    except (KeyError, TypeError, ValueError) as error:
        raise SalesDataWrong(reason=str(error)) from error
    kinds = {one.code: one for one in found}
    priced = tariffs.load_book(book(name))
    for one in found:
        if one.sector not in priced.sectors or len(kinds) != len(found):
            raise SalesDataWrong(reason=f"{one.code}: {one.sector}")
    return SalesPolicy(priced, days, kinds)


def _kind(raw: Mapping[str, Any], minutes: int) -> SaleKind:
    if type(minutes) is not int or not 0 <= minutes <= MINUTES_PER_DAY:
        raise ValueError(f"minutes_per_day: {minutes}")
    sector, name_ar, name_en = (str(raw[name]) for name in ("sector", "name_ar", "name_en"))
    service = Service(raw["service"])
    return SaleKind(str(raw["code"]), service, sector, name_ar, name_en, minutes)


_installed: list[SalesPolicy] = []


def install(policy: SalesPolicy) -> None:
    """Called once by `app` with the country's data."""
    _installed[:] = [policy]


def policy() -> SalesPolicy:
    """The installed data. Raises LookupError before `install`."""
    if not _installed:
        raise LookupError("no data of sales is installed")
    return _installed[0]


def days_in(outlet: Outlet, month: BillingMonth) -> Period | None:
    """The days of a month on which an outlet is open."""
    start = max(outlet.from_day, month.period.start)
    end = min(outlet.until_day or month.period.end, month.period.end)
    return Period(start, end) if start < end else None


def burnt(outlet: Outlet, days: int) -> int:
    """What a load used in some days: count, watts and hours; Wh, rounded once."""
    kind = policy().kinds[outlet.kind]
    minutes = outlet.count * outlet.watts * kind.minutes_per_day * days
    return round_half_up(minutes, MINUTES_PER_HOUR)


def line(outlet: Outlet, month: BillingMonth, period: Period, quantity: int) -> SaleLine:
    """Price what an outlet sold on some days of a month. Raises the refusals of the book."""
    known = policy()
    kind = known.kinds[outlet.kind]
    usage = Usage(service=kind.service, sector=kind.sector, period=period, quantity=quantity)
    rated = tariffs.rate(book=known.book, usage=usage)
    rates = tuple(dict.fromkeys(one.rate_id for one in rated.lines))
    return SaleLine(outlet.id, outlet.code, month, quantity, kind.service, rated.total, rates)


def litres(quantity: str, unit: str) -> int:
    """A quantity as it is written, in litres, rounded once. Raises LineWrong."""
    if unit not in UNITS:
        raise LineWrong(field="unit", value=unit[:20])
    plain = to_latin_digits(quantity).strip()
    if not _NUMBER.fullmatch(plain):
        raise LineWrong(field="quantity", value=quantity[:20])
    exact = SALE_UNITS[unit].base
    top, under = Decimal(plain).as_integer_ratio()
    found = round_half_up(top * exact.numerator, under * exact.denominator)
    if found > LITRES_MAX:
        raise LineWrong(field="quantity", value=quantity[:20])
    return found


def read_file(content: bytes) -> Iterator[Told | tuple[int, str, Refusal]]:
    """Each line as it was read, or its number, its text and why it was not. Raises FileWrong."""
    if len(content) > FILE_BYTES_MAX:
        raise FileWrong(reason=f"> {FILE_BYTES_MAX} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileWrong(reason="UTF-8") from error
    if "\0" in text:
        raise FileWrong(reason="NUL")
    rows = csv.reader(io.StringIO(text))
    try:
        heading = [cell.strip() for cell in next(rows, [])]
        if heading != HEADING:
            raise FileWrong(reason=f"{','.join(HEADING)}")
        found = [(rows.line_num, row) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise FileWrong(reason="CSV") from error
    if not found or len(found) > LINES_MAX:
        raise FileWrong(reason=f"{len(found)} lines")
    return (_told(number, row) for number, row in found)


def _told(number: int, row: list[str]) -> Told | tuple[int, str, Refusal]:
    raw = ",".join(row)[:500]
    cells = [cell.strip() for cell in row]
    try:
        if len(cells) != len(HEADING):
            raise LineWrong(field="line", value=f"{len(cells)} cells")
        outlet, day, document, quantity, unit = cells
        return Told(number, raw, outlet, as_day(day), paper(document), litres(quantity, unit))
    except LineWrong as refusal:
        return number, raw, refusal


def as_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise LineWrong(field="day", value=text[:20]) from None


def paper(text: str) -> str:
    """The number of a delivery's document. Raises LineWrong."""
    if not text.strip() or len(text.strip()) > DOCUMENT_MAX:
        raise LineWrong(field="document", value=text[:20])
    return text.strip()

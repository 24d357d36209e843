"""Reading a price book: every record is checked before a single fils is priced by it.

A book is TOML: `code`, `version`, `name_ar`, `name_en`, `from`, optional `until`, `sectors`,
`rounding`, `source`, then `[[rate]]` records with `id`, `service`, `sector`, `from`, optional
`until`, `source`, `confidence`, optional `date_confidence` and `note`. Prices are fils per unit,
written as text ("2.5") or whole numbers, never as floats.

- `kind`: `consumption` (where nothing is said), `demand`, `fixed`, `export`, `minimum`, `adder`,
  `tax`, `credit`. `charge` names one of several fixed charges, adders, taxes or credits.
- For whom: `certificate`, `zone`, `meter_size`; of the rates that fit, the one that says more
  holds, in this order. When: `months` (of the year) for seasons, `band` for a time of use.
- What: `unit` and `price`, or `unit` and `[[rate.tier]]` records of `up_to` and `price` in rising
  order, the last without `up_to`. `up_to_percent` counts in percent of the account's allotment.
  `every` is what blocks, and the price of a demand, are of: `day`, `month`, `quarter` or `year`.
  `per` is `dwelling` or `account`; `tiering = "whole"` prices the whole quantity by the block in
  which it ends, and wants `accept_jumps = true`. A fixed or minimum charge has one of these four
  as its unit, and an adder or a tax may. Where it has tiers, `by` is the unit of their edges, and
  the charge is that of the tier in which the quantity ends (`accept_jumps = true`). A fixed charge
  and an adder of one price may be below zero: a rebate.
- An adder or a tax has a `percent` `of` kinds that come before it; an adder may have a price by the
  unit. A credit is a percentage of the value of what was saved against last year, by tiers of
  percent saved; an edge belongs to the tier above it.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tahseel.charging.tariffs.rules import fields
from tahseel.charging.tariffs.rules.fields import BookFieldWrong
from tahseel.charging.tariffs.rules.records import read_rate
from tahseel.charging.tariffs.values import Kind, PriceBook, Rate, RateKey, Rounding
from tahseel.kernel.errors import Refusal

BOOK_BYTES_MAX = 1_000_000
RATES_MAX = 10_000
YEAR = range(1, 13)
_NAMES = ("code", "version", "name_ar", "name_en", "source", "note")
_FIELDS = frozenset((*_NAMES, "from", "until", "sectors", "rounding", "rate"))
_WITHOUT_GAPS = (Kind.CONSUMPTION, Kind.DEMAND, Kind.EXPORT)


class BookUnreadable(Refusal):
    """The file is not TOML, or too large."""

    code = "price_book_unreadable"
    text_ar = "تعذّرت قراءة كتاب التعرفة: {reason}"
    text_en = "The price book cannot be read: {reason}"


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


class SeasonsGap(Refusal):
    """Rates by the season leave a month of the year without a price."""

    code = "price_book_seasons_gap"
    text_ar = "السجل {first}: لا سعر لشهر {month} من السنة"
    text_en = "Record {first}: there is no price for month {month} of the year"


class BandsMixed(Refusal):
    """Of a tariff by time of use, a band has a price on days on which another has none."""

    code = "price_book_bands_mixed"
    text_ar = "السجل {first}: النطاق الزمني {band} ليس له سعر ابتداءً من {day}"
    text_en = "Record {first}: band {band} has no price from {day}"


def load_book(data: bytes) -> PriceBook:
    """Read and check a price book. Raises a refusal that names the record at fault."""
    raw = _read(data)
    fields.only_known("book", raw, _FIELDS)
    start, end = fields.days("book", raw)
    sectors = raw.get("sectors")
    if not isinstance(sectors, list) or not sectors or not all(map(fields.is_word, sectors)):
        raise BookFieldWrong(record="book", field="sectors", reason="a list of words")
    return PriceBook(
        code=fields.text("book", raw, "code", most=fields.CODE_MAX),
        version=fields.whole("book", raw, "version"),
        name_ar=fields.text("book", raw, "name_ar", most=fields.CODE_MAX),
        name_en=fields.text("book", raw, "name_en", most=fields.CODE_MAX),
        start=start,
        end=end,
        sectors=tuple(sectors),
        rounding=fields.word("book", raw, "rounding", Rounding.CHARGE),
        source=fields.text("book", raw, "source"),
        rates=_ordered(_rates(raw, sectors), end),
    )


def _read(data: bytes) -> dict[str, Any]:
    if len(data) > BOOK_BYTES_MAX:
        raise BookUnreadable(reason=f"more than {BOOK_BYTES_MAX} bytes")
    try:
        return tomllib.loads(data.decode("utf-8"), parse_float=str)
    except RecursionError as error:
        raise BookUnreadable(reason="lists or tables too deep") from error
    except ValueError as error:  # not UTF-8, not TOML, or a number of thousands of digits
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
        name = fields.text(f"rate {number}", record, "id")
        if name in seen:
            raise BookFieldWrong(record=name, field="id", reason="used twice")
        seen.add(name)
        rates.append(read_rate(name, record, sectors))
    return rates


def _ordered(rates: Iterable[Rate], book_end: date | None) -> dict[RateKey, tuple[Rate, ...]]:
    """Rates by key in the order of days, each key without overlap and, where it counts, a gap."""
    by_key: dict[RateKey, list[Rate]] = {}
    for rate in rates:
        by_key.setdefault(rate.key, []).append(rate)
    for key, group in by_key.items():
        group.sort(key=lambda rate: rate.start)
        seasonal = any(rate.months for rate in group)
        for month in YEAR if seasonal else (None,):
            chain = [r for r in group if month is None or not r.months or month in r.months]
            _no_overlap(chain)
            if key.kind in _WITHOUT_GAPS:
                _no_gap(chain, group[0], month, book_end)
    _bands_agree(by_key)
    return {key: tuple(group) for key, group in by_key.items()}


def _no_overlap(chain: Sequence[Rate]) -> None:
    for first, second in itertools.pairwise(chain):
        if first.end is None or first.end > second.start:
            day = second.start.isoformat()
            raise RatesOverlap(first=first.id, second=second.id, day=day)


def _no_gap(chain: Sequence[Rate], of: Rate, month: int | None, book_end: date | None) -> None:
    if not chain:
        raise SeasonsGap(first=of.id, month=month)
    for first, second in itertools.pairwise(chain):
        if first.end is not None and first.end < second.start:
            raise _gap(first, first.end, second.start)
    end = chain[-1].end
    if end is not None and (book_end is None or end < book_end):
        raise _gap(chain[-1], end, book_end)


def _gap(after: Rate, day: date, until: date | None) -> RatesGap:
    return RatesGap(first=after.id, day=day.isoformat(), until=until.isoformat() if until else "∞")


def _bands_agree(by_key: Mapping[RateKey, Sequence[Rate]]) -> None:
    """The bands of a tariff begin on the same day: from then on each has a price."""
    begun: dict[RateKey, tuple[RateKey, date]] = {}
    for key, group in by_key.items():
        if not key.band:
            continue
        family = key._replace(band="")
        first, day = begun.setdefault(family, (key, group[0].start))
        if group[0].start != day:
            late = key if group[0].start > day else first
            start = min(day, group[0].start)
            raise BandsMixed(first=by_key[late][0].id, band=late.band, day=start.isoformat())

"""The two public functions of the slice: `load_book` checks a book, `rate` prices a usage."""

from tahseel.charging.tariffs.rules.loading import (
    BookFieldWrong,
    BookUnreadable,
    RatesGap,
    RatesOverlap,
    SectorUnknown,
    TiersWrong,
    load_book,
)
from tahseel.charging.tariffs.rules.rating import NoRate, UsageWrong, rate

__all__ = [
    "BookFieldWrong",
    "BookUnreadable",
    "NoRate",
    "RatesGap",
    "RatesOverlap",
    "SectorUnknown",
    "TiersWrong",
    "UsageWrong",
    "load_book",
    "rate",
]

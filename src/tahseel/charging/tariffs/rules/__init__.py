"""The two public functions of the slice: `load_book` checks a book, `rate` prices a usage."""

from tahseel.charging.tariffs.rules.fields import BookFieldWrong
from tahseel.charging.tariffs.rules.loading import (
    BandsMixed,
    BookUnreadable,
    RatesGap,
    RatesOverlap,
    SeasonsGap,
    load_book,
)
from tahseel.charging.tariffs.rules.rating import UsageWrong, rate
from tahseel.charging.tariffs.rules.records import SectorUnknown, TiersJump, TiersWrong
from tahseel.charging.tariffs.rules.selecting import NoRate, UsageLacks

__all__ = [
    "BandsMixed",
    "BookFieldWrong",
    "BookUnreadable",
    "NoRate",
    "RatesGap",
    "RatesOverlap",
    "SeasonsGap",
    "SectorUnknown",
    "TiersJump",
    "TiersWrong",
    "UsageLacks",
    "UsageWrong",
    "load_book",
    "rate",
]

"""How much of what is overdue is provided for as doubtful: bands of age, as the country's data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money, round_half_up

PERMILLE_MAX = 1000


class BandsWrong(Refusal):
    """The bands of doubtful debts cannot be read, or are not in order."""

    code = "doubtful_bands_wrong"
    text_ar = "شرائح الديون المشكوك في تحصيلها غير صالحة: {reason}"
    text_en = "The bands of doubtful debts are wrong: {reason}"


@dataclass(frozen=True, slots=True)
class Band:
    """From so many days after the due date on, so many thousandths are doubtful."""

    days: int
    permille: int


def load(data: bytes) -> tuple[Band, ...]:
    """Read the bands (TOML, `[[doubtful]]` records). Raises BandsWrong."""
    try:
        rows = tomllib.loads(data.decode("utf-8"))["doubtful"]
        bands = tuple(Band(int(row["days"]), int(row["permille"])) for row in rows)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise BandsWrong(reason=str(error)) from error
    days = [band.days for band in bands]
    if not bands or days != sorted(set(days)) or days[0] < 1:
        raise BandsWrong(reason="days rise from 1 on")
    if not all(0 <= band.permille <= PERMILLE_MAX for band in bands):
        raise BandsWrong(reason=f"a share lies between 0 and {PERMILLE_MAX}")
    return bands


_installed: list[Band] = []


def install(bands: Sequence[Band]) -> None:
    """Called once by `app` with the country's bands."""
    _installed[:] = bands


def bands() -> Sequence[Band]:
    """The installed bands. Raises LookupError before `install`."""
    if not _installed:
        raise LookupError("no bands of doubtful debts are installed")
    return _installed


def provision(overdue: Mapping[int, Money]) -> Money:
    """What is provided for, of what is overdue by the first day of each band; each rounded once."""
    return Money(
        sum(
            round_half_up(overdue[band.days].fils * band.permille, PERMILLE_MAX)
            for band in bands()
            if band.days in overdue
        )
    )

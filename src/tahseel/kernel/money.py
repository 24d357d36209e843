"""Money: integer fils, three decimals of a Kuwaiti dinar. One formatter, one rounding function."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tahseel.kernel.text import to_arabic_digits

FILS_PER_DINAR = 1000
_AMOUNT = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,3}))?")


def round_half_up(numerator: int, denominator: int) -> int:
    """The one rounding function: numerator / denominator to the nearest integer.

    Halves go away from zero, so that a reversal is the exact negative of what it reverses.
    Raises ValueError unless denominator > 0.
    """
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in fils (1000 fils = KD 1.000). Arithmetic is exact; there is no float anywhere."""

    fils: int

    def __post_init__(self) -> None:
        if type(self.fils) is not int:
            raise TypeError(f"fils must be an int, not {type(self.fils).__name__}")

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read a dinar amount such as "15.750", "15.75" or "-3". Raises ValueError otherwise.

        Strict, because machines send it; for people's forms first apply `text.to_latin_digits`.
        """
        match = _AMOUNT.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"not a dinar amount with at most three decimals: {text!r}")
        sign, whole, part = match.groups()
        fils = int(whole) * FILS_PER_DINAR + int((part or "").ljust(3, "0"))
        return cls(-fils if sign else fils)

    def __add__(self, other: Money) -> Money:
        return Money(self.fils + other.fils)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fils - other.fils)

    def __neg__(self) -> Money:
        return Money(-self.fils)

    def __mul__(self, times: int) -> Money:
        return Money(self.fils * times)

    def __abs__(self) -> Money:
        return Money(abs(self.fils))

    def __bool__(self) -> bool:
        return self.fils != 0

    def dinars(self) -> str:
        """The wire form with three decimals and no grouping: "15.750" (KNET wants exactly this)."""
        whole, part = divmod(abs(self.fils), FILS_PER_DINAR)
        return f"{'-' if self.fils < 0 else ''}{whole}.{part:03d}"

    def __str__(self) -> str:
        return f"KD {self.dinars()}"


ZERO = Money(0)


def format_money(money: Money, *, arabic_digits: bool = False, grouped: bool = True) -> str:
    """The one formatter: three decimals, grouped thousands, no currency word ("1,234.500").

    With arabic_digits the digits and separators are Arabic ("١٬٢٣٤٫٥٠٠"). Always show the result
    inside an element whose direction is left to right.
    """
    whole, part = divmod(abs(money.fils), FILS_PER_DINAR)
    text = f"{whole:,}" if grouped else str(whole)
    text = f"{'-' if money.fils < 0 else ''}{text}.{part:03d}"
    if arabic_digits:
        text = to_arabic_digits(text.replace(",", "٬").replace(".", "٫"))
    return text

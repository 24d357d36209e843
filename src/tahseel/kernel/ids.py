"""Identifiers: our own (uuid v7, made by the client) and the State's (civil id, masked)."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import mul
from uuid import UUID, SafeUUID

from tahseel.kernel.text import to_latin_digits, without_direction_marks

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
BIRTHS_KNOWN_MAX = 65_536


def uuid7(*, unix_ms: int, random_bits: int) -> UUID:
    """A version-7 UUID (RFC 9562) from 48 bits of time and 74 bits of randomness."""
    value = (unix_ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (random_bits >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | random_bits & (1 << 62) - 1
    return UUID(int=value)


def unix_milliseconds(at: datetime) -> int:
    """Whole milliseconds since 1970, exactly. Raises ValueError for a naive instant."""
    if at.tzinfo is None:
        raise ValueError("an instant must carry its zone")
    return (at - _EPOCH) // _MILLISECOND


def new_id(at: datetime) -> UUID:
    """A fresh id made at the instant `at`; ids sort by the millisecond in which they were made."""
    return uuid7(unix_ms=unix_milliseconds(at), random_bits=secrets.randbits(74))


def id_maker(generator: random.Random) -> Callable[[datetime], UUID]:
    """Ids that a seed decides, for the synthetic country: same seed and instants, same ids."""

    def make(at: datetime) -> UUID:
        return uuid7(unix_ms=unix_milliseconds(at), random_bits=generator.getrandbits(74))

    return make


_KEPT = (1 << 128) - 1 & ~(0xF << 76 | 0b11 << 62)
_VERSION_8 = 0x8 << 76 | 0b10 << 62
_SET_INT, _SET_SAFE = UUID.__dict__["int"].__set__, UUID.__dict__["is_safe"].__set__


def derived_id(parent: UUID, *parts: str) -> UUID:
    """An id that follows from another one, so that a retry makes the same id (version 8)."""
    said = parent.int.to_bytes(16, "big") + "\x1f".join(parts).encode()
    value = int.from_bytes(hashlib.sha256(said).digest()[:16], "big")
    return _from_int(value & _KEPT | _VERSION_8)


def _from_int(value: int) -> UUID:
    """`UUID(int=value)` in a quarter of its time: its slots are filled without its checks."""
    made = object.__new__(UUID)
    _SET_INT(made, value)
    _SET_SAFE(made, SafeUUID.unknown)
    return made


# Version 8 and the variant of RFC 9562, bit by bit: (place, value), the lowest bit of a byte first.
_STAMP = ((55, 1), (54, 0), (53, 0), (52, 0), (71, 1), (70, 0))


def derived_id_in_sql(parent: str, said: str) -> str:
    """`derived_id` as an expression of SQL; both are expressions: a uuid, and its parts as one text
    with `chr(31)` between them. The digest stands in it once, so it is made once."""
    made = f"substr(sha256(uuid_send({parent}) || convert_to({said}, 'UTF8')), 1, 16)"
    for place, value in _STAMP:
        made = f"set_bit({made}, {place}, {value})"
    return f"encode({made}, 'hex')::uuid"


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS_MAX = 16


def reference_letters(of: UUID, *, purpose: str, count: int) -> str:
    """Letters and digits that follow from an id and cannot be counted through (5 bits each).

    People read and type them, so I, L, O and U are left out. Source: Crockford's base 32.
    """
    if not 0 < count <= LETTERS_MAX:
        raise ValueError(f"between 1 and {LETTERS_MAX} letters")
    digest = hashlib.sha256(purpose.encode() + b"\x1f" + of.bytes).digest()
    number = int.from_bytes(digest[:LETTERS_MAX], "big")
    return "".join(CROCKFORD[number >> 5 * n & 31] for n in range(count))


@dataclass(frozen=True, slots=True)
class CivilIdScheme:
    """Parameters of a national identifier: `C YYMMDD SSSS K` with a weighted check digit.

    weights: one per digit before the check digit; modulus: 11; centuries: first digit -> century.
    """

    weights: tuple[int, ...]
    modulus: int
    centuries: tuple[tuple[str, int], ...]
    source: str

    @property
    def length(self) -> int:
        """Digits in a whole number, the check digit included."""
        return len(self.weights) + 1

    def check_digit(self, prefix: str) -> int | None:
        """The check digit for the digits before it, or None when none is ever issued."""
        if len(prefix) != len(self.weights):
            raise ValueError(f"{len(self.weights)} digits stand before the check digit")
        total = sum(map(mul, self.weights, map(int, prefix)))
        digit = (self.modulus - total % self.modulus) % self.modulus
        return digit if digit <= 9 else None

    def birth_date(self, digits: str) -> date | None:
        """The date of birth written in the number, or None when there is no such date."""
        return _born(self.centuries, digits[:7])


@lru_cache(maxsize=BIRTHS_KNOWN_MAX)
def _born(centuries: tuple[tuple[str, int], ...], begins: str) -> date | None:
    """The date in the first seven digits of a number."""
    century = dict(centuries).get(begins[0])
    if century is None:
        return None
    try:
        return date(century + int(begins[1:3]), int(begins[3:5]), int(begins[5:7]))
    except ValueError:
        return None


_installed: list[CivilIdScheme] = []


def install_civil_id_scheme(scheme: CivilIdScheme) -> None:
    """Called once by `app` with the country's parameters."""
    _installed[:] = [scheme]


def civil_id_scheme() -> CivilIdScheme:
    """The installed scheme. Raises LookupError before `install_civil_id_scheme`."""
    if not _installed:
        raise LookupError("no civil id scheme is installed")
    return _installed[0]


@dataclass(frozen=True, slots=True)
class CivilId:
    """A checked national identifier. `repr` and `str` show only the last four digits."""

    digits: str

    @classmethod
    def parse(cls, text: str, scheme: CivilIdScheme | None = None) -> CivilId:
        """Accepts spaces, dashes and Arabic digits. Raises ValueError, never echoing the digits."""
        scheme = scheme or civil_id_scheme()
        digits = text
        if not (text.isascii() and text.isdigit()):
            digits = to_latin_digits(without_direction_marks(text)).replace("-", "")
            digits = "".join(digits.split())
        if len(digits) != scheme.length or not (digits.isascii() and digits.isdigit()):
            raise ValueError(f"a civil id has {scheme.length} digits")
        if scheme.birth_date(digits) is None:
            raise ValueError("a civil id must hold a real date of birth")
        if scheme.check_digit(digits[:-1]) != int(digits[-1]):
            raise ValueError("the civil id's check digit is wrong")
        return cls(digits)

    @property
    def masked(self) -> str:
        """Dots and the last four digits, for screens, logs and messages."""
        return "•" * (len(self.digits) - 4) + self.digits[-4:]

    def __repr__(self) -> str:
        return f"CivilId({self.masked})"

    def __str__(self) -> str:
        return self.masked

"""The fields of a book's records, each read exactly or refused with the record's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from tahseel.kernel.errors import Refusal

_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,9})?")
_CONFIDENCE = ("H", "M", "L", "GK")
TEXT_MAX, CODE_MAX, WHOLE_MAX = 2_000, 100, 1_000_000
Word = TypeVar("Word", bound=StrEnum)


class BookFieldWrong(Refusal):
    """A field of a record is missing, unknown or has a wrong value."""

    code = "price_book_field_wrong"
    text_ar = "السجل {record}: الحقل {field} غير صالح ({reason})"
    text_en = "Record {record}: field {field} is wrong ({reason})"


def only_known(name: str, record: Mapping[str, Any], known: frozenset[str]) -> None:
    for field in record:
        if field not in known:
            raise BookFieldWrong(record=name, field=field, reason="unknown field")


def is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\0" not in value


def text(
    name: str,
    record: Mapping[str, Any],
    field: str,
    default: str | None = None,
    *,
    most: int = TEXT_MAX,
) -> str:
    value = record.get(field, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise BookFieldWrong(record=name, field=field, reason="text is missing")
    if len(value) > most or "\0" in value:
        raise BookFieldWrong(record=name, field=field, reason=f"a text of at most {most} signs")
    return value


def word(name: str, record: Mapping[str, Any], field: str, default: Word) -> Word:
    """One word of the default's enumeration."""
    value = text(name, record, field, default=default)
    if value not in tuple(type(default)):
        raise BookFieldWrong(record=name, field=field, reason=value)
    return type(default)(value)


def flag(name: str, record: Mapping[str, Any], field: str) -> bool:
    value = record.get(field, False)
    if not isinstance(value, bool):
        raise BookFieldWrong(record=name, field=field, reason="true or false")
    return value


def whole(name: str, record: Mapping[str, Any], field: str) -> int:
    value = record.get(field)
    if type(value) is not int or not 1 <= value <= WHOLE_MAX:
        raise BookFieldWrong(record=name, field=field, reason=f"a whole number, 1 to {WHOLE_MAX}")
    return value


def confidence(name: str, record: Mapping[str, Any], field: str, default: str | None) -> str:
    value = text(name, record, field, default=default)
    if value not in _CONFIDENCE:
        raise BookFieldWrong(record=name, field=field, reason="one of H, M, L, GK")
    return value


def number(name: str, record: Mapping[str, Any], field: str, *, signed: bool = False) -> Fraction:
    """An exact number: a whole one, or text or a TOML float, both read digit by digit."""
    value = record.get(field)
    written = str(value) if type(value) is int else value
    if not isinstance(written, str) or not _NUMBER.fullmatch(written):
        raise BookFieldWrong(record=name, field=field, reason="not a number")
    found = Fraction(written)
    if found < 0 and not signed:
        raise BookFieldWrong(record=name, field=field, reason="a number that is not negative")
    return found


def days(name: str, record: Mapping[str, Any]) -> tuple[date, date | None]:
    start, end = record.get("from"), record.get("until")
    for field, day in (("from", start), ("until", end)):
        optional = field == "until" and day is None
        if not optional and (not isinstance(day, date) or isinstance(day, datetime)):
            raise BookFieldWrong(record=name, field=field, reason="a day is missing")
    assert isinstance(start, date)
    if end is not None and end <= start:
        raise BookFieldWrong(record=name, field="until", reason="not after from")
    return start, end

"""Decimal numbers of files, exactly: an integer and how many digits follow the point."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"([+-]?)(\d{0,18})(?:\.(\d{0,12}))?")


def decimal(text: str) -> tuple[int, int] | None:
    """(integer, digits after the point) of a plain number, or None: "-1.50" is (-15, 1).

    At most 18 digits before and 12 after the point; no exponent, no grouping.
    """
    match = _NUMBER.fullmatch(text)
    if match is None or not text.isascii() or not (match[2] or match[3]):
        return None
    part = (match[3] or "").rstrip("0")
    integer = int((match[2] + part) or "0")
    return (-integer if match[1] == "-" else integer), len(part)

"""Every format that is installed: ours, then those of others.

A package brings a format by an entry point of the group `tahseel.reading_formats`; an installation
names further ones in the variable `TAHSEEL_READING_FORMATS` as `module:object`, commas between. The
first that knows a file reads it: ours are asked first, mappings of CSV (`csv_mapping`) last.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from tahseel.consumption.readings.formats import (
    csv_mapping,
    espi,
    iec61968,
    interval_csv,
    nem12,
    nem13,
    register_csv,
)
from tahseel.consumption.readings.formats.plugin import Format, Head
from tahseel.kernel.errors import Broken

GROUP = "tahseel.reading_formats"
VARIABLE = "TAHSEEL_READING_FORMATS"
MAPPINGS = "TAHSEEL_READING_MAPPINGS"
OURS: tuple[Format, ...] = (
    iec61968.FORMAT,
    espi.FORMAT,
    nem13.FORMAT,
    nem12.FORMAT,
    *interval_csv.FORMATS,
    register_csv.FORMAT,
)
_PARTS = ("code", "detect", "parse")


def format_of(head: Head) -> Format | None:
    """The first installed format that knows the file."""
    return next((one for one in installed() if one.detect(head)), None)


@cache
def installed() -> tuple[Format, ...]:
    """All formats, in the order in which they are asked. Broken: one that cannot be loaded."""
    return (*OURS, *_others(), *_mapped())


def _others() -> Iterator[Format]:
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        yield _checked(point.value, point.load())
    for name in filter(None, map(str.strip, os.environ.get(VARIABLE, "").split(","))):
        module, _, attribute = name.partition(":")
        try:
            found = getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError) as error:
            raise Broken(f"the format {name} cannot be loaded: {error}") from error
        yield _checked(name, found)


def _mapped() -> Iterator[Format]:
    """Somebody else's CSV of intervals, by the mappings of this installation."""
    folder = os.environ.get(MAPPINGS, "").strip()
    for mapping in csv_mapping.load_folder(Path(folder)) if folder else ():
        yield interval_csv.IntervalCsv(mapping)


def _checked(name: str, found: object) -> Format:
    absent = [part for part in _PARTS if not hasattr(found, part)]
    if absent:
        raise Broken(f"{name} is no format of meter files: it has no {', '.join(absent)}")
    one: Format = found  # type: ignore[assignment]
    return one

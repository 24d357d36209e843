"""Fields of an element of IEC 61968-9: the text of a child, a thing's name, an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lxml import etree

from tahseel.consumption.readings.formats.xml_stream import line_of, name_of
from tahseel.kernel.period import LOCAL_ZONE

__all__ = ["EPOCH", "TEXT_MAX", "epoch", "line_of", "name_in", "name_of", "text_of"]

TEXT_MAX = 80
YEARS = range(1990, 2101)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text_of(element: etree._Element, name: str) -> str:
    """The text of the first child of a name, without the spaces around it; empty without one."""
    for child in element:
        if name_of(child.tag) == name:
            return (child.text or "").strip()
    return ""


def name_in(element: etree._Element, what: str) -> str:
    """The name of a meter or a usage point: its own name first, else its mRID."""
    thing = next((child for child in element if name_of(child.tag) == what), None)
    if thing is None:
        return ""
    names = (text_of(child, "name") for child in thing if name_of(child.tag) == "Names")
    return (next(filter(None, names), "") or text_of(thing, "mRID"))[:TEXT_MAX]


def epoch(text: str) -> int | None:
    """An instant as it is written, in epoch seconds; in Kuwait where it carries no zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if at.year not in YEARS:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
    return (at - EPOCH) // timedelta(seconds=1)

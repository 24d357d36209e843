"""End device events of IEC 61968-9: what a meter says happened to it.

They come as a message of their own (`EndDeviceEvents`) or inside a `MeterReading`. A type is four
numbers: device, domain, subdomain, and event or action; the device says nothing about what
happened, so `0.12.141.212` and `3.12.141.212` are one code. What is not well formed is parked.
"""

from __future__ import annotations

import re

from lxml import etree

from tahseel.consumption.readings.formats.xml_fields import (
    TEXT_MAX,
    epoch,
    line_of,
    name_in,
    name_of,
    text_of,
)
from tahseel.consumption.readings.values import MeterEvent, ParkedRecord

DETAILS_MAX = 20
AHEAD = "cim:ahead"
"""Ours, for a value that was delivered before the instant for which it was measured."""
_TYPE = re.compile(r"[0-9]{1,4}\.([0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4})", re.ASCII)
_DEVICES = ("Meter", "EndDevice", "Assets", "Asset")


def is_one(element: etree._Element) -> bool:
    """True for an event inside a reading, which bears the plural's name there."""
    single = any(name_of(child.tag) == "EndDeviceEvent" for child in element)
    return name_of(element.tag) == "EndDeviceEvents" and not single


def read(element: etree._Element, *, meter: str = "", point: str = "") -> MeterEvent | ParkedRecord:
    """One event. meter, point: whose reading it stands in, where it does not say itself."""
    line = line_of(element)
    serial = next(filter(None, (name_in(element, what) for what in _DEVICES)), meter)
    point = name_in(element, "UsagePoint") or point or serial
    told, stamp = _type_of(element), text_of(element, "createdDateTime")
    code, at = _TYPE.fullmatch(told), epoch(stamp)
    wrong = (
        ("column_empty", not (serial or point)),
        ("event_type_unknown", code is None),
        ("time_not_valid", at is None),
    )
    reason = next((reason for reason, applies in wrong if applies), None)
    if reason is not None or code is None or at is None:
        facts: dict[str, str | int | None] = {"type": told, "at": stamp[:TEXT_MAX]}
        return ParkedRecord(line, serial or point, reason or "", facts)
    return MeterEvent(serial, point, at, f"cim:{code[1]}", line, None, _details(element))


def ahead(serial: str, point: str, *, at: int, reported: int, line: int) -> MeterEvent:
    """A clock that runs ahead: it stamped a value with an instant that had not come yet."""
    return MeterEvent(serial, point, at, AHEAD, line, None, {"clockOffset": str(at - reported)})


def _type_of(element: etree._Element) -> str:
    for child in element:
        if name_of(child.tag) == "EndDeviceEventType":
            ref = str(child.get("ref") or "").strip()
            return (ref or text_of(child, "mRID"))[:TEXT_MAX]
    return ""


def _details(element: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in element:
        name = name_of(child.tag)
        if name == "EndDeviceEventDetails" and len(found) < DETAILS_MAX:
            key = text_of(child, "name")[:TEXT_MAX]
            if key:
                found[key] = text_of(child, "value")[:TEXT_MAX]
        elif name in ("reason", "severity") and text_of(element, name):
            found[name] = text_of(element, name)[:TEXT_MAX]
    return found

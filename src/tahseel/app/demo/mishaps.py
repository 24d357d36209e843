"""What a head-end told of some meters last week: a cover opened, clocks read and set, power lost.

It comes as a file of IEC 61968-9, the way it would; no bill changes by it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from tahseel.app.demo.people import Party
from tahseel.app.demo.values import BUILDER, at_hour
from tahseel.consumption.readings import operations
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import queries as meters

SPACE = "http://iec.ch/TC57/2011/EndDeviceEvents#"
FIRST = 3  # the first of the homes whose meters told something
# Days before today, hour, type, seconds that the clock is ahead.
TOLD: Sequence[Sequence[tuple[int, int, str, int | None]]] = (
    ((6, 2, "3.12.141.212", None), (6, 3, "3.12.141.16", None)),
    ((20, 9, "3.36.116.14", 12), (5, 9, "3.36.116.14", -431), (5, 10, "3.36.116.13", None)),
    ((4, 13, "3.26.38.85", None), (4, 15, "3.26.38.49", None)),
    ((3, 1, "3.12.66.242", None), (3, 5, "3.12.66.243", None)),
)


def tell(*, parties: Sequence[Party], as_of: date) -> None:
    """Take in the head-end's file of the night."""
    ids = [
        one.meter_id
        for party in parties[FIRST:]
        for one in party.home.meters
        if one.service is Service.ELECTRICITY
    ][: len(TOLD)]
    known = meters.meters(meter_ids=ids)
    events = [
        _event(known[meter].serial, as_of, told)
        for meter, every in zip(ids, TOLD, strict=False)
        for told in every
    ]
    body = f'<EndDeviceEvents xmlns="{SPACE}">{"".join(events)}</EndDeviceEvents>'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"head-end-events-{as_of.isoformat()}.xml"
        path.write_text(body, encoding="utf-8")
        operations.import_file(actor=BUILDER, at=at_hour(as_of, 0), path=path)


def _event(serial: str, as_of: date, told: tuple[int, int, str, int | None]) -> str:
    days, hour, code, off = told
    at = at_hour(as_of - timedelta(days=days), hour)
    ahead = f"<name>clockOffset</name><value>{off}</value>"
    detail = "" if off is None else f"<EndDeviceEventDetails>{ahead}</EndDeviceEventDetails>"
    return (
        f"<EndDeviceEvent><createdDateTime>{at.isoformat()}</createdDateTime>"
        f"<Assets><Names><name>{serial}</name></Names></Assets>{detail}"
        f'<EndDeviceEventType ref="{code}"/></EndDeviceEvent>'
    )

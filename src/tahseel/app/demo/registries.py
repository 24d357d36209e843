"""What the registries tell of the invented people: written for the simulator, read by us."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from tahseel.app import paths, processes
from tahseel.app.demo.people import Party
from tahseel.app.demo.values import BUILDER, at_hour
from tahseel.books.claims import queries as claims
from tahseel.kernel.actor import Purpose
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.feeds import jobs
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply.values import Capacity

READY_SECONDS = 20.0
STRANGERS_A_DAY = 6
DAYS = 3
LOOKED_AT_MAX = 300
TOLD_LATE = 45  # days: the deed lies before the last bills, which name the seller
Record = dict[str, object]


def file() -> Path:
    """Where the records lie for the simulator."""
    folder = paths.var() / "registries"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / "records.jsonl"


def child(as_of: date) -> processes.Child:
    """The simulator with these records, at the address that the settings name."""
    logs = paths.var() / "log"
    logs.mkdir(parents=True, exist_ok=True)
    words = [
        sys.executable, "-m", "simulators.registries", "--quiet",
        "--port", str(urlsplit(settings.REGISTRIES_URL).port), "--records", str(file()),
        "--strangers", str(STRANGERS_A_DAY), "--days", str(DAYS), "--until", as_of.isoformat(),
    ]  # fmt: skip
    return processes.Child("registries", words, logs / "registries.log")


def answers() -> bool:
    """True when the simulator is up."""
    where = urlsplit(settings.REGISTRIES_URL)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def arrive(*, parties: Sequence[Party], account_ids: Sequence[UUID], as_of: date) -> None:
    """Write the records and pass one night with the simulator; nothing where there is none."""
    if not settings.REGISTRIES_URL:
        return
    rows = list(_records(_People(parties, account_ids, as_of)))
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    file().write_text("".join(lines), encoding="utf-8")
    simulator = child(as_of)
    with processes.together([simulator]):
        processes.wait_until({"registries": answers}, seconds=READY_SECONDS, children=[simulator])
        jobs.night(at_hour(as_of, 1), as_of)


class _People:
    """Customers of whom nothing else is told: from the end, and without any debt."""

    def __init__(self, parties: Sequence[Party], account_ids: Sequence[UUID], as_of: date) -> None:
        self.as_of = as_of
        pairs = list(zip(parties, account_ids, strict=True))[-LOOKED_AT_MAX:]
        clear = [p for p, account_id in reversed(pairs) if not claims.open_claims(account_id)]
        known = customers.people(
            actor=BUILDER, at=at_hour(as_of, 0), purpose=Purpose.CUSTOMER_SERVICE,
            customer_ids={party.customer_id for party in clear},
        )  # fmt: skip
        alive = {who for who, person in known.items() if person.died_on is None}
        self._left = [p for p in clear if p.verified and p.customer_id in alive]

    def take(self, fits: Callable[[Party], bool]) -> Party | None:
        """The next who fits, once."""
        found = next((party for party in self._left if fits(party)), None)
        if found is not None:
            self._left.remove(found)
        return found

    def civil_id(self, party: Party) -> str:
        found = customers.civil_id(
            actor=BUILDER, at=at_hour(self.as_of, 0), purpose=Purpose.CUSTOMER_SERVICE,
            customer_id=party.customer_id,
        )  # fmt: skip
        assert found is not None, "citizens and residents have one"
        return found.digits

    def day(self, days_ago: int) -> str:
        return (self.as_of - timedelta(days=days_ago)).isoformat()


def _citizen(party: Party) -> bool:
    return party.kind == CustomerKind.CITIZEN


def _resident(party: Party) -> bool:
    return party.kind == CustomerKind.RESIDENT


def _owner(party: Party) -> bool:
    return _citizen(party) and party.capacity is Capacity.OWNER


def _records(people: _People) -> Iterator[Record]:
    """Two deaths, one with a wrong day at first; a name; people who leave; a late deed; streets."""
    for number, kind in enumerate((_citizen, _resident), start=1):
        if party := people.take(kind):
            facts: dict[str, Any] = {
                "civil_id": people.civil_id(party),
                "certificate": f"{4400 + number}",
            }
            yield _record(people, f"DTH-{number:08d}", "death", died_on=people.day(6), **facts)
            if number == 1:
                yield _record(
                    people, "DTH-00000001", "death", version=2, died_on=people.day(7), **facts
                )
    for number in (1, 2):
        if party := people.take(_resident):
            yield _record(
                people, f"DEP-{number:08d}", "departure", civil_id=people.civil_id(party),
                left_on=people.day(4), final=number == 1,
            )  # fmt: skip
    if party := people.take(_citizen):
        yield _record(
            people, "NAM-00000001", "name", civil_id=people.civil_id(party),
            name_ar="عبدالله سالم الفضلي", name_en="Abdullah Salem Al-Fadhli",
            from_day=people.day(9),
        )  # fmt: skip
    seller, buyer = people.take(_owner), people.take(_citizen)
    if seller and buyer:
        yield _record(
            people, "TTL-00000001", "title", deed="5521/2026",
            paci_number=str(seller.home.unit.paci_number), from_day=people.day(TOLD_LATE),
            from_civil_id=people.civil_id(seller), to_civil_id=people.civil_id(buyer),
        )  # fmt: skip
    if party := people.take(_owner):
        yield _record(people, "ADR-00000001", "address", **_renamed_street(people, party))
    wrong: dict[str, Any] = {
        "civil_id": "299113007776",
        "certificate": "4499",
        "died_on": people.day(5),
    }
    yield _record(people, "DTH-00000009", "death", **wrong)


def _renamed_street(people: _People, party: Party) -> dict[str, Any]:
    """The address of a home as it is written since its street has a name."""
    unit = premises.units(unit_ids=[party.home.unit.id])[party.home.unit.id]
    parts = unit.parts
    return {
        "paci_number": str(unit.paci_number), "area": parts.area.name_ar, "block": parts.block,
        "street": "سالم المبارك", "parcel": parts.parcel, "building": parts.building,
        "from_day": people.day(8),
    }  # fmt: skip


def _record(
    people: _People, number: str, kind: str, version: int = 1, **facts: str | bool
) -> Record:
    return {
        "number": number,
        "version": version,
        "kind": kind,
        "state": "issued" if version == 1 else "corrected",
        "published_on": people.day(2),
        "facts": facts,
    }

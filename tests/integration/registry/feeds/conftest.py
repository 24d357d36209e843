"""A town, the simulated registries on a port of their own, and the night's work between them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from simulators.registries import signing
from simulators.registries.faults import FaultPlan
from simulators.registries.records import KINDS, Record, registry_of
from simulators.registries.register import open_registers
from simulators.registries.server import Server

AT = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)  # half past midnight of a Wednesday in Kuwait
TODAY = date(2026, 11, 25)
DAY = date(2026, 11, 24)
LETTERS = {"death": "DTH", "name": "NAM", "address": "ADR", "departure": "DEP", "return": "RET",
           "title": "TTL"}  # fmt: skip


@dataclass
class Feeds:
    """What a test says in words: publish, pass a night, look."""

    town: Any
    registers: Any = field(default_factory=open_registers)
    plan: FaultPlan = field(default_factory=lambda: FaultPlan({}, 1))
    base_url: str = ""
    count: int = 0

    def publish(
        self, kind: str, *, number: str = "", version: int = 1, state: str = "issued",
        day: date = DAY, **facts: str | bool,
    ) -> str:  # fmt: skip
        self.count += 1
        number = number or f"{LETTERS[kind]}-{self.count:08d}"
        record = Record(number, version, kind, state, day.isoformat(), facts)
        self.registers[registry_of(kind)].publish(record)
        return number

    def death(self, civil_id: str, died_on: str = "2026-11-20", **more: Any) -> str:
        return self.publish("death", civil_id=civil_id, died_on=died_on, certificate="C-7", **more)

    def title(
        self, paci: str, seller: str, buyer: str, day: str = "2026-11-10", **more: Any
    ) -> str:
        return self.publish(
            "title", paci_number=paci, from_civil_id=seller, to_civil_id=buyer, from_day=day,
            deed="712/2026", **more,
        )  # fmt: skip

    def person(self, name: str = "سالم") -> tuple[UUID, str]:
        """A customer and the digits of the civil id."""
        from tahseel.kernel.actor import Purpose
        from tahseel.registry.customers import queries

        customer_id = self.town.person(name_ar=name)
        found = queries.civil_id(
            actor=self.town.clerk, at=self.town.at, purpose=Purpose.AUDIT, customer_id=customer_id
        )
        assert found is not None
        return customer_id, found.digits

    def night(self, at: datetime = AT, today: date = TODAY) -> Any:
        from tahseel.registry.feeds import jobs

        return jobs.night(at, today)

    def install(self, *codes: str) -> None:
        from tahseel.countries.kuwait import country
        from tahseel.registry.feeds import rules

        keys = {c: (signing.key_of(c).id, signing.key_of(c).public_text) for c in codes or KINDS}
        rules.install_registries(
            rules.load_registries(country.data("registries"), base_url=self.base_url, keys=keys)
        )


@pytest.fixture
def feeds(town: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Feeds]:
    from tahseel.registry.feeds import fetching, rules

    world = Feeds(town)
    server = Server(("127.0.0.1", 0), world.registers, world.plan, slow_ms=1_500, quiet=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    world.base_url = f"http://127.0.0.1:{server.server_address[1]}"
    before = dict(rules.registries())
    monkeypatch.setattr(fetching, "TIMEOUT_S", 1)
    world.install()
    yield world
    rules.install_registries(before)
    server.shutdown()
    server.server_close()

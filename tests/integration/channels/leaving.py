"""Dials of a resident who leaves, with a use that is his usual one."""

from __future__ import annotations

from typing import Any

from tests.integration.channels.world import JOB

from tahseel.channels.accounts import queries
from tahseel.consumption.readings import operations as readings
from tahseel.consumption.readings.values import DialRead
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.supply import queries as supply_queries

BEFORE = 50_000_000
A_MONTH = {Service.ELECTRICITY: 1_000_000, Service.WATER: 12_000}


def read_dials(world: Any) -> dict[str, str]:
    """Both dials read on the first days of two months; what is typed of them today."""
    account_id, first = world.accounts[world.resident], world.today.replace(day=1)
    unit_id = supply_queries.accounts(account_ids=[account_id])[account_id].unit_id
    asked = queries.dials(unit_id=unit_id, on_day=world.today)
    before = BillingMonth.of(first).previous().first_day
    readings.store_register_reads(
        actor=JOB, at=world.now, source="round",
        rows=[
            DialRead(one.meter_id, one.register, start_of(day), BEFORE + used)
            for one in asked
            for used, day in ((0, before), (A_MONTH[one.service], first))
        ],
    )  # fmt: skip
    return {
        f"dial_{number}": str((BEFORE + A_MONTH[one.service] * 3 // 2) // 1_000)
        for number, one in enumerate(asked)
    }

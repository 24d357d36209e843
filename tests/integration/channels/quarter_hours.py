"""A year of quarter hours of one meter, and the exceptions that its faults make."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

DAYS, SLOTS = 365, 96


def fill(meter_id: Any, at: Any) -> None:
    from django.conf import settings

    from tahseel.consumption.readings import blocks
    from tahseel.consumption.readings.lake import Lake
    from tahseel.kernel.period import BillingMonth, local_day, start_of

    today = local_day(at)
    first = today - timedelta(days=DAYS)
    slot = np.arange(DAYS * SLOTS, dtype=np.int64)
    values = 220 + 180 * ((slot % SLOTS) // 24) + slot * 37 % 91 + 150 * (slot // SLOTS % 120 > 60)
    month = BillingMonth.of(today).previous().first_day
    day = (month - first).days
    values[(day + 3) * SLOTS + 40] = 60_000
    values[(day + 9) * SLOTS : (day + 9) * SLOTS + 40] = 333
    came = np.ones(len(slot), bool)
    came[(day + 15) * SLOTS + 10 : (day + 17) * SLOTS + 30] = False
    series = blocks.Series(
        str(meter_id), "E1", "import", "Wh",
        (int(start_of(first).timestamp()) + slot * 900)[came], np.full(int(came.sum()), 900),
        values[came], np.zeros(int(came.sum()), np.int64),
    )  # fmt: skip
    lake = Lake(settings.LAKE)
    mark = blocks.Mark(lake.next_version(), at, "f" * 64)
    lake.append(blocks.table_of([series], mark), transaction="year", at=at)


def judge(meter_id: Any, world: Any) -> None:
    from tahseel.consumption.exceptions import operations, queries
    from tahseel.consumption.exceptions.values import OrderKind
    from tahseel.kernel.actor import system
    from tahseel.kernel.ids import new_id
    from tahseel.kernel.period import BillingMonth
    from tahseel.registry.supply import queries as supply

    month, at, job = BillingMonth.of(world.today).previous(), world.now, system("test")
    account = supply.account_at(meter_id=meter_id, day=month.first_day)
    assert account is not None
    operations.take_prices(
        actor=job, at=at, prices=[(str(account), "electricity", month.ordinal, 1_000, 4)]
    )
    operations.judge(actor=job, at=at, month=month, until=world.today, account_ids=[account])
    stuck = next(e for e in queries.of_meter(meter_id=meter_id) if e.rule == "stuck")
    operations.send_order(
        actor=job, at=at, order_id=new_id(at), exception_id=stuck.id, kind=OrderKind.TEST,
        task="العداد لا يتحرك نهاراً",
    )  # fmt: skip

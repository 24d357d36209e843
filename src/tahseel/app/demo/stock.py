"""Seals on every meter that hangs, and spare devices in the stores, a few of them past use.

Drawn from a chance of its own: meters, reads and money stay as they are.
"""

from __future__ import annotations

from datetime import datetime

from tahseel.app.demo.places import ELECTRICITY_DIGITS, Places
from tahseel.app.demo.values import BUILDER, Chance
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import (
    DialUnit,
    NewMeter,
    NewRegister,
    NewSeal,
    NewStockStep,
    Phase,
    RegisterKind,
    StockState,
)

BATCH = "synthetic-stock"
SPARE_ONE_IN = 50
STORES = ("SHUWAIKH", "SABHAN", "JAHRA")
STATES = (StockState.IN_STORE,) * 8 + (StockState.ON_BENCH, StockState.SCRAPPED)


def keep(*, places: Places, chance: Chance, at: datetime) -> None:
    """Seal what hangs, and fill the stores."""
    random = chance.generator("stock")
    hung = {one.meter_id: one.installed_on for one in places.installations}
    seals = [
        NewSeal(chance.new_id("seal", at), meter.id, f"S{number:08d}", hung[meter.id])
        for number, meter in enumerate(places.meters, start=1)
        if meter.id in hung
    ]
    count = -(-len(places.meters) // SPARE_ONE_IN)
    spare = [_device(chance, number, at) for number in range(1, count + 1)]
    steps = [
        NewStockStep(
            chance.new_id("stock-step", at),
            meter.id,
            random.choice(STATES),
            at.date(),
            store=random.choice(STORES),
        )
        for meter in spare
    ]
    meters.add_many(actor=BUILDER, at=at, batch=BATCH, meters=spare, installations=[])
    meters.keep_many(actor=BUILDER, at=at, batch=BATCH, seals=seals, steps=steps)


def _device(chance: Chance, number: int, at: datetime) -> NewMeter:
    register = NewRegister(
        chance.new_id("spare-register", at),
        "1.8.0",
        RegisterKind.IMPORT,
        DialUnit.KWH,
        digits=ELECTRICITY_DIGITS,
    )
    return NewMeter(
        chance.new_id("spare", at),
        f"KS{number:08d}",
        Service.ELECTRICITY,
        "Gulf Meters",
        Phase.THREE,
        (register,),
    )

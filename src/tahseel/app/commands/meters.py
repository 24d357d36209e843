"""`./tahseel meters ...`: lots of meters, and the proof that a sample was drawn by its seed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from tahseel.app import clock, runtime
from tahseel.app.commands import output

app = typer.Typer(help="Lots of meters whose sample decides of all.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, one object a line.")]


@app.callback()
def main() -> None:
    """Lots of meters whose sample decides of all."""


@app.command()
def lots(as_json: Json = False) -> None:
    """Of what a lot could be formed today, and the lots there are. Changes nothing."""
    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.metrology.queries import lots as queries

        possible, formed = queries.candidates(day=clock.today()), queries.lots()
    lines = [
        {
            "lot": None, "service": str(one.batch.service), "make": one.batch.make,
            "phase": one.batch.phase, "year": one.batch.year, "meters": one.size,
            "sample": one.plan.sample if one.plan else None,
            "accept": one.plan.accept if one.plan else None,
            "state": "possible", "first_ends_on": one.ends.isoformat(),
        }
        for one in possible
    ] + [
        {
            "lot": str(one.id), "service": str(one.batch.service), "make": one.batch.make,
            "phase": one.batch.phase, "year": one.batch.year, "meters": one.size,
            "sample": one.sample, "accept": one.accept, "state": str(one.state),
            "formed_on": one.formed_on.isoformat(),
        }
        for one in formed
    ]  # fmt: skip
    for line in lines:
        if as_json:
            output.print_json(line)
        else:
            output.print_pairs(str(line.pop("lot") or "possible"), line)


@app.command()
def lot(
    number: Annotated[UUID, typer.Argument(metavar="LOT", help="The lot's id.")],
    as_json: Json = False,
) -> None:
    """A lot, its sample, and the draw done again by its seed.

    Exit status 1 when the seed draws the lot's meters in another order than the one on record.
    """
    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.metrology import operations, rules
        from tahseel.consumption.metrology.queries import lots as queries
        from tahseel.registry.meters import queries as meters

        found = queries.lot(lot_id=number)
        if found is None:
            raise operations.LotUnknown
        order, drawn = queries.lot_meters(lot_id=number), queries.sample(lot_id=number)
        serials = meters.meters(meter_ids={one.meter_id for one in drawn})
        orders = queries.exchange_orders(lot_id=number, day=clock.today())
    proven = order == rules.drawn(found.seed, order)
    sample = [
        {"rank": one.rank, "meter": serials[one.meter_id].serial,
         "verdict": one.verdict and str(one.verdict), "passed_over": one.passed_over}
        for one in drawn
    ]  # fmt: skip
    told = {
        "lot": str(found.id), "state": str(found.state), "meters": found.size,
        "sample": found.sample, "accept": found.accept, "seed": found.seed, "draw_proven": proven,
        "to_exchange": sum(one.hangs for one in orders),
    }  # fmt: skip
    if as_json:
        output.print_json(told | {"drawn": sample})
    else:
        output.print_pairs(str(told.pop("lot")), told)
        for line in sample:
            output.print_pairs(str(line.pop("rank")), line)
    raise typer.Exit(0 if proven else 1)

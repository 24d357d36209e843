"""`./tahseel sales ...`: deliveries of outlets taken from files, and the month's sales billed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tahseel.app import clock, runtime
from tahseel.app.commands import output
from tahseel.kernel.actor import system

app = typer.Typer(help="Sales without a meter.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="The report as JSON.")]


@app.callback()
def main() -> None:
    """Sales without a meter."""


@app.command()
def take(
    files: Annotated[list[Path], typer.Argument(help="CSV: outlet,day,document,quantity,unit.")],
    as_json: AsJson = False,
) -> None:
    """Take delivery files; a wrong line is parked with its reason; status 1 where one was."""
    told: list[dict[str, Any]] = []
    with output.telling_refusals(), runtime.running():
        from tahseel.charging.sales import operations as sales

        for path in files:
            done = sales.take_file(
                actor=system("deliveries"),
                at=clock.now(),
                name=path.name,
                content=path.read_bytes(),
            )
            told.append(done.as_dict())
    for one in told:
        if as_json:
            output.print_json(one)
        else:
            output.print_pairs(str(one["file"]), one)
    if any(one["parked"] for one in told):
        raise typer.Exit(1)


@app.command()
def bill(
    month: Annotated[str, typer.Option(help="The billing month, YYYY-MM.")],
    as_json: AsJson = False,
) -> None:
    """Bill what every outlet sold until the end of a month; who has his sale is left alone."""
    wanted = output.month(month, "--month")
    with output.telling_refusals(), runtime.running():
        from tahseel.charging.sales import operations as sales

        report = sales.bill_month(
            actor=system("bill-run"), at=clock.now(), month=wanted, issued_on=clock.today()
        ).as_dict()
    if as_json:
        output.print_json(report)
    else:
        output.print_pairs(f"Sales {wanted}", report)

"""`./tahseel bill ...`: bill runs."""

from __future__ import annotations

from typing import Annotated

import typer

from tahseel.app import clock, runtime, terminal
from tahseel.app.commands import output
from tahseel.kernel.actor import system
from tahseel.kernel.period import BillingMonth

app = typer.Typer(help="Bill runs.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Bill runs."""


@app.command()
def run(
    month: Annotated[str, typer.Option(help="The billing month, YYYY-MM.")],
    preview: Annotated[bool, typer.Option(help="Compute everything, write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Bill every account for a month; an account that has its bill is left alone."""
    try:
        wanted = BillingMonth.parse(month)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--month") from error
    actor = system("bill-run")
    with output.telling_refusals(), runtime.running():
        from tahseel.charging.billing import operations as billing
        from tahseel.consumption.readings import operations as readings

        at, today = clock.now(), clock.today()
        if not preview:
            with terminal.waiting(f"use of {wanted}"):
                readings.determine(actor=actor, at=at, month=wanted)
        with terminal.progress() as bars:
            task = bars.add_task(f"bills of {wanted}", total=None)
            report = billing.run(
                actor=actor,
                at=at,
                month=wanted,
                issued_on=today,
                preview=preview,
                progress=lambda done, total: bars.update(task, completed=done, total=total),
            )
    if as_json:
        output.print_json(report.as_dict())
    else:
        output.print_pairs(f"Bill run {wanted}", report.as_dict())

"""`./tahseel clearance hold`: the daily job by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from tahseel.app.commands import output

app = typer.Typer(help="Holds at other agencies' gates.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Holds at other agencies' gates."""


@app.command()
def hold(
    day: Annotated[
        str | None, typer.Option(help="The working day, YYYY-MM-DD; refused unless it is today.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Decide anew for every debtor who was told of a debt: holds open, change and close.

    The worker does it by itself on every working day; a day on which it was done is left alone.
    """
    output.run_day_job(
        module="tahseel.recovery.clearance.jobs", name="HOLD", day=day, as_json=as_json
    )

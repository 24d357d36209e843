"""`./tahseel collections notify`: the daily job by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from tahseel.app.commands import output

app = typer.Typer(help="Debt that is not paid: notices.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Debt that is not paid: notices."""


@app.command()
def notify(
    day: Annotated[
        str | None, typer.Option(help="The working day, YYYY-MM-DD; refused unless it is today.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Issue one notice to each customer with overdue claims that no notice has named.

    The worker does it by itself on every working day; a day on which it was done is left alone.
    """
    output.run_day_job(
        module="tahseel.recovery.collections.jobs", name="NOTIFY", day=day, as_json=as_json
    )

"""`./tahseel bill ...`: bill runs, and the proof that nothing was forgotten."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tahseel.app import clock, runtime, terminal
from tahseel.app.commands import output
from tahseel.kernel.actor import system

app = typer.Typer(help="Bill runs.", no_args_is_help=True)

Month = Annotated[str, typer.Option(help="The billing month, YYYY-MM.")]
AsJson = Annotated[bool, typer.Option("--json", help="The report as JSON.")]
LISTED_MAX = 20


@app.callback()
def main() -> None:
    """Bill runs."""


@app.command()
def run(  # noqa: PLR0917 - Typer reads the parameters; nobody calls it by position
    month: Month,
    governorate: Annotated[str, typer.Option(help="Only accounts there, by its code.")] = "",
    cycle: Annotated[str, typer.Option(help="Only accounts of a reading cycle, by code.")] = "",
    account: Annotated[
        list[str] | None, typer.Option(help="Only this account, by number; may be repeated.")
    ] = None,
    preview: Annotated[bool, typer.Option(help="Compute everything, write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bill every account for a month, or those chosen; who has his bill is left alone."""
    wanted, actor = output.month(month, "--month"), system("bill-run")
    with output.telling_refusals(), runtime.running():
        from tahseel.charging.billing import operations as billing
        from tahseel.charging.billing import queries
        from tahseel.consumption.readings import operations as readings

        at, today = clock.now(), clock.today()
        ids = queries.chosen(
            month=wanted, governorate=governorate, cycle=cycle, numbers=account or ()
        )
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
                account_ids=ids,
                preview=preview,
                progress=lambda done, total: bars.update(task, completed=done, total=total),
            )
    if as_json:
        output.print_json(report.as_dict())
    else:
        output.print_pairs(f"Bill run {wanted}", report.as_dict())


@app.command()
def proof(month: Month, as_json: AsJson = False) -> None:
    """What became of every active service point of a month; status 1 where one was forgotten."""
    wanted = output.month(month, "--month")
    with output.telling_refusals(), runtime.running():
        from tahseel.charging.billing import queries
        from tahseel.charging.billing.values import PointState

        found = queries.proof(month=wanted)
        named: dict[str, Any] = {
            str(state): queries.proven_points(month=wanted, state=state)
            for state in PointState
            if state is not PointState.BILLED
        }
    told = {"month": str(wanted), **found.as_dict()}
    rows = {state: [_plain(one) for one in points] for state, points in named.items()}
    if as_json:
        output.print_json({**told, "points": rows})
    else:
        output.print_pairs(f"Service points of {wanted}", told)
        _print_points(rows)
    if not found.holds:
        raise typer.Exit(1)


def _plain(one: Any) -> dict[str, str]:
    return {
        "service_point": str(one.point_id),
        "service": str(one.service),
        "account": str(one.account_id or ""),
        "reason": one.reason,
    }


def _print_points(rows: dict[str, list[dict[str, str]]]) -> None:
    """The first of each list; all of them with --json."""
    table = Table(title="Not billed (the first of each; all with --json)")
    for name in ("state", "service_point", "service", "account", "reason"):
        table.add_column(name)
    for state, points in rows.items():
        for point in points[:LISTED_MAX]:
            table.add_row(state, *point.values())
    if table.row_count:
        Console().print(table)

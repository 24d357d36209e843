"""`./tahseel bill ...`: bill runs, and the proof that nothing was forgotten."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tahseel.app import clock, runtime, terminal
from tahseel.app.commands import output
from tahseel.kernel.actor import Actor, system
from tahseel.kernel.money import Money, format_money
from tahseel.kernel.period import BillingMonth

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
        from tahseel.charging.sales import operations as sales

        at, today = clock.now(), clock.today()
        ids = queries.chosen(
            month=wanted, governorate=governorate, cycle=cycle, numbers=account or ()
        )
        if not preview:
            if ids is None:
                sales.bill_month(actor=actor, at=at, month=wanted, issued_on=today)
            _determine(actor, at, wanted)
        with terminal.bar(f"bills of {wanted}") as tell:
            report = billing.run(
                actor=actor,
                at=at,
                month=wanted,
                issued_on=today,
                account_ids=ids,
                preview=preview,
                progress=tell,
            )
    if as_json:
        output.print_json(report.as_dict())
    else:
        output.print_pairs(f"Bill run {wanted}", report.as_dict())


def _determine(actor: Actor, at: datetime, month: BillingMonth) -> None:
    """What was used in a month, before it is billed or compared."""
    from tahseel.consumption.readings import operations as readings

    with terminal.waiting(f"use of {month}"):
        readings.determine(actor=actor, at=at, month=month)


@app.command(name="print")
def print_bills(
    month: Month,
    out: Annotated[Path, typer.Option(help="The folder for the files and their list.")],
    governorate: Annotated[str, typer.Option(help="Only bills there, by its code.")] = "",
    processes: Annotated[int, typer.Option(min=1, max=64, help="Processes that set pages.")] = 2,
    as_json: AsJson = False,
) -> None:
    """A month's bills as PDF for the print house; a batch that was broken off goes on."""
    wanted, actor = output.month(month, "--month"), system("print")
    with output.telling_refusals(), runtime.running():
        from tahseel.channels.printing import operations as printing

        with terminal.bar(f"bills of {wanted}") as tell:
            found = printing.print_month(
                actor=actor,
                at=clock.now(),
                month=wanted,
                folder=out,
                governorate=governorate,
                processes=processes,
                progress=tell,
            )
    if as_json:
        output.print_json(found.as_dict())
    else:
        output.print_pairs(f"Bills of {wanted} on paper", found.as_dict())
    if found.failed:
        raise typer.Exit(1)


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


@app.command()
def compare(
    month: Month,
    old: Annotated[Path, typer.Option(help="What the old system billed (CSV).")],
    mapping: Annotated[Path, typer.Option(help="How its file stands (TOML).")],
    as_json: AsJson = False,
) -> None:
    """A parallel run: the month as the old system billed it beside ours; nothing is issued."""
    wanted, actor = output.month(month, "--month"), system("parallel-run")
    with output.telling_refusals():
        output.check_files([old, mapping])
    with output.telling_refusals(), runtime.running():
        from tahseel.app import parallel

        at = clock.now()
        _determine(actor, at, wanted)
        with terminal.bar(f"bills of {wanted}") as tell:
            outcome = parallel.compare(
                actor=actor,
                at=at,
                month=wanted,
                old=old,
                mapping_path=mapping,
                progress=tell,
            )
    if outcome.comparison is None:
        _print_faults([one.as_dict() for one in outcome.faults], as_json)
        raise typer.Exit(1)
    told = outcome.comparison.as_dict()
    if as_json:
        output.print_json(told)
    else:
        _print_comparison(told)


def _print_faults(faults: list[dict[str, Any]], as_json: bool) -> None:
    """Every fault of a file that was refused whole: line, field, and the reason twice."""
    if as_json:
        output.print_json({"refused": True, "faults": faults})
        return
    table = Table(title=f"Refused: {len(faults)} faults, nothing was compared")
    for name in ("line", "field", "text_en", "text_ar"):
        table.add_column(name)
    for one in faults[:LISTED_MAX]:
        table.add_row(*(str(one[name]) for name in ("line", "field", "text_en", "text_ar")))
    Console().print(table)


def _print_comparison(told: dict[str, Any]) -> None:
    """Sums, causes, and the largest differences; all of them with --json."""
    rows = told.pop("differences")
    causes = told.pop("causes")
    output.print_pairs(f"{told['system']} / {told['month']}", told)
    table = Table(title="By cause (ours less theirs)")
    for name in ("cause", "bills", "KD"):
        table.add_column(name, justify="left" if name == "cause" else "right")
    for one in causes:
        table.add_row(one["cause"], str(one["bills"]), format_money(Money(one["fils"])))
    Console().print(table)
    if not rows:
        return
    table = Table(title="The largest differences (all of them with --json)")
    for name in ("line", "account", "service", "ours", "theirs", "causes", "why"):
        table.add_column(name)
    for one in rows[:LISTED_MAX]:
        amounts = [
            format_money(Money(side["amount_fils"])) if side else ""
            for side in (one["ours"], one["theirs"])
        ]
        parts = ", ".join(f"{cause} {fils}" for cause, fils in one["causes"].items())
        table.add_row(str(one["line"]), one["account"], one["service"], *amounts, parts, one["why"])
    Console().print(table)


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

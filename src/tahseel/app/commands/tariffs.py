"""`./tahseel tariffs ...`: price books, alone and against what was used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tahseel.app import runtime, terminal
from tahseel.app.commands import output
from tahseel.charging.tariffs import command
from tahseel.kernel.period import BillingMonth

app = typer.Typer(
    help="Price books: rate a file of usage, or try a book on the past.", no_args_is_help=True
)


@app.callback()
def main() -> None:
    """Price books: rate a file of usage, or try a book on the past."""


@app.command()
def rate(
    book: Annotated[Path, typer.Option(help="A price book (TOML).")],
    usage: Annotated[Path, typer.Option(help="CSV: account, from, to, quantity, attributes.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Price usage by a book: lines and totals in fils. No database is touched."""
    with output.telling_refusals():
        output.check_files([book, usage])
        with terminal.waiting(f"rating {usage.name}"):
            found = command.rate_files(book=book, usage=usage)
    if as_json:
        output.print_json(found)
    else:
        output.print_rating(found)
    if found["refused"]:
        raise typer.Exit(1)


@app.command()
def simulate(
    book: Annotated[Path, typer.Option(help="The price book to try (TOML).")],
    until: Annotated[str, typer.Option(help="The last month, YYYY-MM.")],
    months: Annotated[int, typer.Option(min=1, max=60, help="How many months.")] = 12,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """What a book would have brought in months that are over, and who would have paid more."""
    last = output.month(until, "--until")
    with output.telling_refusals(), runtime.running():
        from tahseel.charging.billing import simulating
        from tahseel.charging.tariffs import rules

        output.check_files([book])
        span = [BillingMonth.from_ordinal(last.ordinal - back) for back in range(months)][::-1]
        with terminal.progress() as bars:
            task = bars.add_task("months", total=months)
            found = simulating.simulate(
                book=rules.load_book(book.read_bytes()),
                months=span,
                progress=lambda done, _: bars.update(task, completed=done),
            )
    told = found.as_dict()
    if as_json:
        output.print_json(told)
    else:
        output.print_simulation(told)

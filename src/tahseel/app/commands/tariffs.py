"""`./tahseel tariffs ...`: price books, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tahseel.app import terminal
from tahseel.app.commands import output
from tahseel.charging.tariffs import command

app = typer.Typer(help="Price books: rate a file of usage by a book.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """Price books: rate a file of usage by a book."""


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

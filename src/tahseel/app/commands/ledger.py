"""`./tahseel ledger ...`: the books, for an outsider to recompute."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tahseel.app import runtime, terminal
from tahseel.app.commands import output

app = typer.Typer(help="The ledger: export every entry and claim.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """The ledger: export every entry and claim."""


@app.command()
def export(
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of CSV.")] = False,
) -> None:
    """Every entry and every claim as CSV on stdout, the newest state, in one snapshot."""
    with output.telling_refusals(), runtime.running():
        from tahseel.books.claims import command

        with terminal.progress() as bars:
            task = bars.add_task("batches", total=None)

            def write(text: str) -> None:
                sys.stdout.write(text)
                bars.advance(task)

            command.export(write=write, as_json=as_json)

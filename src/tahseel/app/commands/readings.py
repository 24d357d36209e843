"""`./tahseel readings ...`: parse files without a database, or import them into it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tahseel.app import clock
from tahseel.app.commands import output
from tahseel.consumption.readings import command

app = typer.Typer(help="Meter readings: parse or import files.", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(help="Green Button XML, NEM12 (.csv, .zip), CSV.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, one object a line.")]


@app.callback()
def main() -> None:
    """Meter readings: parse or import files."""


@app.command()
def parse(files: Files, as_json: Json = False) -> None:
    """Read files without a database: one compact JSON line a file, with counts and totals.

    `reads` counts every interval value of every channel, null-flagged ones too (also `missing`).
    Totals are exact sums in the channel's unit, rounded once. `first` is the start of the first
    interval, `last` the end of the last one, UTC. Exit status 1 when any file is refused.
    """
    del as_json  # this command prints nothing but JSON
    status = command.parse_files(files, lambda line: sys.stdout.write(line + "\n"))
    sys.stdout.flush()
    raise typer.Exit(status)


@app.command("import")
def import_(files: Files, as_json: Json = False) -> None:
    """Parse and store files; the same file twice changes nothing. Never re-dates."""
    from tahseel.app import runtime

    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.readings import operations
        from tahseel.kernel.actor import system

        report = operations.import_files(
            actor=system("readings-import"),
            at=clock.now(),
            paths=files,
        )
    lines = [line.as_dict() for line in report.files]
    for line in lines:
        if as_json:
            output.print_json(line)
        else:
            output.print_pairs(str(line.pop("file")), line)
    if any("refusal" in line for line in lines):
        raise typer.Exit(1)

"""`./tahseel ledger ...`: the books, for an outsider to recompute and for those who close them."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tahseel.app import clock, runtime, terminal
from tahseel.app.commands import output
from tahseel.kernel.actor import system

app = typer.Typer(
    help="The ledger: check, checkpoints, trial balance, export.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="The answer as JSON.")]


@app.callback()
def main() -> None:
    """The ledger: check, checkpoints, trial balance, export."""


@app.command()
def export(
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of CSV.")] = False,
) -> None:
    """Every entry, claim and checkpoint as CSV on stdout, the newest state, in one snapshot."""
    with output.telling_refusals(), runtime.running():
        from tahseel.books.claims import command

        with terminal.progress() as bars:
            task = bars.add_task("batches", total=None)

            def write(text: str) -> None:
                sys.stdout.write(text)
                bars.advance(task)

            command.export(write=write, as_json=as_json)


@app.command()
def check(as_json: AsJson = False) -> None:
    """Run the twelve invariants of the books in one snapshot; exit 1 and name what breaks one."""
    with output.telling_refusals(), runtime.running():
        from tahseel.books.claims import invariants as claims
        from tahseel.books.ledger import invariants as ledger
        from tahseel.books.payments import invariants as payments

        every = (*ledger.INVARIANTS, *claims.INVARIANTS, *payments.INVARIANTS)
        with terminal.waiting("invariants"):
            verdicts = ledger.judge(sorted(every, key=lambda one: one.number))
    broken = [
        {"record": found.record, "detail": found.detail, "invariant": verdict.invariant.name}
        for verdict in verdicts
        for found in verdict.violations
    ]
    if as_json:
        told = [
            {
                "number": v.invariant.number,
                "name": v.invariant.name,
                "text_ar": v.invariant.text_ar,
                "text_en": v.invariant.text_en,
                "held": v.held,
            }
            for v in verdicts
        ]
        output.print_json({"held": not broken, "invariants": told, "violations": broken})
    else:
        _print_verdicts([(v.invariant.name, v.invariant.text_en, v.held) for v in verdicts])
        for row in broken:
            Console().print(f"{row['invariant']}: {row['record']}: {row['detail']}", markup=False)
    if broken:
        raise typer.Exit(1)


@app.command()
def checkpoint(as_json: AsJson = False) -> None:
    """Seal what was posted since the last checkpoint under a Merkle root; the night does it too."""
    with output.telling_refusals(), runtime.running():
        from tahseel.books.ledger import operations

        made = operations.checkpoint(actor=system("ledger"), at=clock.now())
    found: dict[str, Any] = {"checkpoint": None, "entries": 0}
    if made is not None:
        found = {
            "checkpoint": made.number,
            "entries": made.entries,
            "root": made.root.hex(),
            "chain": made.chain.hex(),
        }
    if as_json:
        output.print_json(found)
    else:
        output.print_pairs("checkpoint", found)


def _print_verdicts(rows: list[tuple[str, str, bool]]) -> None:
    table = Table(title="invariants of the books")
    for name in ("invariant", "what always holds", "held"):
        table.add_column(name)
    for name, text, held in rows:
        table.add_row(name, text, "yes" if held else "[bold red]no[/]")
    Console().print(table)

"""`./tahseel audit ...`: proves the log, or names what was tampered with."""

from __future__ import annotations

from typing import Annotated

import typer

from tahseel.app import runtime, terminal
from tahseel.app.commands import output

app = typer.Typer(help="The audit log: verify it.", no_args_is_help=True)


@app.callback()
def main() -> None:
    """The audit log: verify it."""


@app.command()
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Recompute every leaf, node and root from the stored rows. Exit status 1 when one differs."""
    with output.telling_refusals(), runtime.running():
        from tahseel.trust.audit import findings, queries

        with terminal.progress() as bars:
            task = bars.add_task("leaves", total=None)
            verdict = queries.verify_log(
                progress=lambda done, total: bars.update(task, completed=done, total=total)
            )
    found = {
        "sound": verdict.sound,
        "leaves": verdict.leaves,
        "pending": verdict.pending,
        "checkpoints": verdict.checkpoints,
        "tree_size": verdict.tree_size,
        "root": verdict.root.hex(),
        "findings": [findings.as_dict(finding) for finding in verdict.findings],
    }
    if as_json:
        output.print_json(found)
    else:
        output.print_pairs("audit log", found)
    if not verdict.sound:
        raise typer.Exit(1)

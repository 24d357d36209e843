"""`./tahseel bench [NAME...]`: the performance promises."""

from __future__ import annotations

from typing import Annotated

import typer


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(help="Promises; all, short, if none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Measure promises against a floor and a peer in the same run. Exit 0 when all are held."""
    from bench import runner

    raise typer.Exit(runner.main(names or [], as_json))

"""`./tahseel promise [NAME...]`: the reliability promises."""

from __future__ import annotations

from typing import Annotated

import typer


def promise(
    names: Annotated[
        list[str] | None, typer.Argument(help="Promises; all, short, if none.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Try what must hold whatever happens, in real processes. Exit 0 when all are held."""
    from promises import runner

    raise typer.Exit(runner.main(names or [], as_json))

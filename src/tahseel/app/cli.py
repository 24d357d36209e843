"""Every command: `./tahseel COMMAND`."""

from __future__ import annotations

import sys

import typer

from tahseel.app import arguments

app = typer.Typer(
    name="tahseel",
    help="Tahseel (تحصيل): customer service of a national electricity and water utility.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def main() -> None:
    """Tahseel (تحصيل): customer service of a national electricity and water utility."""


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
def test(context: typer.Context) -> None:
    """Everything CI runs: lint, types, import contracts, tests. With arguments: pytest only."""
    from tahseel.app.checks import run_checks

    raise typer.Exit(run_checks(context.args))


def run() -> None:
    app(args=arguments.rewrite(sys.argv[1:]))


if __name__ == "__main__":
    run()

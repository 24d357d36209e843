"""Every command: `./tahseel COMMAND`."""

from __future__ import annotations

import signal
import sys

import typer

from tahseel.app import arguments
from tahseel.app.commands import (
    audit,
    bench,
    bill,
    clearance,
    collections,
    demo,
    feeds,
    ledger,
    meters,
    promise,
    readings,
    sales,
    serve,
    takeon,
    tariffs,
)

app = typer.Typer(
    name="tahseel",
    help="Tahseel (تحصيل): customer service of a national electricity and water utility.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command("serve")(serve.web)
app.command("web", hidden=True)(serve.web)
app.command()(serve.worker)
app.command()(serve.gateway)
app.add_typer(readings.app, name="readings")
app.add_typer(tariffs.app, name="tariffs")
app.add_typer(meters.app, name="meters")
app.add_typer(ledger.app, name="ledger")
app.add_typer(audit.app, name="audit")
app.add_typer(bill.app, name="bill")
app.add_typer(bill.app, name="billing", hidden=True)
app.add_typer(sales.app, name="sales")
app.add_typer(collections.app, name="collections")
app.add_typer(clearance.app, name="clearance")
app.add_typer(feeds.app, name="feeds")
app.add_typer(takeon.app, name="takeon")
app.command()(bench.bench)
app.command()(promise.promise)


@app.command(
    context_settings={
        "ignore_unknown_options": True,
        "allow_extra_args": True,
        "help_option_names": [],
    }
)
def test(context: typer.Context) -> None:
    """Everything CI runs: lint, types, import contracts, tests. With arguments: pytest only."""
    from tahseel.app.checks import run_checks

    raise typer.Exit(run_checks(context.args))


def run() -> None:
    """The entry point of the launcher. SIGTERM unwinds like Ctrl-C, so that nothing is left up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    app(args=arguments.rewrite(sys.argv[1:]), prog_name="./tahseel")


if __name__ == "__main__":
    run()

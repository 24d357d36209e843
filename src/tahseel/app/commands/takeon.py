"""`./tahseel takeon ...`: taking on an old system's data, all of it or none."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from tahseel.app import clock, runtime, terminal
from tahseel.app.commands import output
from tahseel.kernel.actor import system

ACTOR = system("take-on")
app = typer.Typer(help="Taking on an old system's data, all of it or none.", no_args_is_help=True)
Mapping = Annotated[Path, typer.Argument(help="The mapping (TOML) beside the CSV files.")]
RunId = Annotated[str, typer.Argument(help="The take-on's id, as `takeon status` shows it.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, one object a line.")]


@app.callback()
def main() -> None:
    """Taking on an old system's data, all of it or none."""


@app.command()
def check(mapping: Mapping, as_json: Json = False) -> None:
    """A dry run: list every fault of every line; nothing is written. Exit status 1 for faults."""
    with output.telling_refusals():
        output.check_files([mapping])
    with output.telling_refusals(), runtime.running():
        from tahseel.app.take_on import running

        with terminal.progress() as bars:
            task = bars.add_task("lines", total=None)
            outcome = running.check(
                mapping_path=mapping,
                progress=lambda step, lines: bars.update(task, description=step, advance=lines),
                tell=lambda fault: _tell(fault.as_dict(), as_json),
            )
    summary = {"faults": outcome.faults, "lines": outcome.lines}
    if as_json:
        output.print_json(summary)
    else:
        output.print_pairs("Dry run", {"faults": outcome.faults, **outcome.lines})
    raise typer.Exit(1 if outcome.faults else 0)


@app.command()
def run(mapping: Mapping, as_json: Json = False) -> None:
    """Take everything on, or go on where an earlier attempt stopped. Exit status 1 for faults."""
    with output.telling_refusals():
        output.check_files([mapping])
    with output.telling_refusals(), runtime.running():
        from tahseel.app.take_on import running

        with terminal.progress() as bars:
            task = bars.add_task("lines", total=None)
            done = running.run(
                actor=ACTOR,
                at=clock.now(),
                mapping_path=mapping,
                progress=lambda step, lines: bars.update(task, description=step, advance=lines),
            )
        _print_run(done, as_json)


@app.command(hidden=True)
def read_along(run_id: RunId, mapping: Mapping) -> None:
    """Read the files of a take-on that another process has begun, beside it."""
    with output.telling_refusals(), runtime.running():
        from tahseel.app.take_on import running

        running.read_along(run_id=_id(run_id), mapping_path=mapping)


@app.command()
def status(as_json: Json = False) -> None:
    """The take-ons on record, newest first."""
    with output.telling_refusals(), runtime.running():
        from tahseel.app.take_on import journal

        for one in journal.runs():
            _print_run(one, as_json, whole=False)


@app.command()
def faults(run_id: RunId, as_json: Json = False) -> None:
    """Every fault of a take-on that was refused."""
    with output.telling_refusals(), runtime.running():
        from tahseel.app.take_on import journal, staging

        found = journal.run(_id(run_id))
        for fault in staging.faults(found.id):
            _tell(fault.as_dict(), as_json)


@app.command()
def report(run_id: RunId, as_json: Json = False) -> None:
    """What was taken on beside the control totals, and the old holds that no decision opened."""
    with output.telling_refusals(), runtime.running():
        from tahseel.app.take_on import journal, queries

        found = journal.run(_id(run_id))
        _print_run(found, as_json)
        for one in queries.not_carried(run_id=found.id):
            _print_not_carried(one, as_json)


@app.command()
def submit(
    run_id: RunId,
    username: Annotated[str, typer.Option("--as", help="Who asks: a take-on officer's sign-in.")],
    reason: Annotated[str, typer.Option(help="What was read and compared.")],
    as_json: Json = False,
) -> None:
    """Ask a revenue manager to sign a loaded take-on off, in the name of a member of staff.

    The password is asked for, or read as one line where stdin is no terminal.
    """
    password = output.ask_secret("Password")
    with output.telling_refusals(), runtime.running():
        from tahseel.app.take_on import signing
        from tahseel.trust.access import operations as access

        at = clock.now()
        actor = access.prove(at=at, username=username, password=password)
        made = signing.submit(actor=actor, at=at, run_id=_id(run_id), reason=reason)
    told = {"approval": str(made)}
    if as_json:
        output.print_json(told)
    else:
        output.print_pairs("Submitted", told)


@app.command()
def find(key: Annotated[str, typer.Argument(help="An old number.")], as_json: Json = False) -> None:
    """What an old number stands for here."""
    with output.telling_refusals(), runtime.running():
        from tahseel.app.take_on import queries

        found = queries.by_old_key(actor=ACTOR, at=clock.now(), key=key)
    for one in found:
        if as_json:
            output.print_json(one)
        else:
            output.print_pairs(key, one)
    raise typer.Exit(0 if found else 1)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise typer.BadParameter("not an id", param_hint="RUN_ID") from error


def _tell(fault: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.print_json(fault)
    else:
        place = f"{fault['file']}:{fault['line']} {fault['field']}".rstrip()
        typer.echo(f"{place}: {fault['code']}: {fault['text_en']} | {fault['text_ar']}")


def _print_run(one: Any, as_json: bool, *, whole: bool = True) -> None:
    told: dict[str, Any] = {
        "run": str(one.id),
        "system": one.system,
        "cutover": one.cutover.isoformat(),
        "state": str(one.state),
        "started_at": one.started_at.isoformat(),
        "loaded_at": one.loaded_at.isoformat() if one.loaded_at else None,
    }
    if as_json:
        output.print_json({**told, **(one.report if whole else {})})
        return
    output.print_pairs(f"Take-on {one.system}", told)
    for row in one.report.get("totals", []) if whole else []:
        words = " ".join(filter(None, (row["entity"], row["by"], row["part"])))
        typer.echo(f"{words}: {row['count']} of {row['expected_count']}, {row['fils']} fils")


def _print_not_carried(one: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.print_json(one)
        return
    for reason in one["reasons"]:
        text = f"{reason['text_en']} | {reason['text_ar']}"
        typer.echo(f"hold {one['key']} ({one['gate']}) not carried over: {reason['code']}: {text}")

"""`./tahseel feeds ...`: what the State's registries tell, read and looked after by hand."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from tahseel.app import clock, runtime, terminal
from tahseel.app.commands import output
from tahseel.kernel.actor import system

ACTOR = system("registry-feeds")
app = typer.Typer(help="Deaths, departures, addresses and titles.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, one object a line.")]


@app.callback()
def main() -> None:
    """Deaths, departures, addresses and titles from the State's registries."""


@app.command()
def run(
    day: Annotated[
        str | None, typer.Option(help="The working day, YYYY-MM-DD; refused unless it is today.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read every registry to its end, apply what came, compare the days. Once a working day.

    The worker does it by itself; a day on which it was done is left alone.
    """
    output.run_day_job(module="tahseel.registry.feeds.jobs", name="FEEDS", day=day, as_json=as_json)


@app.command()
def status(as_json: Json = False) -> None:
    """How every feed stands. Exit status 1 when one is silent or a day differs."""
    with output.telling_refusals(), runtime.running():
        from tahseel.registry.feeds import queries

        found = queries.status(at=clock.now())
    for one in found:
        _print_status(one, as_json)
    raise typer.Exit(1 if any(one.silent or one.open_differences for one in found) else 0)


@app.command()
def parked(
    registry: Annotated[str | None, typer.Option(help="Of one registry only.")] = None,
    as_json: Json = False,
) -> None:
    """Records that could not be applied, the oldest first, each with its reason."""
    with output.telling_refusals(), runtime.running():
        from tahseel.registry.feeds import queries
        from tahseel.registry.feeds.values import Standing

        found = queries.records(standing=Standing.PARKED, registry=registry)
    for one in found:
        told = {
            "id": str(one.id), "registry": one.registry, "number": one.number,
            "version": one.version, "kind": one.kind, "state": one.state,
            "published_on": one.published_on.isoformat(), "reason": one.reason,
            "detail": one.detail, "attempts": one.attempts,
        }  # fmt: skip
        if as_json:
            output.print_json(told)
        else:
            typer.echo(
                f"{one.id} {one.registry} {one.number} v{one.version} {one.kind}"
                f" {one.published_on}: {one.reason} {one.detail}".rstrip()
            )


@app.command()
def replay(as_json: Json = False) -> None:
    """Apply again what is parked or concerned nobody; what was applied is left alone.

    What could not be read when it came is read anew, by what is agreed with the registries today.
    """
    with output.telling_refusals(), runtime.running():
        from tahseel.registry.feeds import jobs

        with terminal.waiting("records that wait"):
            counts = jobs.apply_waiting(at=clock.now(), actor=ACTOR, unreadable=True)
    if as_json:
        output.print_json(counts)
    else:
        output.print_pairs("Replayed", counts)


@app.command()
def dismiss(
    record: Annotated[UUID, typer.Argument(help="The record's id, as `feeds parked` shows it.")],
    reason: Annotated[str, typer.Option(help="Why it is not to be applied.")],
    as_json: Json = False,
) -> None:
    """Decide that a parked record is not to be applied."""
    with output.telling_refusals(), runtime.running():
        from tahseel.registry.feeds import operations

        operations.dismiss(actor=ACTOR, at=clock.now(), record_id=record, reason=reason)
    told = {"dismissed": str(record)}
    if as_json:
        output.print_json(told)
    else:
        output.print_pairs("Dismissed", told)


def _print_status(one: Any, as_json: bool) -> None:
    told = {
        "registry": one.registry.code,
        "connected": one.registry.connected,
        "cursor": one.cursor,
        "answered_at": one.answered_at.isoformat() if one.answered_at else None,
        "newest_on": one.newest_on.isoformat() if one.newest_on else None,
        "silent": one.silent,
        "records": {str(standing): count for standing, count in sorted(one.counts.items())},
        "reconciled_until": one.last_reconciled.day.isoformat() if one.last_reconciled else None,
        "differing": [f"{d.day}: {', '.join(d.differences)}" for d in one.open_differences],
    }
    if as_json:
        output.print_json(told)
        return
    counts = ", ".join(f"{name} {count}" for name, count in told["records"].items())
    output.print_pairs(one.registry.name_en, {**told, "records": counts or "none"})

"""`./tahseel readings ...`: parse files without a database, or import them into it."""

from __future__ import annotations

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tahseel.app import clock, runtime, terminal
from tahseel.app.commands import output
from tahseel.consumption.readings import command
from tahseel.kernel.actor import system
from tahseel.kernel.period import LOCAL_ZONE, BillingMonth

IMPORTER = system("readings-import")
LAKE_KEEPER = system("lake")
app = typer.Typer(help="Meter readings: parse or import files.", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(help="Meter files of any format, .zip too.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, one object a line.")]


class EngineName(StrEnum):
    """Where the ranges of a sweep are worked on."""

    LOCAL = "local"
    RAY = "ray"


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
    with terminal.progress(stays=False) as bars:

        def write(line: str) -> None:
            with terminal.aside(bars):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()

        status = command.parse_files(
            bars.track(files, description="files"),
            write,
            lambda line: sys.stderr.write(line + "\n"),
        )
    raise typer.Exit(status)


@app.command("import")
def import_(files: Files, as_json: Json = False) -> None:
    """Parse and store files; the same file twice changes nothing. Never re-dates."""
    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.readings import operations

        lines = []
        with terminal.progress() as bars:
            for file in bars.track(files, description="files"):
                report = operations.import_files(actor=IMPORTER, at=clock.now(), paths=[file])
                lines += [line.as_dict() for line in report.files]
    for line in lines:
        if as_json:
            output.print_json(line)
        else:
            output.print_pairs(str(line.pop("file")), line)
    if any("refusal" in line for line in lines):
        raise typer.Exit(1)


@app.command()
def validate(
    month: Annotated[str, typer.Option(help="The month whose intervals are judged, YYYY-MM.")],
    as_json: Json = False,
) -> None:
    """Judge a month's intervals by every rule of the country's data; changes nothing.

    A line for each meter, register and rule that fired: how often, and on which days. The last
    line tells how many meters each rule named. Of a month that goes on, the days that are over.
    """
    try:
        asked = BillingMonth.parse(month)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--month") from error
    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.readings import judging, queries
        from tahseel.registry.meters import queries as meters

        with terminal.waiting("intervals of the month"):
            found = list(queries.findings(month=asked, until=clock.today()))
            serials = meters.meters(meter_ids={one.meter_id for one in found})
        named = judging.rules().rules
    for one in found:
        days = [day.isoformat() for day in one.days]
        line = {"meter": serials[one.meter_id].serial, "register": one.register, "rule": one.rule}
        if as_json:
            output.print_json(line | {"times": one.times, "days": days})
        else:
            told = line | {"rule": named[one.rule].name_en, "times": one.times, "days": len(days)}
            output.print_pairs(str(told.pop("meter")), told)
    counted = {code: len({one.meter_id for one in found if one.rule == code}) for code in named}
    if as_json:
        output.print_json({"month": str(asked), "meters": counted})
    else:
        output.print_pairs(f"meters named in {asked}", counted)


@app.command()
def guess(
    meters_told: Annotated[
        list[str] | None, typer.Argument(metavar="[METER]...", help="Serials of meters.")
    ] = None,
    month: Annotated[str, typer.Option(help="The month that nobody read, YYYY-MM.")] = "",
    as_json: Json = False,
) -> None:
    """Guess a month of some accounts' meters that nobody read, by history, season or neighbours.

    Where a quantity stands nothing is written. A line for each guess: its method and quantity.
    Without a month and meters: every month whose days of waiting are over, as the night does it.
    """
    if not month and not meters_told:
        output.run_day_job(
            module="tahseel.consumption.readings.jobs", name="GUESS", day=None, as_json=as_json
        )
        return
    if not month or not meters_told:
        raise typer.BadParameter("a month and its meters are told together")
    try:
        asked = BillingMonth.parse(month)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--month") from error
    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.readings import operations
        from tahseel.registry.meters import queries as meters
        from tahseel.registry.supply import queries as supply

        known = {
            one.id: serial for serial, one in meters.meters_by_serial(serials=meters_told).items()
        }
        if len(known) < len(set(meters_told)):
            raise operations.MeterUnknown
        held = supply.accounts_at_meters(meter_ids=set(known), period=asked.period)
        found = operations.guess(
            actor=IMPORTER, at=clock.now(), month=asked,
            account_ids=sorted({one.account_id for one in held}),
        )  # fmt: skip
        serials = meters.meters(meter_ids={one.meter_id for one in found})
    for one in found:
        line = {"how": one.method_told, "quantity": one.quantity, "days": one.days}
        if as_json:
            output.print_json({"meter": serials[one.meter_id].serial, **line})
        else:
            output.print_pairs(serials[one.meter_id].serial, line)


@app.command()
def recompute(
    month: Annotated[str, typer.Option(help="The month whose quantities are made again, YYYY-MM.")],
    as_of: Annotated[str, typer.Option(help="As they stood at this instant, ISO 8601.")] = "",
    as_json: Json = False,
) -> None:
    """Make every quantity of a month again from the versions of reads that it was made from.

    A line for each that does not hold, then how many do; changes nothing. Exit status 1 when one
    does not hold.
    """
    try:
        asked = BillingMonth.parse(month)
        at = datetime.fromisoformat(as_of) if as_of else clock.now()
        at = at if at.tzinfo else at.replace(tzinfo=LOCAL_ZONE)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.readings import queries

        with terminal.waiting("quantities of the month"):
            found = queries.recompute(month=asked, as_of=at)
    known = [one for one in found if one.stored.basis]
    wrong = [one for one in known if not one.holds]
    for one in wrong:
        again = one.again if isinstance(one.again, str) else one.again.quantity
        line = {"account_id": str(one.stored.account_id), "meter_id": str(one.stored.meter_id)}
        facts = line | {"stored": one.stored.quantity, "again": again}
        output.print_json(facts) if as_json else output.print_pairs("does not hold", facts)
    told = {
        "hold": len(known) - len(wrong),
        "do_not": len(wrong),
        "unknown": len(found) - len(known),
    }
    output.print_json({"month": str(asked), **told}) if as_json else output.print_pairs(month, told)
    if wrong:
        raise typer.Exit(1)


@app.command()
def measure(
    month: Annotated[str, typer.Option(help="The month that is measured, YYYY-MM.")],
    engine: Annotated[
        EngineName, typer.Option(help="Where: threads of this machine, or a Ray cluster.")
    ] = EngineName.LOCAL,
    as_json: Json = False,
) -> None:
    """Write a month of every register in the lake to one Parquet file, for load research.

    A row a register: totals a day, the highest interval, how much is estimated, what the interval
    rules found. Of a month that goes on, the days that are over; nothing else is changed. The file
    is the same on every engine; RAY_ADDRESS names the cluster's head.
    """
    try:
        asked = BillingMonth.parse(month)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--month") from error
    if asked.period.start >= clock.today():
        raise typer.BadParameter("no day of this month is over", param_hint="--month")
    with output.telling_refusals(), runtime.running():
        from django.conf import settings

        from tahseel.consumption.readings import sweeping
        from tahseel.consumption.readings.sweep import engines

        target = Path(settings.MEASURES) / f"{asked}.parquet"
        with terminal.waiting("intervals of the month"):
            swept = sweeping.measure_month(
                month=asked,
                until=clock.today(),
                target=target,
                engine=engines.cluster() if engine is EngineName.RAY else None,
            )
    told = {
        "file": str(target),
        "registers": swept.registers,
        "reads": swept.reads,
        "estimated": swept.estimated,
        "left_out": len(swept.odd),
    }
    if as_json:
        output.print_json(told | {"fired": swept.fired})
    else:
        output.print_pairs(f"measures of {asked}", told | swept.fired)


@app.command()
def compact(
    month: Annotated[str, typer.Option(help="Merge all files of this month, YYYY-MM.")] = "",
    as_json: Json = False,
) -> None:
    """Merge the lake's files of a month into few in order of meters; no value is changed.

    Without a month: those that are worth it, as every night. Files that were replaced are deleted
    after a week, files of imports that never ended after two days.
    """
    try:
        asked = [BillingMonth.parse(month)] if month else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--month") from error
    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.readings import tidying

        with terminal.waiting("files of the lake"):
            done = tidying.tidy(
                actor=LAKE_KEEPER, at=clock.now(), today=clock.today(), months=asked
            )
    for name, (before, after) in done.months.items():
        told = {"files_before": before, "files_after": after}
        output.print_json({"month": name} | told) if as_json else output.print_pairs(name, told)
    if as_json:
        output.print_json({"deleted": done.deleted})
    else:
        output.print_pairs("lake", {"deleted": done.deleted})


@app.command()
def link(
    usage_point: Annotated[str, typer.Argument(help="The sender's name of a usage point.")],
    serial: Annotated[str, typer.Argument(help="The serial number of our meter.")],
) -> None:
    """Say which of our meters a sender's usage point means; then `readings replay`."""
    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.readings import operations
        from tahseel.registry.meters import queries as meters

        meter = meters.meter_by_serial(serial=serial)
        if meter is None:
            raise operations.MeterUnknown
        operations.link_usage_point(
            actor=IMPORTER, at=clock.now(), usage_point=usage_point, meter_id=meter.id
        )


@app.command()
def replay(as_json: Json = False) -> None:
    """Try reads parked for an unknown meter again, from the raw files that were kept."""
    with output.telling_refusals(), runtime.running():
        from tahseel.consumption.readings import operations, queries

        with terminal.waiting("reads that were parked"):
            stored = operations.replay_parked(actor=IMPORTER, at=clock.now())
        told = {"stored": stored, "parked": queries.parked_by_reason()}
    if as_json:
        output.print_json(told)
    else:
        output.print_pairs("replay", told)

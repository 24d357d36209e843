"""`./tahseel demo`: the synthetic country, its whole cycle, then the servers."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tahseel.app import clock, database, runtime, schema, terminal
from tahseel.app.commands import output
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money, format_money

if TYPE_CHECKING:
    from tahseel.app.demo.servers import Ports
    from tahseel.app.demo.values import Plan

ACCOUNTS_LEAST = 50
ACCOUNTS_MOST = 100_000
PORT_MOST = 65_530
RELEASES = 5


class NotOurs(Refusal):
    """The database holds what no demonstration built."""

    code = "database_in_use"
    text_ar = "قاعدة البيانات تحوي بيانات لم ينشئها العرض، ولن تُمس"
    text_en = "The database holds data that no demonstration made; it is left alone"


class LakeElsewhere(Refusal):
    """A demonstration begins by emptying the lake."""

    code = "demo_lake_elsewhere"
    text_ar = (
        "يُفرغ العرضُ مخزن القراءات قبل أن يبدأ، ولا يفعل ذلك إلا في مجلد هذا التثبيت:"
        " أزل TAHSEEL_LAKE"
    )
    text_en = (
        "The demonstration empties the lake first, and does so in this installation's own folder"
        " only: unset TAHSEEL_LAKE"
    )


def demo(  # noqa: PLR0917 - Typer reads the parameters; nobody calls it by position
    once: Annotated[bool, typer.Option("--once", help="Build, print the summary, end.")] = False,
    accounts: Annotated[
        int, typer.Option(min=ACCOUNTS_LEAST, max=ACCOUNTS_MOST, help="How many accounts.")
    ] = 2_000,
    seed: Annotated[int, typer.Option(help="The same seed and day, the same country.")] = 1,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day it is; today.")
    ] = None,
    reads: Annotated[
        list[Path] | None, typer.Option(help="Meter files to attach: every word up to an option.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=1, max=PORT_MOST, help="Port of the pages; up to five more follow.")
    ] = 8000,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON.")] = False,
) -> None:
    """Build a synthetic Kuwait, play its whole cycle, measure a release, then serve it."""
    files = tuple(path.resolve() for path in reads or ())
    day = as_of.date() if as_of else clock.today()
    with output.telling_refusals():
        output.check_files(files)
        clock.move_to(day)
        ports = _ports(port, once=once)
        with runtime.running(migrated=False) as found:
            _empty(found)
            from tahseel.app.demo.values import Plan

            plan = Plan(accounts, seed, day, files)
            _build_and_serve(plan, ports=ports, once=once, as_json=as_json)


def _ports(port: int, *, once: bool) -> Ports:
    """Where the servers will be; settled before Django reads its settings. Raises PortTaken."""
    from tahseel.app.demo import servers

    beside = (port + n for n in (2, 3, 4, 5))
    ports = servers.free_ports() if once else servers.Ports(port, *beside)
    servers.require_free(ports)
    servers.announce(ports)
    return ports


def _empty(found: database.Database) -> None:
    """An empty, migrated database with a demonstration's mark. Raises NotOurs, LakeElsewhere."""
    from tahseel.app.demo import mark

    if mark.is_foreign():
        raise NotOurs
    if mark.lake_is_elsewhere():
        raise LakeElsewhere
    from django.db import connections

    connections.close_all()
    database.start_afresh(found)
    schema.migrate()
    mark.make()


def _build_and_serve(plan: Plan, *, ports: Ports, once: bool, as_json: bool) -> None:
    from tahseel.app import processes
    from tahseel.app.demo import build, figures, progress, release, servers, sign_ins
    from tahseel.recovery.clearance.values import Gate

    began = time.monotonic()
    early, late = servers.early(ports), servers.late()
    with ExitStack() as running:
        running.enter_context(processes.together(early))
        with terminal.progress() as bars:
            country = build.build(plan=plan, progress=progress.Bars(bars))
        running.enter_context(processes.together(late))
        children = [*early, *late]
        # Bars turn by a thread of their own: none are shown while the children are started.
        with terminal.progress() as bars:
            tell = progress.Bars(bars)
            tell("sign-ins", 0, 1)
            shown = sign_ins.make(country=country, at=clock.now())
            held = sign_ins.held_at(country, Gate.EXIT)
            tell("sign-ins", 1, 1)
            processes.wait_until(
                servers.checks(ports), seconds=servers.READY_SECONDS, children=children,
                progress=partial(tell, "servers"),
            )  # fmt: skip
            measured = release.measure(
                customer_ids=held[sign_ins.HELD_SHOWN :][-RELEASES:], gate=Gate.EXIT,
                progress=partial(tell, "releases"),
            )  # fmt: skip
        summary = figures.figures(country=country, release_ms=measured)
        summary["seconds"] = round(time.monotonic() - began, 1)
        _print(summary, sign_ins.as_json(shown), ports.web_url, as_json=as_json, once=once)
        if not once:
            _serve(children)


def _serve(children: list[Any]) -> None:
    from tahseel.app import processes

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(1.0):
        processes.revive(children)


def _print(
    summary: Mapping[str, Any],
    shown: Mapping[str, Any],
    address: str,
    *,
    as_json: bool,
    once: bool,
) -> None:
    if as_json:
        output.print_json({**summary, **shown})
        return
    plain = {k: v for k, v in summary.items() if k not in {"files", "parked"}}
    if summary["parked"]:
        told = sorted(summary["parked"].items())
        plain["parked_reads"] = ", ".join(f"{reason}: {count}" for reason, count in told)
    for name in [name for name in plain if name.endswith("_fils")]:
        plain[name] = f"KD {format_money(Money(int(plain[name])))}"
    plain["release_ms"] = ", ".join(f"{ms:.1f}" for ms in summary["release_ms"])
    labels = {name.removesuffix("_fils").replace("_", " "): v for name, v in plain.items()}
    output.print_pairs("Synthetic Kuwait", labels)
    if summary["files"]:
        output.print_files(summary["files"])
    output.print_sign_ins(shown, None if once else address)

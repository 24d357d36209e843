"""`./tahseel ledger ...`: the books, for an outsider to recompute and for those who close them."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tahseel.app import clock, runtime, terminal
from tahseel.app.commands import output
from tahseel.kernel.actor import system
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import format_money

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
    """Run the invariants of the books in one snapshot; exit 1 and name what breaks one."""
    with output.telling_refusals(), runtime.running():
        from tahseel.books.claims import invariants as claims
        from tahseel.books.ledger import invariants as ledger
        from tahseel.books.payments import invariants as payments
        from tahseel.books.transfers import invariants as transfers

        every = (
            *ledger.INVARIANTS,
            *claims.INVARIANTS,
            *payments.INVARIANTS,
            *transfers.INVARIANTS,
        )
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


@app.command()
def trial(
    at: Annotated[str, typer.Option(help="As of this instant, ISO 8601 with its zone.")] = "",
    month: Annotated[str, typer.Option(help="Only business days of a month, YYYY-MM.")] = "",
    as_json: AsJson = False,
) -> None:
    """The trial balance as of any instant (now, if none is named), or of the days of a month."""
    wanted, instant = output.month(month, "--month") if month else None, _instant(at)
    with output.telling_refusals(), runtime.running():
        from tahseel.books.ledger import queries

        if wanted is not None:
            found = queries.trial_balance_of(wanted.period)
        else:
            found = queries.trial_balance(instant or clock.now())
    rows = [
        {"code": row.code, "debit_fils": row.debit.fils, "credit_fils": row.credit.fils}
        for row in found.rows
    ]
    told = {"debit_fils": found.debit.fils, "credit_fils": found.credit.fils}
    if as_json:
        of = {"month": month} if wanted else {"as_of": found.as_of.isoformat()}
        output.print_json({**of, "rows": rows, **told})
        return
    table = Table(title=f"trial balance {month or found.as_of.isoformat()}")
    for name in ("account", "debit (KD)", "credit (KD)"):
        table.add_column(name, justify="left" if name == "account" else "right")
    for one in found.rows:
        table.add_row(one.code, format_money(one.debit), format_money(one.credit))
    table.add_row("total", format_money(found.debit), format_money(found.credit))
    Console().print(table)


@app.command()
def close(
    month: Annotated[str, typer.Option(help="The month, YYYY-MM.")],
    username: Annotated[str, typer.Option("--as", help="Who asks: a revenue manager's sign-in.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever agrees.")],
    again: Annotated[bool, typer.Option("--reopen", help="Open it again instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask that the books of a month be closed, or opened again; a second person agrees in the page.

    The password is asked for, or read as one line where stdin is no terminal.
    """
    wanted, password = output.month(month, "--month"), output.ask_secret("Password")
    with output.telling_refusals(), runtime.running():
        from tahseel.books.ledger import operations
        from tahseel.trust.access import operations as access

        now = clock.now()
        actor = access.prove(at=now, username=username, password=password)
        propose = operations.propose_reopening if again else operations.propose_closing
        made = propose(actor=actor, at=now, approval_id=new_id(now), month=wanted, reason=reason)
    told = {"approval": str(made), "month": month}
    if as_json:
        output.print_json(told)
    else:
        output.print_pairs("submitted", told)


@app.command()
def accrue(
    month: Annotated[str, typer.Option(help="The month, YYYY-MM.")],
    username: Annotated[str, typer.Option("--as", help="A revenue manager's sign-in.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for whoever agrees.")] = "",
    as_json: AsJson = False,
) -> None:
    """What a month's end posts: unbilled revenue, doubtful debts. With --as it is asked for.

    Without it nothing is written. Once a second person agrees, both are posted on the month's last
    day and taken back on the day after.
    """
    wanted = output.month(month, "--month")
    password = output.ask_secret("Password") if username else ""
    with output.telling_refusals(), runtime.running():
        from tahseel.charging.billing import operations as billing
        from tahseel.trust.access import operations as access

        now = clock.now()
        actor = system("ledger")
        if username:
            actor = access.prove(at=now, username=username, password=password)
        with terminal.waiting(f"the end of {month}"):
            found = billing.preview(actor=actor, at=now, month=wanted)
        told: dict[str, Any] = {"month": month, "approval": None}
        if username:
            told["approval"] = str(
                billing.propose_accrual(
                    actor=actor, at=now, approval_id=new_id(now), month=wanted, reason=reason
                )
            )
    told |= {"unbilled_fils": found.unbilled.fils, "doubtful_fils": found.doubtful.fils}
    if as_json:
        output.print_json(told)
    else:
        output.print_pairs("month's end", told)


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from error
    if found.tzinfo is None:
        raise typer.BadParameter("an instant carries its zone", param_hint="--at")
    return found


def _print_verdicts(rows: list[tuple[str, str, bool]]) -> None:
    table = Table(title="invariants of the books")
    for name in ("invariant", "what always holds", "held"):
        table.add_column(name)
    for name, text, held in rows:
        table.add_row(name, text, "yes" if held else "[bold red]no[/]")
    Console().print(table)

"""Printing for people and for scripts: with --json, stdout carries JSON only."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tahseel.app import clock, paths, runtime
from tahseel.app.terminal import errors, waiting
from tahseel.kernel.errors import Fault, Refusal
from tahseel.kernel.money import Money, format_money
from tahseel.kernel.period import BillingMonth

MONEY_WIDTH = len("123,456.789")


class FileMissing(Refusal):
    """A file that a command names is not there."""

    code = "file_missing"
    text_ar = "الملف غير موجود: {file}"
    text_en = "There is no such file: {file}"


def check_files(files: Iterable[Path]) -> None:
    """Raises FileMissing, naming the first that is not there or is no file."""
    for file in files:
        if not file.is_file():
            raise FileMissing(file=str(file))


def print_json(value: Mapping[str, Any]) -> None:
    """One compact JSON object on a line of its own."""
    sys.stdout.write(orjson.dumps(value, default=str).decode() + "\n")
    sys.stdout.flush()


def ask_secret(words: str) -> str:
    """What somebody types unseen; a line of stdin where no terminal is there to ask on."""
    if sys.stdin.isatty():
        return str(typer.prompt(words, hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\n")


@contextmanager
def telling_refusals() -> Iterator[None]:
    """A refusal or a fault becomes lines on stderr and exit status 1 or 2, never a traceback."""
    try:
        yield
    except Refusal as refusal:
        _tell(f"{refusal.code}: {refusal.in_language('en')}")
        _tell(refusal.in_language("ar"))
        raise typer.Exit(1) from refusal
    except Fault as fault:
        _tell(f"fault: {fault}")
        raise typer.Exit(2) from fault
    except PermissionError as error:
        _tell(f"fault: {paths.forbidden(error.filename or error)}")
        raise typer.Exit(2) from error


def _tell(text: str) -> None:
    """A message as it is on stderr: no markup in it, no line broken for a narrow screen."""
    errors.print(text, markup=False, soft_wrap=True)


def print_rating(found: Mapping[str, Any]) -> None:
    """A rating as a table: every line, every total, what was refused."""
    table = Table(title=f"{found['book']} v{found['version']}")
    for name in ("account", "line", "amount (KD)"):
        table.add_column(name, justify="right" if name.startswith("amount") else "left")
    for bill in found["bills"]:
        for line in bill["lines"]:
            words = ", ".join(f"{k}={v}" for k, v in line.items() if k != "amount_fils")
            table.add_row(bill["account"], words, format_money(Money(line["amount_fils"])))
        table.add_row(bill["account"], "total", format_money(Money(bill["total_fils"])))
    Console().print(table)
    for row in found["refused"]:
        _tell(row["text_en"])
        _tell(row["text_ar"])


def print_pairs(title: str, pairs: Mapping[str, object]) -> None:
    """A small table of names and values."""
    table = Table(title=title, show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, value in pairs.items():
        table.add_row(name, str(value))
    Console().print(table)


def run_day_job(*, module: str, name: str, day: str | None, as_json: bool) -> None:
    """Do a daily job by hand and print its figures. The job's module is imported with Django up."""
    try:
        wanted = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--day") from error
    with telling_refusals(), runtime.running():
        from tahseel.app import agenda

        job = getattr(importlib.import_module(module), name)
        with waiting(job.name):
            done = agenda.by_hand(job=job, day=wanted, at=clock.now())
    figures = {"day": done.day.isoformat(), "already_done": not done.new, **done.outcome}
    if as_json:
        print_json(figures)
    else:
        print_pairs(done.job, figures)


def print_files(files: Sequence[Mapping[str, Any]]) -> None:
    """A table of meter files: what was read, or why a file was refused."""
    table = Table(title="Meter files")
    for name in ("file", "format", "reads", "missing", "channels"):
        table.add_column(name, justify="right" if name in {"reads", "missing"} else "left")
    for line in files:
        name = Path(str(line["file"])).name
        if "refusal" in line:
            table.add_row(name, "refused", "", "", line["refusal"]["text_en"])
        else:
            channels = str(len(line["channels"]))
            table.add_row(name, line["format"], str(line["reads"]), str(line["missing"]), channels)
    Console().print(table)


def print_sign_ins(shown: Mapping[str, Any], address: str | None) -> None:
    """How to enter the demonstration, and whom to look up at the border page."""
    table = Table(title="Sign-ins of this demonstration")
    for name in ("user", "password", "who"):
        table.add_column(name)
    for one in shown["sign_ins"]:
        table.add_row(one["username"], one["password"], one["who"])
    console = Console()
    console.print(table)
    held, clear = ", ".join(shown["held_civil_ids"]), ", ".join(shown["clear_civil_ids"])
    lines = [
        f"held at the exit (invented people): {held}",
        f"clear at the exit (invented people): {clear}",
    ]
    if address:
        lines += [
            f"\n  {address}/           home, العربية / English",
            f"  {address}/border/    exit officer's page (user: officer)",
            f"  {address}/accounts/  a customer's accounts (user: resident, citizen)",
            "\nCtrl-C stops everything.",
        ]
    console.print("\n".join(lines), soft_wrap=True)


def month(text: str, option: str) -> BillingMonth:
    """The month that an option names. Raises typer.BadParameter."""
    try:
        return BillingMonth.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error


def print_simulation(found: Mapping[str, Any]) -> None:
    """What a price book would have brought, by governorate and sector."""
    months = found["months"]
    title = f"{found['book']} v{found['version']} / {found['against']}, {months[0]} - {months[-1]}"
    table = Table(title=title, caption="KD; accounts that pay more and less", box=SIMPLE_HEAD)
    for name in ("governorate", "sector"):
        table.add_column(name)
    for name in ("before", "after", "difference"):
        table.add_column(name, justify="right", min_width=MONEY_WIDTH)
    for name in ("accounts", "more", "less"):
        table.add_column(name, justify="right")
    total = {"governorate": "all", "sector": "", **found["total"]}
    for row in (*found["effects"], total):
        money = (row["before_fils"], row["after_fils"], row["difference_fils"])
        table.add_row(
            row["governorate"], row["sector"], *(format_money(Money(one)) for one in money),
            str(row["accounts"]), str(row["pay_more"]), str(row["pay_less"]),
        )  # fmt: skip
    Console().print(table)
    for one in found["unpriced"]:
        _tell(f"{one['usages']} x {one['book']}: {one['reason']}")

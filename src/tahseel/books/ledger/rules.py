"""What an entry does to a balance, what identifies its input, and the country's chart."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tahseel.books.ledger.values import (
    CREDIT,
    RECEIVABLE,
    Act,
    ChartAccount,
    ChartKind,
    Entry,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import Period


class ChartWrong(Refusal):
    """The chart's data cannot be read or lacks what the books need."""

    code = "chart_wrong"
    text_ar = "دليل الحسابات غير صالح: {reason}"
    text_en = "The chart of accounts is wrong: {reason}"


def load_chart(data: bytes) -> tuple[ChartAccount, ...]:
    """Read the chart (TOML, `[[account]]` records). Raises ChartWrong."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
        source = str(raw["source"])
        chart = tuple(_account(record, source) for record in raw["account"])
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise ChartWrong(reason=str(error)) from error
    codes = [account.code for account in chart]
    if len(set(codes)) != len(codes):
        raise ChartWrong(reason="a code is used twice")
    if missing := {RECEIVABLE, CREDIT} - set(codes):
        raise ChartWrong(reason=f"without {', '.join(sorted(missing))}")
    return chart


def _account(record: Mapping[str, Any], source: str) -> ChartAccount:
    return ChartAccount(
        code=record["code"],
        number=record["number"],
        kind=ChartKind(record["kind"]),
        name_ar=record["name_ar"],
        name_en=record["name_en"],
        source=source,
        limited=bool(record.get("limited", False)),
    )


_installed: dict[str, ChartAccount] = {}


def install_chart(chart: Iterable[ChartAccount]) -> None:
    """Called once by `app` with the country's chart."""
    accounts = {account.code: account for account in chart}
    _installed.clear()
    _installed.update(accounts)


def chart() -> Mapping[str, ChartAccount]:
    """The installed chart by code. Raises LookupError before `install_chart`."""
    if not _installed:
        raise LookupError("no chart of accounts is installed")
    return _installed


def place_in_chart(code: str) -> tuple[bool, str, str]:
    """Sorts codes by the country's numbers."""
    account = _installed.get(code)
    return account is None, account.number if account else "", code


def input_hash(entry: Entry) -> bytes:
    """SHA-256 over everything that makes the entry what it is, except when it was recorded."""
    text = "\x1f".join(
        (
            str(entry.account_id),
            str(entry.id),
            entry.debit,
            entry.credit,
            str(entry.amount.fils),
            entry.business_date.isoformat(),
            entry.source,
            str(entry.source_id),
            str(entry.reverses or ""),
        )
    )
    return hashlib.sha256(text.encode()).digest()


def chart_in_json() -> str:
    """The installed chart for SQL: code, on_debit, limited."""
    return json.dumps(
        [
            {"code": one.code, "on_debit": one.on_debit, "limited": one.limited}
            for one in chart().values()
        ]
    )


def closed_until(act: Act, period: Period) -> date:
    """The first day on which the books receive entries once an act is done to a period."""
    return period.end if act is Act.CLOSED else period.start


def lowers(entry: Entry) -> tuple[str, ...]:
    """The limited codes whose balance an entry takes from."""
    known = chart()
    taken = ((entry.debit, False), (entry.credit, True))
    return tuple(
        code for code, side in taken if known[code].limited and known[code].on_debit is side
    )


def input_hash_in_sql(row: str, *, reverses: str = "''") -> str:
    """`input_hash` as an expression of SQL over a row's columns, for entries that reverse none.

    reverses: the expression of SQL for what they reverse, or an empty text.
    """
    words = [f"{row}.{name}::text" for name in ("account_id", "id", "debit", "credit", "amount")]
    words += [f"to_char({row}.business_date, 'YYYY-MM-DD')", f"{row}.source"]
    words += [f"{row}.source_id::text", reverses]
    return f"sha256(convert_to({' || chr(31) || '.join(words)}, 'UTF8'))"


def effect(entry: Entry) -> tuple[int, int]:
    """How many fils an entry adds to its account's receivable and to its credit."""
    amount = entry.amount.fils
    receivable = amount * ((entry.debit == RECEIVABLE) - (entry.credit == RECEIVABLE))
    credit = amount * ((entry.credit == CREDIT) - (entry.debit == CREDIT))
    return receivable, credit

"""Pure functions on services: what the data says, what a load needs and costs, what is late."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from tahseel.channels.services.values import (
    DEPOSIT_LINE,
    ApplicantMessage,
    Ask,
    Basis,
    Catalogue,
    Deadline,
    DocumentKind,
    FeeBook,
    FeeLine,
    FeeRule,
    Quotation,
    ServiceDefinition,
    State,
    Study,
    Verdict,
    Whose,
)
from tahseel.kernel.calendar import WorkingCalendar
from tahseel.kernel.money import Money
from tahseel.kernel.quantity import Service
from tahseel.kernel.states import StateMachine, WrongState

LOAD_KW_MAX = 100_000
CONFIDENCES = frozenset({"H", "M", "L", "GK"})
REMINDER, REFERRAL, PROLONGED, CLOSED = MESSAGES = ("reminder", "referral", "prolonged", "closed")

GETTING_SUPPLY: StateMachine[State] = StateMachine(
    name="getting_supply",
    initial=State.APPLIED,
    moves={
        State.APPLIED: frozenset({State.STUDIED, State.REFUSED, State.WITHDRAWN, State.EXPIRED}),
        State.STUDIED: frozenset({State.QUOTED, State.WITHDRAWN}),
        State.QUOTED: frozenset({State.PAID, State.WITHDRAWN, State.EXPIRED}),
        State.PAID: frozenset({State.PASSED, State.FAILED, State.WITHDRAWN}),
        State.FAILED: frozenset({State.PAID, State.REFERRED, State.WITHDRAWN}),
        State.REFERRED: frozenset({State.PAID, State.FAILED, State.CLOSED, State.WITHDRAWN}),
        State.PASSED: frozenset({State.ENERGISED, State.WITHDRAWN}),
        State.ENERGISED: frozenset({State.REMOVAL_DUE}),
        State.REMOVAL_DUE: frozenset({State.REMOVED}),
        State.REMOVED: frozenset(),
        State.REFUSED: frozenset(),
        State.WITHDRAWN: frozenset(),
        State.EXPIRED: frozenset(),
        State.CLOSED: frozenset(),
    },
)
OPEN = frozenset(
    {
        State.APPLIED, State.STUDIED, State.QUOTED, State.PAID, State.FAILED, State.REFERRED,
        State.PASSED,
    }
)  # fmt: skip
# Ended without supply.
UNSUPPLIED = frozenset({State.REFUSED, State.WITHDRAWN, State.EXPIRED, State.CLOSED})
# The course as a page shows it, when nothing goes wrong.
COURSE = (
    State.APPLIED, State.STUDIED, State.QUOTED, State.PAID, State.PASSED, State.ENERGISED,
)  # fmt: skip

# How a file begins when it is what it says: media type by its first bytes.
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)

_installed: list[Catalogue] = []


def require_inspected(state: State) -> None:
    """Raises WrongState unless an inspection failed: a fee to be paid is no way to the next one."""
    if state not in (State.FAILED, State.REFERRED):
        raise WrongState(machine=GETTING_SUPPLY.name, current=str(state), wanted=str(State.PAID))


def install_catalogue(catalogue: Catalogue) -> None:
    """Called once by `app` with the country's services."""
    _installed[:] = [catalogue]


def catalogue() -> Catalogue:
    """The installed one. Raises LookupError before `install_catalogue`."""
    if not _installed:
        raise LookupError("no catalogue of services is installed")
    return _installed[0]


def load_catalogue(content: bytes) -> Catalogue:
    """The catalogue from `services.toml`. Raises ValueError, KeyError naming what is wrong."""
    data = tomllib.loads(content.decode())
    services = {row["code"]: _definition(row) for row in data["service"]}
    deadlines = {
        State(row["state"]): _deadline(row) for row in data["deadline"] if "papers" not in row
    }
    (awaiting,) = (_deadline(row) for row in data["deadline"] if row.get("papers") == "missing")
    books = sorted((_book(row, set(services)) for row in data["fee_book"]), key=_from_day)
    duties = {
        name: tuple(roles)
        for name, roles in data["duties"].items()
        if name not in ("source", "confidence")
    }
    if len(services) != len(data["service"]) or len({b.from_day for b in books}) != len(books):
        raise ValueError("a service or the first day of a fee book stands twice")
    if any(deadline.days < 1 for deadline in (awaiting, *deadlines.values())):
        raise ValueError("a state lasts at least a day")
    messages = {row["code"]: _message(row) for row in data["message"]}
    if set(messages) != set(MESSAGES) or data["decision"]["prolong_days_max"] < 1:
        raise ValueError(f"messages are {', '.join(MESSAGES)}, and a decision prolongs by days")
    return Catalogue(
        services=services,
        duties=duties,
        deadlines=deadlines,
        awaiting_papers=awaiting,
        demand_percent={row["sector"]: int(row["percent"]) for row in data["demand"]},
        fee_books=tuple(books),
        deposit_names=(data["deposit"]["name_ar"], data["deposit"]["name_en"]),
        messages=messages,
        prolong_days_max=data["decision"]["prolong_days_max"],
    )


def _definition(row: Mapping[str, Any]) -> ServiceDefinition:
    return ServiceDefinition(
        code=row["code"],
        number=row["number"],
        prefix=row["prefix"],
        name_ar=row["name_ar"],
        name_en=row["name_en"],
        summary_ar=row["summary_ar"],
        summary_en=row["summary_en"],
        workflow=row["workflow"],
        channels=frozenset(row["channels"]),
        asks=frozenset(Ask(ask) for ask in row["asks"]),
        documents=tuple(
            DocumentKind(paper["code"], paper["name_ar"], paper["name_en"], paper["required"])
            for paper in row.get("document", [])
        ),
    )


def _deadline(row: Mapping[str, Any]) -> Deadline:
    remind = tuple(sorted(row.get("remind", ())))
    if any(not 0 <= days < row["days"] for days in remind):
        raise ValueError(f"{row['state']}: a reminder comes within its term")
    return Deadline(State(row["state"]), Whose(row["whose"]), row["days"], remind)


def _message(row: Mapping[str, Any]) -> ApplicantMessage:
    texts = {name: row[name] for name in ("subject_ar", "subject_en", "body_ar", "body_en")}
    for name in ("body_ar", "body_en"):
        texts[name].format(reference="", day="")  # KeyError for what no message is given
    return ApplicantMessage(row["code"], row["channel"], **texts)


def _book(row: Mapping[str, Any], services: set[str]) -> FeeBook:
    lines = []
    for line in row["line"]:
        if not set(line["services"]) <= services or line["fils"] <= 0:
            raise ValueError(f"fee {line['code']}: an unknown service or no amount")
        lines.append(
            FeeRule(
                line["code"], frozenset(line["services"]), line["name_ar"], line["name_en"],
                Basis(line["basis"]), Money(line["fils"]), line["refundable"],
            )
        )  # fmt: skip
    if row["confidence"] not in CONFIDENCES:
        raise ValueError("a fee book says how sure it is")
    return FeeBook(row["from_day"], tuple(lines), row["source"], row["confidence"])


def _from_day(book: FeeBook) -> date:
    return book.from_day


def demand(*, load_kw: int, sector: str | None, percents: Mapping[str, int]) -> int:
    """What a connected load takes at its peak, in whole kilowatts; all of it where no data is."""
    percent = percents.get(sector or "", 100)
    return -(-load_kw * percent // 100)


def verdict(*, demand_kw: int, study: Study) -> Verdict:
    """The network carries what it has; more than that only on stated conditions."""
    if study.conditions:
        return Verdict.CONDITIONAL
    return Verdict.FEASIBLE if demand_kw <= study.available_kw else Verdict.NOT_FEASIBLE


def quote(
    *,
    books: Collection[FeeBook],
    service: str,
    load_kw: int,
    services: Collection[Service],
    day: date,
    valid_until: date,
) -> Quotation | None:
    """What the book in force on a day asks; None when none is in force or nothing is asked.

    load_kw: what is newly connected: the difference, in a load increase.
    """
    in_force = [book for book in books if book.from_day <= day]
    if not in_force:
        return None
    book = max(in_force, key=_from_day)
    counted = {
        Basis.FIXED: 1,
        Basis.PER_KILOWATT: load_kw if Service.ELECTRICITY in services else 0,
        Basis.PER_SERVICE: len(services),
    }
    lines = tuple(
        FeeLine(
            rule.code, rule.name_ar, rule.name_en, counted[rule.basis], rule.amount,
            Money(rule.amount.fils * counted[rule.basis]), rule.refundable,
        )
        for rule in book.rules
        if service in rule.services and counted[rule.basis]
    )  # fmt: skip
    return Quotation(lines, book.from_day, book.confidence, valid_until) if lines else None


def deposit_line(amount: Money, names: tuple[str, str]) -> FeeLine:
    """The deposit as a line of a quotation: given back whenever there is no supply."""
    return FeeLine(DEPOSIT_LINE, *names, 1, amount, amount, refundable=True)


def missing(definition: ServiceDefinition, held: Collection[str]) -> tuple[DocumentKind, ...]:
    """The required papers of a service that are not among the kinds that are held."""
    return tuple(k for k in definition.documents if k.required and k.code not in held)


def turn(state: State, data: Catalogue, *, complete: bool = True) -> Deadline | None:
    """Who has to act in a state and how long it may take; None when nobody has.

    complete: every required paper is there.
    """
    if not complete and state is data.awaiting_papers.state:
        return data.awaiting_papers
    return data.deadlines.get(state)


def last_day(found: Deadline | None, *, entered: date, calendar: WorkingCalendar) -> date | None:
    """The last day of a turn that begins on a day; None when it may last."""
    if found is None:
        return None
    if found.whose is Whose.STAFF:
        return calendar.add_working_days(entered, found.days)
    return entered + timedelta(days=found.days)


def reminder(found: Deadline | None, *, deadline: date | None, day: date) -> int | None:
    """Which of a turn's reminders is the one to give on a day, by its days before the last one.

    The nearest to the end of those whose day has come; None before the first and after the end.
    """
    if found is None or deadline is None or day > deadline:
        return None
    left = (deadline - day).days
    return min((days for days in found.remind if left <= days), default=None)


def media_type(body: bytes) -> str | None:
    """What a file is by its first bytes; None for anything but PDF, JPEG and PNG."""
    return next((kind for magic, kind in _MAGIC if body.startswith(magic)), None)

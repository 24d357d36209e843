"""Pure functions on accounts: their numbers, and the chain of liability without gap or overlap."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.text import to_latin_digits
from tahseel.registry.supply.values import (
    BoundTo,
    Capacity,
    Heir,
    LiabilitySpan,
    NewAccount,
    NewLiability,
    Part,
    PayerChange,
    StopReason,
    StopState,
    SupplyState,
    Vacancy,
)

NUMBER_DIGITS = 10

# A totally anti-symmetric quasigroup of order 10: every wrong digit and every swap of neighbours
# is caught. Source: H. M. Damm, Total anti-symmetrische Quasigruppen (Marburg, 2004).
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


def check_digit(digits: str) -> str:
    """The Damm check digit of a string of digits; "0" over a complete number."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def account_number(sequence: int) -> str:
    """The account number made from a running number: nine digits and a check digit, as text."""
    digits = f"{sequence:09d}"
    if len(digits) != NUMBER_DIGITS - 1:
        raise ValueError(f"no account number beyond nine digits: {sequence}")
    return digits + check_digit(digits)


def check_account_number(text: str) -> str:
    """The plain number from what somebody typed. Raises ValueError when it cannot be one."""
    digits = to_latin_digits(text).replace(" ", "").replace("-", "")
    if len(digits) != NUMBER_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"an account number has {NUMBER_DIGITS} digits")
    if check_digit(digits) != "0":
        raise ValueError("the account number's check digit is wrong")
    return digits


def is_account_number_in_sql(text: str) -> str:
    """Whether an expression of SQL is a plain account number with its check digit, as one."""
    table, interim = "".join(_DAMM), "0"
    for place in range(1, NUMBER_DIGITS + 1):
        digit = f"substr({text}, {place}, 1)::int"
        interim = f"substr('{table}', 1 + 10 * {interim} + {digit}, 1)::int"
    return f"case when {text} ~ '^[0-9]{{{NUMBER_DIGITS}}}$' then {interim} = 0 else false end"


def explained(customer: object, capacity: Capacity, vacancy: Vacancy | None) -> bool:
    """Somebody is liable in a capacity, or nobody is and it is said why."""
    if customer is None:
        return capacity is Capacity.VACANT and vacancy not in {None, Vacancy.NO_ACCOUNT}
    return capacity is not Capacity.VACANT and vacancy is None


def chain(account: NewAccount) -> list[tuple[NewLiability, date | None, date | None]]:
    """(liability, its end, end of the one before), in order. Raises ValueError on a gap."""
    links = account.liabilities
    if not links or links[0].from_day != account.opened_on:
        raise ValueError("the first liability begins on the day the account is opened")
    ends = [following.from_day for following in links[1:]]
    for link, end in zip(links, [*ends, account.closed_on], strict=True):
        if end is not None and end <= link.from_day:
            raise ValueError("each liability begins after the one before")
        if not explained(link.customer_id, link.capacity, link.vacancy):
            raise ValueError("somebody is liable, or it is said why nobody is")
    return list(zip(links, [*ends, account.closed_on], [None, *ends], strict=True))


class StopReasonsWrong(Refusal):
    """The country's reasons cannot be read."""

    code = "stop_reasons_wrong"
    text_ar = "بيانات أسباب القطع غير صالحة: {reason}"
    text_en = "The reasons for disconnection are wrong: {reason}"


class StopReasonUnknown(NotFound):
    """The country knows no such reason to cut supply."""

    code = "stop_reason_unknown"
    text_ar = "لا يوجد سبب قطع بالرمز {reason}"
    text_en = "There is no reason for disconnection called {reason}"


def load_stop_reasons(data: bytes) -> tuple[StopReason, ...]:
    """Read the reasons (TOML, `[[reason]]` records). Raises StopReasonsWrong."""
    try:
        raw = tomllib.loads(data.decode("utf-8"))
        reasons = tuple(_stop_reason(record) for record in raw["reason"])
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise StopReasonsWrong(reason=str(error)) from error
    if len({reason.code for reason in reasons}) != len(reasons):
        raise StopReasonsWrong(reason="a code is used twice")
    if any(reason.on_vacancy and reason.bound_to is BoundTo.PLACE for reason in reasons):
        raise StopReasonsWrong(reason="what follows a vacancy is not bound to the place")
    return reasons


def _stop_reason(record: Mapping[str, Any]) -> StopReason:
    return StopReason(
        code=record["code"],
        name_ar=record["name_ar"],
        name_en=record["name_en"],
        bound_to=BoundTo(record["bound_to"]),
        on_vacancy=record.get("follows") == "vacancy",
        order=tuple(record["order"]),
        lift=tuple(record["lift"]),
        source=record["source"],
        confidence=record["confidence"],
        spares_protected=record.get("spares_protected", False),
    )


_stop_reasons: dict[str, StopReason] = {}


def install_stop_reasons(reasons: Iterable[StopReason]) -> None:
    """Called once by `app` with the country's reasons."""
    found = {reason.code: reason for reason in reasons}
    _stop_reasons.clear()
    _stop_reasons.update(found)


def stop_reasons() -> Mapping[str, StopReason]:
    """The installed reasons by code, in the country's order."""
    return _stop_reasons


def stop_reason(code: str) -> StopReason:
    """One installed reason. Raises StopReasonUnknown."""
    if code not in _stop_reasons:
        raise StopReasonUnknown(reason=code)
    return _stop_reasons[code]


def supply_state(stops: Iterable[StopState]) -> SupplyState:
    """On only when no reason is open; off once one is in force."""
    states = set(stops) & {StopState.ORDERED, StopState.IN_FORCE}
    if StopState.IN_FORCE in states:
        return SupplyState.DISCONNECTED
    return SupplyState.STOP_ORDERED if states else SupplyState.CONNECTED


def shares_make_one(heirs: Sequence[Heir], whole: int) -> bool:
    """Every heir is named once with a part above nothing, and the parts make the whole."""
    named = {heir.customer_id for heir in heirs}
    above = all(heir.parts > 0 for heir in heirs)
    return len(named) == len(heirs) and above and sum(h.parts for h in heirs) == whole > 0


_FOLLOWS = {
    Capacity.OWNER: Capacity.OWNER,
    Capacity.ESTATE: Capacity.OWNER,
    Capacity.LANDLORD: Capacity.LANDLORD,
}


def follows_title(capacity: Capacity) -> Capacity | None:
    """As what the new owner is liable where the one before him was; None: a tenant stays."""
    return _FOLLOWS.get(capacity)


def liable_on(spans: Sequence[LiabilitySpan], day: date) -> LiabilitySpan | None:
    """The span that holds the day."""
    return next((span for span in spans if day in span), None)


def uncovered_days(
    spans: Iterable[LiabilitySpan], opened_on: date, until: date
) -> list[tuple[date, int]]:
    """(day, how many spans hold it) for every day on which it is not exactly one; for checks."""
    held = list(spans)
    days = (opened_on + timedelta(days=n) for n in range((until - opened_on).days))
    counts = ((day, sum(day in span for span in held)) for day in days)
    return [(day, count) for day, count in counts if count != 1]


def change_as_payload(change: PayerChange) -> dict[str, str | None]:
    """A change as it is frozen beside the act."""
    return {
        "account": str(change.account_id),
        "part": str(change.part),
        "customer": str(change.customer_id) if change.customer_id else None,
        "from_day": change.from_day.isoformat(),
        "until_day": change.until_day.isoformat() if change.until_day else None,
    }


def changes_of(payload: Mapping[str, Any]) -> list[PayerChange]:
    """The changes that an act made when it was asked for."""
    return [
        PayerChange(
            UUID(one["account"]),
            Part(one["part"]),
            UUID(one["customer"]) if one["customer"] else None,
            date.fromisoformat(one["from_day"]),
            date.fromisoformat(one["until_day"]) if one["until_day"] else None,
        )
        for one in payload["changes"]
    ]

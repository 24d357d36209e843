"""Pure functions of appointments: the country's data, and which days may be booked."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tahseel.consumption.appointments.values import (
    AccessLetter,
    AccessPolicy,
    AccessState,
    Half,
    Policy,
    Reason,
    Reminder,
)
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money

PLACES_MAX = 500
_installed: list[Policy] = []


class AppointmentsPolicyWrong(Refusal):
    """The country's data on appointments cannot be used."""

    code = "appointments_policy_wrong"
    text_ar = "بيانات المواعيد غير صالحة: {reason}"
    text_en = "The data on appointments is wrong: {reason}"


def install_policy(policy: Policy) -> None:
    """Called once by `app`."""
    _installed[:] = [policy]


def policy() -> Policy:
    """What the country's data say."""
    return _installed[0]


def load_policy(data: bytes) -> Policy:
    """`[booking]`, `[[half]]`, `[[reason]]`, `[[places]]`, `[reminder]`, `[access]`.

    Raises AppointmentsPolicyWrong.
    """
    try:
        raw = tomllib.loads(data.decode("utf-8"))
        found = Policy(
            halves={one["code"]: _half(one) for one in raw["half"]},
            reasons={one["code"]: _reason(one) for one in raw["reason"]},
            places={one["area"]: _whole(one["places"], PLACES_MAX) for one in raw["places"]},
            first_days=_whole(raw["booking"]["first_days"], 60),
            last_days=_whole(raw["booking"]["last_days"], 366),
            reminder=_reminder(raw["reminder"]),
            access=_access(raw["access"]),
        )
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise AppointmentsPolicyWrong(reason=str(error)) from error
    if "*" not in found.places or not found.halves or not found.reasons:
        raise AppointmentsPolicyWrong(reason="places of all other areas, halves and reasons")
    if not 1 <= found.first_days <= found.last_days:
        raise AppointmentsPolicyWrong(reason="first_days and last_days")
    return found


def _half(record: dict[str, Any]) -> Half:
    first, until = _whole(record["from_hour"], 24), _whole(record["until_hour"], 24)
    if first >= until:
        raise ValueError(f"a half-day without hours: {record['code']}")
    return Half(record["code"], record["name_ar"], record["name_en"], first, until)


def _reason(record: dict[str, Any]) -> Reason:
    return Reason(record["code"], record["name_ar"], record["name_en"])


def _reminder(record: dict[str, Any]) -> Reminder:
    names = ("channel", "subject_ar", "subject_en", "body_ar", "body_en")
    texts = {name: str(record[name]) for name in names}
    for name in ("body_ar", "body_en"):
        texts[name].format_map({"day": "", "half": "", "account": ""})
    return Reminder(**texts)


def _access(record: dict[str, Any]) -> AccessPolicy:
    steps = (AccessState.APPOINTMENT, AccessState.NOTICE)
    return AccessPolicy(
        refusals=max(1, _whole(record["refusals"], 100)),
        window_days=_whole(record["window_days"], 1_000),
        fee=Money(_whole(record["fee_fils"], 1_000_000)),
        letters={step: _access_letter(record[str(step)]) for step in steps},
    )


def _access_letter(record: dict[str, Any]) -> AccessLetter:
    names = ("channel", "subject_ar", "subject_en", "body_ar", "body_en")
    texts = {name: str(record[name]) for name in names}
    for name in ("body_ar", "body_en"):
        facts = ("account", "meter", "times", "days", "fee")
        texts[name].format_map(dict.fromkeys(facts, ""))
    return AccessLetter(days=_whole(record["days"], 366), **texts)


def _whole(value: object, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"not a whole number up to {most}: {value!r}")
    return value


def bookable(known: Policy, *, today: date, is_working: Callable[[date], bool]) -> list[date]:
    """The working days that may be booked on a day, in order."""
    ahead = range(known.first_days, known.last_days + 1)
    return [day for day in (today + timedelta(days=n) for n in ahead) if is_working(day)]

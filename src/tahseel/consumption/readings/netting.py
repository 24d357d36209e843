"""A main meter's month is what it measured less what the sub-meters behind it did. Writes nothing.

Sub-meters are found by their places, so an exchange on either side changes nothing, and are
measured over exactly the days on which they stood behind the main one, whoever held them. What no
sub-meter told is not known, and then neither is the main one's rest; a rest below zero is never
told at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from tahseel.consumption.readings import measuring
from tahseel.consumption.readings.basis import ByIntervals, ByRegister, Less
from tahseel.consumption.readings.measuring import Found
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel.period import BillingMonth, Period, local_day
from tahseel.registry.meters import queries as meters
from tahseel.registry.meters.values import BehindView, InstallationView

UNREAD, BEYOND = "sub_meter_unread", "sub_meters_beyond_main"

Answer = tuple[Span, Found]
Key = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Main:
    """What an account had at a main meter's place: the devices there with their answers, by the
    days of each, and who stood behind it.
    """

    account_id: UUID
    point_id: UUID
    days: Mapping[UUID, Period]
    answers: Mapping[UUID, Found]
    behind: Sequence[tuple[BehindView, Period]]


@dataclass(frozen=True, slots=True)
class Netted:
    """A main meter's place: each device's answer, and how far its sub-meters went beyond it."""

    account_id: UUID
    answers: Mapping[UUID, Found]
    beyond: int = 0
    subs: frozenset[UUID] = frozenset()


def measure(
    *, month: BillingMonth, period: Period, account_ids: Sequence[UUID] | None
) -> list[Answer]:
    """As `measuring.measure`, with main meters less their sub-meters."""
    answers = measuring.measure(month=month, period=period, account_ids=account_ids)
    told = {
        (one.account_id, meter): found
        for one in netted(answers, month=month, period=period)
        for meter, found in one.answers.items()
    }
    if not told:
        return answers
    return [(span, told.get((span.account_id, span.meter_id), found)) for span, found in answers]


def netted(answers: Sequence[Answer], *, month: BillingMonth, period: Period) -> list[Netted]:
    """The places of main meters among these answers; empty where nothing stands behind another."""
    behind = meters.behind_in(period=period)
    mains = _mains(answers, behind, period) if behind else []
    if not mains:
        return []
    subs = _subs(mains, month)
    return [_net(main, subs) for main in mains]


def _mains(answers: Iterable[Answer], behind: Sequence[BehindView], period: Period) -> list[Main]:
    hung = meters.installations(
        service_point_ids={one.main_point_id for one in behind}, period=period
    )
    at: dict[UUID, list[InstallationView]] = defaultdict(list)
    for views in hung.values():
        for view in views:
            at[view.meter_id].append(view)
    days: dict[Key, dict[UUID, Period]] = defaultdict(dict)
    told: dict[Key, dict[UUID, Found]] = defaultdict(dict)
    for span, found in answers:
        for view in at.get(span.meter_id, ()):
            here = _here(span, found, view, period)
            if here is not None:
                key = span.account_id, view.service_point_id
                before = days[key].get(span.meter_id, here)
                days[key][span.meter_id] = _joined(before, here)
                told[key][span.meter_id] = found
    return [
        Main(account, point, days[account, point], told[account, point], stood)
        for account, point in days
        if (stood := _stood(behind, point, days[account, point].values()))
    ]


def _here(span: Span, found: Found, view: InstallationView, period: Period) -> Period | None:
    """The days of an answer at one hanging. It has its first span; its reach tells the end."""
    last = span.to_day
    if isinstance(found, Determinant):
        last = max(last, local_day(found.to_at))
    hung = Period(view.installed_on, view.removed_on or max(period.end, last))
    return hung.overlap(Period(span.from_day, last))


def _joined(one: Period, other: Period) -> Period:
    return Period(min(one.start, other.start), max(one.end, other.end))


def _stood(
    behind: Sequence[BehindView], point: UUID, days: Iterable[Period]
) -> list[tuple[BehindView, Period]]:
    """Who stood behind a point, over which of its account's days."""
    whole = _runs(days)
    return [
        (one, common)
        for one in behind
        if one.main_point_id == point
        for run in whole
        if (common := run.overlap(Period(one.from_day, one.until_day or date.max)))
    ]


def _runs(days: Iterable[Period]) -> list[Period]:
    found: list[Period] = []
    for one in sorted(days, key=lambda period: period.start):
        if found and one.start <= found[-1].end:
            found[-1] = _joined(found[-1], one)
        else:
            found.append(one)
    return found


def _subs(
    mains: Sequence[Main], month: BillingMonth
) -> dict[tuple[UUID, Period], list[tuple[UUID, Found]]]:
    """What each sub-meter's place measured over the days asked for: its devices, one by one."""
    asked: dict[Period, set[UUID]] = defaultdict(set)
    for main in mains:
        for one, days in main.behind:
            asked[days].add(one.service_point_id)
    found: dict[tuple[UUID, Period], list[tuple[UUID, Found]]] = defaultdict(list)
    for days, points in asked.items():
        answers = measuring.measure_points(month=month, period=days, point_ids=sorted(points))
        for span, answer in answers:
            found[span.account_id, days].append((span.meter_id, answer))
    return found


def _net(main: Main, subs: Mapping[tuple[UUID, Period], Sequence[tuple[UUID, Found]]]) -> Netted:
    known = {m: one for m, one in main.answers.items() if isinstance(one, Determinant)}
    failed = next((one for one in main.answers.values() if isinstance(one, str)), None)
    if failed is not None:
        answers = {m: one if isinstance(one, str) else failed for m, one in main.answers.items()}
        return Netted(main.account_id, answers)
    taken: dict[UUID, list[tuple[Less, Determinant]]] = {meter: [] for meter in known}
    for one, days in main.behind:
        for meter, found in subs.get((one.service_point_id, days), ()):
            if isinstance(found, str):
                return Netted(main.account_id, dict.fromkeys(known, UNREAD))
            for device, less in _shared(main, known, meter, found, days):
                taken[device].append((less, found))
    rests = {m: less_subs(one, taken[m]) for m, one in known.items()}
    beyond = -sum(one.quantity for one in rests.values())
    if beyond > 0 or any(one.quantity < 0 for one in rests.values()):
        deepest = -min(one.quantity for one in rests.values())
        subs_of = frozenset(less.meter_id for some in taken.values() for less, _ in some)
        return Netted(main.account_id, dict.fromkeys(known, BEYOND), max(beyond, deepest), subs_of)
    return Netted(main.account_id, dict(rests))


def _shared(
    main: Main, known: Mapping[UUID, Determinant], meter: UUID, found: Determinant, days: Period
) -> list[tuple[UUID, Less]]:
    """One sub-meter's quantity over the main devices of its days, by what each of them measured."""
    parts = tuple(p for p in found.basis if isinstance(p, ByRegister | ByIntervals))
    there = [m for m in known if main.days[m].overlap(days)]
    there.sort(key=lambda m: (main.days[m].start, m))
    whole = sum(known[m].quantity for m in there)
    weights = [known[m].quantity if whole else int(n == 0) for n, m in enumerate(there)]
    shares, before = [], 0
    for device, weight in zip(there, weights, strict=True):
        less = Less(days.start, days.end, meter, parts, before, before + weight, max(whole, 1))
        shares.append((device, less))
        before += weight
    return shares


def less_subs(one: Determinant, taken: Sequence[tuple[Less, Determinant]]) -> Determinant:
    """A main meter's determinant less shares of its sub-meters' ones.

    What one of them did not measure was not measured; demand and bands of a difference are known
    to nobody, and no dial shows it.
    """
    if not taken:
        return one
    subs = [sub for _, sub in taken]
    guessed = Method.ESTIMATED in {one.method, *(sub.method for sub in subs)}
    return replace(
        one,
        quantity=one.quantity - sum(less.of(sub.quantity) for less, sub in taken),
        method=Method.ESTIMATED if guessed else one.method,
        from_value=None,
        to_value=None,
        estimated_share=max(one.estimated_share, *(sub.estimated_share for sub in subs)),
        basis=(*one.basis, *(less for less, _ in taken)),
        profile=None,
    )

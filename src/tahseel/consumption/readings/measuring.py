"""What every meter measured for its account over a month, or over a part of one. Writes nothing.

Registers decide where both ends of the span have a read; else the sum of its intervals, those that
did not come estimated as the country's data allow; else a straight line between the nearest reads,
marked as an estimate. Of two estimates the one that guesses less stands. Where none of these exists
there is no answer but a reason: no data is never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from tahseel.consumption.readings import (
    bands,
    judging,
    metering,
    profiles,
    rules,
    shapes,
    summing,
)
from tahseel.consumption.readings.bands import BandSet
from tahseel.consumption.readings.basis import ByIntervals, ByRegister, Part, Read
from tahseel.consumption.readings.lake import Lake
from tahseel.consumption.readings.metering import Span
from tahseel.consumption.readings.profiles import Profile
from tahseel.consumption.readings.rules import Dial
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel.period import BillingMonth, Period

NOTHING = Decimal(0)
SHARE_STEP = Decimal("0.00001")

Found = Determinant | str


def measure(
    *, month: BillingMonth, period: Period, account_ids: Sequence[UUID] | None
) -> list[tuple[Span, Found]]:
    """Each account and meter of the period with its determinant, or the reason why there is none.

    The span is the first of the meter's there: it may hang twice, or change in between.
    """
    return _measured(_spans(period, account_ids), month, period)


def exported(
    *, month: BillingMonth, period: Period, account_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], int | None]:
    """What was given back to the network by account and meter, by the dials of export registers.

    None where such a register hangs and its dials do not tell; a meter without one is absent.
    """
    found: dict[tuple[UUID, UUID], int | None] = {}
    for span in metering.exported(period=period, account_ids=account_ids):
        key = (span.account_id, span.meter_id)
        told, before = by_registers(span, month), found.get(key, 0)
        known = before is not None and isinstance(told, Determinant)
        found[key] = (before or 0) + told.quantity if known else None  # type: ignore[union-attr]
    return found


def measure_points(
    *, month: BillingMonth, period: Period, point_ids: Sequence[UUID]
) -> list[tuple[Span, Found]]:
    """The same of every meter that hung at some service points, whoever held them."""
    return _measured(metering.spans_at(period=period, point_ids=point_ids), month, period)


def _measured(
    spans: Sequence[Span], month: BillingMonth, period: Period
) -> list[tuple[Span, Found]]:
    answers = [by_registers(span, month) for span in spans]
    intervals = _by_intervals(spans, month, period)
    return _whole(
        (span, _better(intervals.get(summing.key_of(span)), found))
        for span, found in zip(spans, answers, strict=True)
    )


def _whole(answers: Iterable[tuple[Span, Found]]) -> list[tuple[Span, Found]]:
    """One answer an account and meter: the sum of its spans, or the reason of the first that fails.

    A part of a month is never told for the whole of it.
    """
    parts: dict[tuple[UUID, UUID], list[tuple[Span, Found]]] = {}
    for span, found in answers:
        parts.setdefault((span.account_id, span.meter_id), []).append((span, found))
    return [(some[0][0], added_up([found for _, found in some])) for some in parts.values()]


def added_up(parts: Sequence[Found]) -> Found:
    """The parts of one meter's month as one, or the reason of the first that fails."""
    failed = next((part for part in parts if isinstance(part, str)), None)
    if failed is not None or len(parts) == 1:
        return failed or parts[0]
    known = [part for part in parts if isinstance(part, Determinant)]
    days = sum(part.days for part in known)
    uncertain = sum((part.estimated_share * part.days for part in known), NOTHING) / days
    methods = {part.method for part in known}
    return replace(
        known[0],
        quantity=sum(part.quantity for part in known),
        method=Method.ESTIMATED if len(methods) > 1 else methods.pop(),
        from_at=min(part.from_at for part in known),
        to_at=max(part.to_at for part in known),
        from_value=None,
        to_value=None,
        days=days,
        estimated_share=uncertain.quantize(SHARE_STEP),
        basis=tuple(basis for part in known for basis in part.basis),
        profile=profiles.joined([part.profile for part in known]),
    )


def with_profile(one: Determinant, told: Profile | None) -> Determinant:
    """A quantity that a dial decided, used as its intervals tell."""
    return one if told is None else replace(one, profile=shapes.of_quantity(told, one.quantity))


def as_version(one: Determinant, version: int) -> Determinant:
    """The same determinant as another version."""
    return replace(one, version=version)


def _spans(period: Period, account_ids: Sequence[UUID] | None) -> list[Span]:
    """Spans whose ends are read exactly, as they are; the others with all their neighbours."""
    spans = metering.exact(period=period, account_ids=account_ids)
    done = {summing.key_of(span): span for span in spans if span.opened[0] and span.closed[0]}
    if len(done) == len(spans):
        return spans
    left = sorted({span.account_id for span in spans if summing.key_of(span) not in done})
    known = {summing.key_of(s): s for s in metering.spans(period=period, account_ids=left)} | done
    return [known[summing.key_of(span)] for span in spans]


def _better(measured: Found | None, by_registers: Found) -> Found:
    """The dial where it was read, then what guesses less, intervals where both guess alike; else
    the clearer reason. How it was used is told by the intervals in any case.
    """
    if isinstance(measured, Determinant) and isinstance(by_registers, Determinant):
        read = by_registers.method is Method.REGISTER
        if read or measured.estimated_share > by_registers.estimated_share:
            return with_profile(by_registers, measured.profile)
        return measured
    if isinstance(measured, Determinant):
        return measured
    if isinstance(by_registers, str) and by_registers == "no_reads" and measured is not None:
        return measured
    return by_registers


def by_registers(span: Span, month: BillingMonth) -> Found:
    """From the dial at both ends; or why not."""
    if not any((*span.opened, *span.closed)):
        return "no_reads"
    first = rules.boundary(
        at=span.from_at, before=span.opened[0], after=span.opened[1], modulus=span.modulus
    )
    last = rules.boundary(
        at=span.to_at, before=span.closed[0], after=span.closed[1], modulus=span.modulus
    )
    if first is None:
        return "no_opening_read"
    if last is None or last.at <= first.at:
        return "no_closing_read"
    moved = rules.advance(first.value, last.value, span.modulus)
    if moved is None:
        return "register_went_back"
    estimated = first.estimated or last.estimated
    return _determinant(
        span,
        month,
        quantity=moved * span.multiplier,
        method=Method.ESTIMATED if estimated else Method.REGISTER,
        values=(first.value, last.value),
        share=rules.estimated_share(first, last) if estimated else NOTHING,
        basis=_dial_basis(span),
    )


def _dial_basis(span: Span) -> ByRegister:
    def read(dial: Dial | None) -> Read | None:
        if dial is None:
            return None
        return Read(dial.at, dial.version, None if dial.version else dial.value)

    return ByRegister(
        span.from_day,
        span.to_day,
        span.register,
        span.modulus,
        span.multiplier,
        (read(span.opened[0]), read(span.opened[1])),
        (read(span.closed[0]), read(span.closed[1])),
    )


def _determinant(
    span: Span,
    month: BillingMonth,
    *,
    quantity: int,
    method: Method,
    values: tuple[int, int] | None,
    share: Decimal,
    basis: Part,
    profile: Profile | None = None,
) -> Determinant:
    return Determinant(
        span.account_id,
        span.meter_id,
        month,
        1,
        span.service,
        quantity,
        method,
        span.from_at,
        span.to_at,
        values[0] if values else None,
        values[1] if values else None,
        (span.to_day - span.from_day).days,
        share,
        (basis,),
        profile,
    )


def _by_intervals(
    spans: Sequence[Span], month: BillingMonth, period: Period
) -> Mapping[summing.Key, Found]:
    """From the lake; absent where it holds nothing."""
    lake, rule, sets = Lake(settings.LAKE), judging.rules().estimation, bands.in_force(month)
    lake.as_of = lake.version()
    if not spans or not lake.as_of:
        return {}
    hours = {service: one.of_hours(month) for service, one in sets.items()}
    sums = summing.sums(lake, spans, period, rule, hours)
    return {
        key: measured(
            span,
            sums[key],
            month,
            ByIntervals(
                span.from_day, span.to_day, lake.as_of, rule.linear_s, rule.share_max_percent
            ),
            sets.get(span.service),
        )
        for span in spans
        if (key := summing.key_of(span)) in sums
    }


def measured(
    span: Span,
    found: summing.Summed,
    month: BillingMonth,
    basis: ByIntervals,
    told: BandSet | None,
) -> Found:
    """From the sum of its intervals; or why there is none."""
    if isinstance(found, str):
        return found
    return _determinant(
        span,
        month,
        quantity=found.quantity,
        method=Method.INTERVAL,
        values=None,
        share=rules.share(found.uncertain_s, int((span.to_at - span.from_at).total_seconds())),
        basis=basis,
        profile=shapes.profile(
            found.shape,
            found.quantity,
            told,
            (basis.version, basis.linear_s, basis.share_max_percent),
        ),
    )

"""Puts together, for one screen, what premises, meters and supply know of a unit. Names nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Pill, Tone
from tahseel.channels.places.values import (
    KIND_NAMES,
    SECTOR_NAMES,
    SERVICE_NAMES,
    STATE_NAMES,
    VACANCY_NAMES,
    Kin,
    Paper,
    Placed,
    Row,
    Shared,
    Sheet,
)
from tahseel.consumption.appointments import rules as appointments
from tahseel.consumption.appointments.values import Booking
from tahseel.consumption.appointments.values import State as BookingState
from tahseel.registry.meters import queries as meters
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises import rules
from tahseel.registry.premises.values import (
    CertificateView,
    Sector,
    SectorSpan,
    ServicePointView,
    UnitState,
    UnitView,
)
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import AccountRef

BESIDE_MAX = 200
Word = TypeVar("Word")


def found(*, text: str, language: str, as_of: date) -> list[Row]:
    """The units that a text means, for a list."""
    return _rows(premises.find_units(text=text), language, as_of)


def sheet(*, unit_id: UUID, language: str, as_of: date) -> Sheet | None:
    """A unit with all that is known about it on a day; None for an unknown one."""
    view = premises.units(unit_ids=[unit_id]).get(unit_id)
    if view is None:
        return None
    account = supply.accounts_of_units(unit_ids=[unit_id], day=as_of).get(unit_id)
    spans = premises.sectors(unit_ids=[unit_id]).get(unit_id, [])
    papers = premises.certificates_of(unit_ids=[unit_id]).get(unit_id, [])
    beside = [one for one in premises.units_at(premises_id=view.premises_id) if one.id != unit_id]
    return Sheet(
        view=view,
        address=rules.address_text(view.parts, language),
        ladder=tuple(rules.ladder(view, language)),
        state=state_pill(view.state),
        occupied=_occupied(account, as_of),
        sectors=tuple((span, word(SECTOR_NAMES, span.sector)) for span in reversed(spans)),
        papers=_papers(papers, as_of),
        points=_placed(premises.service_points(unit_ids=[unit_id]).get(unit_id, [])),
        shared=_shared(unit_id, language),
        kin=_kin(view, language),
        account=account,
        beside=tuple(_rows(beside[:BESIDE_MAX], language, as_of)),
        as_of=as_of,
    )


def sector_for(of: Sheet) -> Sector:
    """The sector that a form offers first: the unit's own on the day."""
    span = of.sector
    return span.sector if span else Sector.OTHER


def word(names: Mapping[Word, tuple[str, str]], of: Word) -> str:
    """A word in the language of the page."""
    arabic, english = names[of]
    return formats.by_language(ar=arabic, en=english)


def state_pill(state: UnitState) -> Pill:
    tone = Tone.GOOD if state is UnitState.STANDING else Tone.NEUTRAL
    return Pill(word(STATE_NAMES, state), tone)


def _rows(views: Sequence[UnitView], language: str, as_of: date) -> list[Row]:
    spans = premises.sectors(unit_ids=[view.id for view in views])
    return [
        Row(
            view,
            rules.address_text(view.parts, language),
            word(KIND_NAMES, view.kind),
            _sector(spans.get(view.id, []), as_of),
            state_pill(view.state),
        )
        for view in views
    ]


def _sector(spans: Sequence[SectorSpan], as_of: date) -> str:
    span = rules.span_on(spans, as_of) or (spans[-1] if spans else None)
    return word(SECTOR_NAMES, span.sector) if span else ""


def _occupied(account: AccountRef | None, as_of: date) -> Pill:
    """Whether somebody is liable there, and if nobody is, why; the person is not named."""
    if account is None:
        return Pill(_("No account"), Tone.NEUTRAL)
    span = supply.liability_on(account_id=account.id, day=as_of)
    if span is not None and span.vacancy is not None:
        return Pill(
            _("Vacant: %(reason)s") % {"reason": word(VACANCY_NAMES, span.vacancy)}, Tone.WARNING
        )
    return Pill(_("Occupied"), Tone.INFO)


def _papers(papers: Sequence[CertificateView], as_of: date) -> tuple[Paper, ...]:
    kinds = rules.certificate_kinds()
    return tuple(
        Paper(one, kinds[one.kind], _paper_state(one, as_of), _open(one, as_of))
        for one in reversed(papers)
    )


def _open(paper: CertificateView, as_of: date) -> bool:
    """It can still be withdrawn."""
    return not paper.withdrawn and (paper.valid_until is None or paper.valid_until > as_of)


def _paper_state(paper: CertificateView, as_of: date) -> Pill:
    if paper.withdrawn and as_of not in paper:
        return Pill(_("Withdrawn"), Tone.BAD)
    if as_of in paper:
        ends = paper.valid_until
        soon = ends is not None and (ends - as_of).days <= rules.certificate_warn_days()
        return Pill(_("Ends soon"), Tone.WARNING) if soon else Pill(_("Valid"), Tone.GOOD)
    begins = paper.valid_from > as_of
    return Pill(_("Not yet valid"), Tone.NEUTRAL) if begins else Pill(_("Expired"), Tone.BAD)


def _placed(points: Sequence[ServicePointView]) -> tuple[Placed, ...]:
    hung = meters.installations_at(service_point_ids=[point.id for point in points])
    return tuple(
        Placed(
            point,
            word(SERVICE_NAMES, point.service),
            tuple(
                one
                for one in reversed(hung.get(point.id, []))
                if _while_here(point, one.installed_on, one.removed_on)
            ),
        )
        for point in points
    )


def _while_here(point: ServicePointView, start: date, end: date | None) -> bool:
    """Something from a day to a day touches the days of the point at its unit."""
    before_end = point.until_day is None or start < point.until_day
    return before_end and (end is None or point.from_day is None or end > point.from_day)


def _shared(unit_id: UUID, language: str) -> tuple[Shared, ...]:
    """The units behind this one's meters, and those whose meters it is behind."""
    ours = premises.fed_units(supplier_ids=[unit_id]).get(unit_id, [])
    theirs = premises.suppliers_of(unit_id=unit_id)
    pairs = [(one, one.unit_id) for one in ours] + [(one, one.supplier_id) for one in theirs]
    places = premises.addresses(unit_ids={other for _, other in pairs}, language=language)
    return tuple(
        Shared(one, other, places[other], word(SERVICE_NAMES, one.service), one.unit_id == other)
        for one, other in pairs
    )


def _kin(view: UnitView, language: str) -> tuple[Kin, ...]:
    """The units that it came from or that came from it at once; theirs are on their own pages."""
    steps = [s for s in premises.lineage(unit_id=view.id) if view.id in (s.from_unit, s.to_unit)]
    others = premises.units(unit_ids={unit for s in steps for unit in (s.from_unit, s.to_unit)})
    found = []
    for step in steps:
        before = step.to_unit == view.id
        other = others[step.from_unit if before else step.to_unit]
        address = rules.address_text(other.parts, language)
        found.append(Kin(step, other, address, before))
    return tuple(found)


def visit_reason(one: Booking) -> str:
    """Why somebody visits, in the language of the page."""
    known = appointments.policy().reasons[one.reason]
    return formats.by_language(ar=known.name_ar, en=known.name_en)


def visit_half(one: Booking) -> str:
    """In which half of the day."""
    known = appointments.policy().halves[one.half]
    return formats.by_language(ar=known.name_ar, en=known.name_en)


def visit_pill(one: Booking) -> Pill:
    """What became of a visit."""
    words = {
        BookingState.BOOKED: (_("Booked"), Tone.INFO),
        BookingState.CANCELLED: (_("Cancelled"), Tone.NEUTRAL),
        BookingState.KEPT: (pgettext("a visit", "Done"), Tone.GOOD),
        BookingState.MISSED: (_("Nobody opened"), Tone.BAD),
    }
    return Pill(*words[one.state])

"""At the door: two forms of one stop, what was said in one of them, and where to go next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _

from tahseel.channels.pages.middleware import PERMISSIONS as NOTHING
from tahseel.channels.rounds import reading, wording
from tahseel.channels.rounds.forms import NoAccessForm, ReadForm, SaidForm
from tahseel.channels.rounds.values import Door
from tahseel.consumption.field import operations, queries, rules
from tahseel.consumption.field.operations.visiting import OutOfRange
from tahseel.consumption.field.rules.pictures import PHOTO_BYTES_MAX
from tahseel.consumption.field.values import Found, RoundState, RoundView, Stop, StopState
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.trust.access.guards import GuardedRequest

PERMISSIONS = NOTHING.replace("geolocation=()", "geolocation=(self)")
READ, NONE = "read", "none"


@dataclass(frozen=True, slots=True)
class Answer:
    """The page of a stop that is shown, again or for the first time."""

    read: ReadForm
    none: NoAccessForm
    sent: str = ""
    refused: Refusal | None = None
    asks: bool = False
    status: int = HTTPStatus.OK

    @property
    def text(self) -> str:
        """The refusal in the language of the page."""
        return self.refused.in_language(reading.language()) if self.refused else ""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said and is on record."""

    serial: str
    state: StopState


def fresh(door: Door, *, at: datetime) -> Answer:
    """Both forms, empty. One id for both: a stop is visited once at a time."""
    return Answer(*_forms(door, {"visit": new_id(at)}))


def said(request: GuardedRequest, walked: RoundView, stop: Stop, door: Door) -> Answer | Said:
    """Take what was sent; the page again where it is refused or asked about once more."""
    what = NONE if request.POST.get("what") == NONE else READ
    form = _bound(request, door, what)
    if not form.is_valid():
        return _again(door, form, request.at, HTTPStatus.UNPROCESSABLE_ENTITY)
    kept = form.cleaned_data["kept"]
    try:
        if form.cleaned_data["photo"]:
            kept = operations.keep_photo(
                actor=request.actor,
                at=request.at,
                round_id=walked.id,
                body=form.cleaned_data["photo"].read(PHOTO_BYTES_MAX + 1),
            )
        state = operations.record_visit(
            actor=request.actor,
            at=request.at,
            visit_id=form.visit_id(),
            round_id=walked.id,
            sequence=stop.sequence,
            found=_found(request, form, kept),
        )
    except OutOfRange as asked:
        return _asked(request, door, form, kept, asked)
    except Refusal as refusal:
        return _again(door, form, request.at, refusal.http_status, refusal)
    return Said(stop.serial, state)


def _found(request: GuardedRequest, form: SaidForm, photo: str) -> Found:
    told = form.cleaned_data
    return Found(
        at=request.at.replace(microsecond=0),
        dials=told.get("dials", {}),
        no_access=told.get("no_access", ""),
        note=told["note"],
        spot=form.spot(),
        photo=photo,
        confirmed=told.get("confirmed", False),
        seal=told["seal"],
        clock_s=form.clock_ahead(request.at) if isinstance(form, ReadForm) else None,
    )


def _forms(door: Door, initial: dict[str, Any]) -> tuple[ReadForm, NoAccessForm]:
    return (
        ReadForm(initial=initial, prefix=READ, dials=door.dials, again=False),
        NoAccessForm(initial=initial, prefix=NONE),
    )


def _bound(request: GuardedRequest, door: Door, what: str) -> ReadForm | NoAccessForm:
    if what == NONE:
        return NoAccessForm(request.POST, request.FILES, prefix=NONE)
    again = bool(request.POST.get(f"{READ}-asked"))
    return ReadForm(request.POST, request.FILES, prefix=READ, dials=door.dials, again=again)


def _asked(
    request: GuardedRequest, door: Door, form: SaidForm, kept: str, asked: OutOfRange
) -> Answer:
    """The same form, with the photograph that came and the question whether the value is so."""
    told = request.POST.copy()
    told[f"{READ}-asked"] = rules.signature(form.cleaned_data["dials"])
    told[f"{READ}-kept"] = kept
    told.pop(f"{READ}-confirmed", None)
    again = ReadForm(told, prefix=READ, dials=door.dials, again=True)
    answer = _again(door, again, request.at, asked.http_status, asked)
    return Answer(again, answer.none, READ, asked, asks=True)


def _again(
    door: Door,
    form: SaidForm,
    at: datetime,
    status: int,
    refused: Refusal | None = None,
) -> Answer:
    what = str(form.prefix)
    read, none = _forms(door, {"visit": form.data.get(f"{what}-visit") or new_id(at)})
    if isinstance(form, ReadForm):
        read = form
    elif isinstance(form, NoAccessForm):
        none = form
    return Answer(read, none, what, refused, status=status)


def following(stops: Sequence[Stop], sequence: int) -> int | None:
    """The next meter to be read behind this one, else the first that is left, else none."""
    left = [one.sequence for one in stops if one.state is StopState.LEFT]
    return next((n for n in left if n > sequence), left[0] if left else None)


def filters(area: str, state: str) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Name, label and choices of each filter, with the chosen one."""
    routed = queries.areas_routed()
    names = reading.area_names().items()
    areas = sorted((pair for pair in names if pair[0] in routed), key=lambda pair: pair[1])
    states = [(str(one), str(wording.round_pill(one).text)) for one in RoundState]
    return [
        ("area", _("Area"), [("", _("All"), not area), *((c, n, c == area) for c, n in areas)]),
        (
            "state",
            _("State"),
            [("", _("All"), not state), *((c, n, c == state) for c, n in states)],
        ),
    ]

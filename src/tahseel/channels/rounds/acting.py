"""What may be done with a round: its form, who may, when, and the operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tahseel.channels.rounds import reading
from tahseel.channels.rounds.forms import (
    BackForm,
    CloseForm,
    DeviceForm,
    ReaderForm,
    ResultsForm,
)
from tahseel.consumption.field import operations
from tahseel.consumption.field.operations import SUPERVISORS, WALKERS
from tahseel.consumption.field.rules import FILE_BYTES_MAX
from tahseel.consumption.field.values import RoundState, RoundView
from tahseel.kernel.actor import Actor

PLANNED, OUT, BACK = RoundState.PLANNED, RoundState.OUT, RoundState.BACK


@dataclass(frozen=True, slots=True)
class Act:
    """One act on the page of a round. states: when it may be done."""

    code: str
    label: Any
    hint: Any
    said: Any
    roles: tuple[str, ...]
    states: tuple[RoundState, ...]
    icon: str


ACTS: Mapping[str, Act] = {
    act.code: act
    for act in (
        Act(
            "out", _("Send out"), _("The work can be taken along from now on."),
            _("The round is under way."), WALKERS, (PLANNED, BACK), "arrow-right",
        ),
        Act(
            "results", _("Take results in"),
            _("A file is taken once. A broken one is refused whole, and every fault is shown."),
            _("The file is on record; what came of it stands below."), WALKERS, (OUT, BACK),
            "inbox",
        ),
        Act(
            "back", _("The reader is back"), _("Nothing more is read on this round for now."),
            _("The round is back."), WALKERS, (OUT,), "check",
        ),
        Act(
            "reader", _("Name the reader"), _("Who walks this round."),
            _("The reader is named."), SUPERVISORS, (PLANNED, BACK), "user",
        ),
        Act(
            "close", _("Close the round"), _("Nothing is read on it any more."),
            _("The round is closed."), SUPERVISORS, (PLANNED, BACK), "lock",
        ),
    )
}  # fmt: skip


def form_of(act: Act, found: RoundView, data: Any = None, files: Any = None) -> forms.Form:
    """The act's form, bound to what was sent."""
    if act.code == "reader":
        initial = {"reader": found.reader}
        return ReaderForm(data, prefix=act.code, readers=reading.readers(), initial=initial)
    if act.code == "results":
        return ResultsForm(data, files, prefix=act.code)
    if act.code == "out":
        return DeviceForm(data, prefix=act.code, initial={"device": found.device or "phone"})
    return (CloseForm if act.code == "close" else BackForm)(data, prefix=act.code)


def do(act: Act, *, actor: Actor, at: datetime, found: RoundView, form: forms.Form) -> None:
    """Call the one operation of an act. Raises what it raises."""
    told = form.cleaned_data
    by: dict[str, Any] = {"actor": actor, "at": at, "round_id": found.id}
    if act.code == "out":
        operations.send_out(**by, device=told["device"])
    elif act.code == "results":
        given = told["results"]
        body = given.read(FILE_BYTES_MAX + 1)
        operations.take_results(**by, body=body, name=given.name)
    elif act.code == "reader":
        operations.name_reader(**by, reader=told["reader"])
    elif act.code == "close":
        operations.close_round(**by, reason=told["reason"])
    else:
        operations.bring_back(**by)

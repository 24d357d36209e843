"""A price of days that are determined or billed: its bills are shown, and a second person asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tahseel.channels.approving import queries as approving
from tahseel.channels.approving.values import Touched
from tahseel.kernel.ids import new_id
from tahseel.registry.premises import operations
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.values import PriceChange, Reshaping, UnitState
from tahseel.trust.access.guards import GuardedRequest


def asked_or_shown(
    request: GuardedRequest,
    form: forms.Form,
    change: PriceChange,
    *,
    field: str,
    propose: Callable[[UUID, str], UUID],
) -> HttpResponse | Touched | None:
    """None where one person may do it. Else the request to a second person, once `field` says why;
    without it the form has an error, and the bills that the change touches are returned.
    """
    if not premises.needs_second_person(change=change, at=request.at):
        return None
    why = str(form.cleaned_data[field]).strip()
    if not why:
        form.add_error(
            field,
            _("These days are determined or billed. Say why it is recorded so late: a second"
              " person decides."),
        )  # fmt: skip
        return approving.touched_by(change)
    approval_id = propose(form.cleaned_data.get("intent") or new_id(request.at), why)
    messages.success(request, _("A second person is asked. Nothing is changed until then."))
    return redirect("approving:approval", approval_id)


def reshaped(
    request: GuardedRequest, form: forms.Form, act: Reshaping, key: UUID
) -> HttpResponse | Touched | None:
    """Split, merge or demolish, or ask a second person; see `asked_or_shown`. Raises Refusal."""
    asked = asked_or_shown(
        request,
        form,
        act.change,
        field="why",
        propose=lambda _approval, why: operations.propose_reshaping(
            actor=request.actor, at=request.at, approval_id=key, act=act, reason=why
        ),
    )
    if asked is not None:
        return asked
    by: dict[str, Any] = {
        "actor": request.actor,
        "at": request.at,
        "id": act.id,
        "on_day": act.on_day,
        "reference": act.reference,
    }
    if act.state is UnitState.SPLIT:
        operations.split_unit(**by, unit_id=act.unit_ids[0], into=act.into, points=act.points)
    elif act.state is UnitState.MERGED:
        (whole,) = act.into
        operations.merge_units(**by, unit_ids=act.unit_ids, into=whole, points=act.points)
    else:
        operations.demolish_units(**by, unit_ids=act.unit_ids)
    return None

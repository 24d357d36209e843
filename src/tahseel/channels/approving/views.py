"""The work-list of whoever asks and whoever decides."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tahseel.channels.approving import queries
from tahseel.channels.approving.forms import RejectForm
from tahseel.channels.approving.values import Row
from tahseel.channels.pages.values import Crumb, Pill
from tahseel.kernel.errors import NotAllowed, NotFound, Refusal
from tahseel.trust.access.guards import GuardedRequest, deny, requires
from tahseel.trust.approvals import operations as approvals

ROLES = ("clerk", "office_head", "revenue_manager", "take_on_officer", "auditor")
TONES = {"pending": "warning", "approved": "good", "rejected": "bad"}


def state_pill(state: str) -> Pill:
    """A state in the language of the page."""
    words = {
        "pending": _("Waiting"),
        "approved": _("Approved"),
        "rejected": _("Rejected"),
        "withdrawn": _("Taken back"),
        "expired": _("Lapsed"),
    }
    return Pill(words[state], TONES.get(state, "neutral"))


@requires(*ROLES)
@never_cache
@require_GET
def worklist(request: GuardedRequest) -> HttpResponse:
    """What waits for the visitor, what waits for others, and the last answers."""
    found = queries.worklist(actor=request.actor, at=request.at)
    decided = [(row, state_pill(row.state)) for row in found.decided]
    return render(request, "approving/worklist.html", {"list": found, "decided": decided})


@requires(*ROLES)
@never_cache
@require_GET
def approval(request: GuardedRequest, approval_id: UUID) -> HttpResponse:
    """One request: what it would do, who asked and why, and the two answers."""
    return _page(request, _seen(request, approval_id))


@requires(*ROLES)
@never_cache
@require_POST
def approve(request: GuardedRequest, approval_id: UUID) -> HttpResponse:
    """Agree: what was asked for happens now."""
    return _answered(
        request,
        approval_id,
        lambda: approvals.approve(actor=request.actor, at=request.at, approval_id=approval_id),
        _("Approved, and done."),
    )


@requires(*ROLES)
@never_cache
@require_POST
def reject(request: GuardedRequest, approval_id: UUID) -> HttpResponse:
    """Say no, with the reason."""
    form = RejectForm(request.POST)
    if not form.is_valid():
        row = _seen(request, approval_id)
        return _page(request, row, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    reason = form.cleaned_data["reason"]
    return _answered(
        request,
        approval_id,
        lambda: approvals.reject(
            actor=request.actor, at=request.at, approval_id=approval_id, reason=reason
        ),
        _("Rejected. Nothing was changed."),
    )


@requires(*ROLES)
@never_cache
@require_POST
def withdraw(request: GuardedRequest, approval_id: UUID) -> HttpResponse:
    """Take one's own request back."""
    return _answered(
        request,
        approval_id,
        lambda: approvals.withdraw(actor=request.actor, at=request.at, approval_id=approval_id),
        _("Taken back. Nothing was changed."),
    )


def _answered(
    request: GuardedRequest, approval_id: UUID, answer: Callable[[], object], said: str
) -> HttpResponse:
    try:
        answer()
    except Refusal as refusal:
        row = _seen(request, approval_id)
        return _page(request, row, refused=refusal, status=refusal.http_status)
    messages.success(request, said)
    return redirect("approving:worklist")


def _seen(request: GuardedRequest, approval_id: UUID) -> Row:
    """The request, for whoever may see it; the attempt of anybody else is recorded."""
    try:
        return queries.one(actor=request.actor, at=request.at, approval_id=approval_id)
    except NotFound as missing:
        raise Http404 from missing
    except NotAllowed:
        return deny(request)


def _page(
    request: GuardedRequest,
    row: Row,
    *,
    form: RejectForm | None = None,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "row": row,
        "seal": row.view.payload_hash.hex(),
        "pill": state_pill(row.state),
        "touched": queries.touched(row.view),
        "form": form or RejectForm(),
        "refused": refused,
        "crumbs": [Crumb(_("Approvals"), "/approvals/"), Crumb(_("Request"))],
    }
    return render(request, "approving/approval.html", context, status=status)

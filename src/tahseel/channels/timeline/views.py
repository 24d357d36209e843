"""Pages on which a story is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tahseel.channels.pages.values import Crumb
from tahseel.channels.timeline import queries, rules, telling
from tahseel.channels.timeline.forms import WantedForm
from tahseel.channels.timeline.rules import purpose_of
from tahseel.channels.timeline.values import ROLES, Kind, Story, Told
from tahseel.kernel.errors import NotFound
from tahseel.trust.access import queries as access
from tahseel.trust.access.guards import GuardedRequest, requires
from tahseel.trust.audit.values import Outcome

READERS_ROLES = ("auditor",)
ICONS = {
    "customers": "user", "premises": "map-pin", "meters": "gauge", "supply": "users",
    "readings": "gauge", "ledger": "file-text", "claims": "receipt-text", "payments": "hand-coins",
    "deposits": "wallet",
    "billing": "receipt-text", "collections": "bell", "notices": "bell", "clearance": "ban",
    "government": "building-2",
    "log": "shield-check",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One step as the page shows it. leaf: None without one; sealed: it is under a root."""

    text: SafeString
    icon: str
    at: datetime | None
    day: date
    who: str
    who_url: str
    url: str
    leaf: str
    place: int | None
    refused: bool


@requires(*ROLES)
@never_cache
@require_GET
def story(request: GuardedRequest, kind: Kind, id: UUID) -> HttpResponse:  # noqa: A002
    """The story, newest first, by what, by whom and up to when; each step with its actor."""
    form = WantedForm(request.GET)
    if not form.is_valid():
        return render(
            request, "timeline/story.html", {"form": form}, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    try:
        found = queries.story(
            actor=request.actor,
            at=request.at,
            purpose=purpose_of(request.actor),
            kind=kind,
            id=id,
            wanted=form.wanted(),
        )
    except NotFound as missing:
        raise Http404 from missing
    return render(request, "timeline/story.html", _shown(request, form, found))


def _shown(request: GuardedRequest, form: WantedForm, found: Story) -> dict[str, object]:
    kept = {name: request.GET[name] for name in ("what", "until", "who") if request.GET.get(name)}
    who = form.cleaned_data["who"]
    further = {**kept, "before": rules.mark_text(found.further)} if found.further else None
    return {
        "form": form,
        "story": found,
        "kind": kind_name(found.subject.kind),
        "lines": [_line(told, found, kept) for told in found.told],
        "who": _who_named(who, found),
        "anybody": f"?{urlencode({k: v for k, v in kept.items() if k != 'who'})}",
        "further": f"?{urlencode(further)}" if further else "",
        "may_see_readers": request.actor.has(*READERS_ROLES),
        "crumbs": [Crumb(_("Find an account"), "/desk/"), Crumb(_("Timeline"))],
    }


def kind_name(kind: Kind) -> str:
    """The kind of thing in the language of the page."""
    return {
        Kind.CUSTOMER: _("Customer"),
        Kind.UNIT: _("Unit"),
        Kind.METER: _("Meter"),
        Kind.ACCOUNT: _("Account"),
    }[kind]


def _who_named(who: str, found: Story) -> str:
    by_id = {told.actor_id: told for told in found.told}
    return telling.actor(by_id[who], found.names) if who in by_id else who


def _line(told: Told, found: Story, kept: dict[str, str]) -> Line:
    step, entry = told.step, told.entry
    own = (step.subject.kind, step.subject.id) == (found.subject.kind, found.subject.id)
    return Line(
        text=telling.sentence(step, found.names),
        icon=ICONS.get(told.family, "file-text"),
        at=telling.when(told),
        day=step.day,
        who=telling.actor(told, found.names),
        who_url=f"?{urlencode({**kept, 'who': told.actor_id})}" if told.actor_id else "",
        url="" if own else telling.address(step.subject, step.facts),
        leaf=str(entry.id) if entry else "",
        place=entry.index if entry else None,
        refused=entry is not None and entry.outcome is not Outcome.DONE,
    )


@requires(*READERS_ROLES)
@never_cache
@require_GET
def readers(request: GuardedRequest, kind: Kind, id: UUID) -> HttpResponse:  # noqa: A002
    """Who read of the thing, when and why."""
    found = queries.readers(actor=request.actor, at=request.at, kind=kind, id=id)
    labels = access.labels_of({entry.actor.id for entry in found})
    rows = [(entry, labels.get(entry.actor.id), purpose_name(entry.purpose)) for entry in found]
    context = {
        "rows": rows,
        "kind": kind_name(kind),
        "crumbs": [
            Crumb(_("Timeline"), request.path.removesuffix("readers/")),
            Crumb(_("Who looked")),
        ],
    }
    return render(request, "timeline/readers.html", context)


def purpose_name(purpose: str | None) -> str:
    """A purpose in the language of the page."""
    words = {
        "own_account": _("own account"),
        "customer_service": _("customer service"),
        "billing": _("billing"),
        "collection": _("collection"),
        "clearance_check": _("clearance check"),
        "payment": _("payment"),
        "audit": _("audit"),
        "investigation": _("investigation"),
    }
    return words.get(purpose or "", purpose or "—")

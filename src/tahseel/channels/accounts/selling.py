"""The page of sales: what became of each outlet in a month, and what they delivered."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tahseel.channels.accounts.acts import ACTING_ROLES
from tahseel.channels.accounts.forms.selling import DeliveryForm, FileForm
from tahseel.channels.accounts.values import SoldRow
from tahseel.channels.accounts.worklists import READING_ROLES, ROWS_MAX
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Crumb, Pill
from tahseel.charging.sales import operations as sales
from tahseel.charging.sales import queries, rules
from tahseel.charging.sales.values import SoldPoint, TakenFile
from tahseel.kernel.errors import Refusal
from tahseel.kernel.period import BillingMonth, local_day
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, deny, requires


@requires(*READING_ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def sales_page(request: GuardedRequest) -> HttpResponse:
    """The month's outlets; a delivery typed, or a file of them taken."""
    typed, upload = DeliveryForm(outlets=_delivering()), FileForm()
    refused: Refusal | None = None
    taken: TakenFile | None = None
    if request.method == "POST":
        if not request.actor.has(*ACTING_ROLES):
            deny(request, needs=frozenset(ACTING_ROLES))
        if "file" not in request.FILES:
            typed = DeliveryForm(request.POST, outlets=_delivering())
        else:
            upload = FileForm(request.POST, request.FILES)
        try:
            taken = _file(request, upload) if upload.is_bound else None
            if typed.is_bound and _delivered(request, typed):
                return redirect("accounts:sales")
        except Refusal as refusal:
            refused = refusal
    context = _context(request) | {
        "typed": typed,
        "upload": upload,
        "refused": refused,
        "taken": taken,
        "parked": _parked(taken),
    }
    return render(request, "accounts/sales.html", context, status=_status(typed, refused))


def _status(form: Form, refused: Refusal | None) -> int:
    if refused:
        return refused.http_status
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _delivered(request: GuardedRequest, form: DeliveryForm) -> bool:
    if not form.is_valid():
        return False
    sales.deliver(actor=request.actor, at=request.at, **form.cleaned_data)
    messages.success(request, _("The delivery is taken."))
    return True


def _file(request: GuardedRequest, form: FileForm) -> TakenFile | None:
    if not form.is_valid():
        return None
    file = form.cleaned_data["file"]
    content = file.read(rules.FILE_BYTES_MAX + 1)
    return sales.take_file(actor=request.actor, at=request.at, name=file.name, content=content)


def _parked(taken: TakenFile | None) -> list[tuple[int, str, str]]:
    return [
        (
            one.line,
            one.raw,
            formats.by_language(ar=one.refusal.in_language("ar"), en=one.refusal.in_language("en")),
        )
        for one in (taken.parked[:ROWS_MAX] if taken else ())
    ]


def _delivering() -> list[tuple[str, str]]:
    return [
        (one.code, f"{one.code} · {kind_name(one.kind)}")
        for one in queries.outlets()
        if not one.count
    ]


def _context(request: GuardedRequest) -> dict[str, object]:
    try:
        month = BillingMonth.parse(request.GET.get("month", ""))
    except ValueError:
        month = BillingMonth.of(local_day(request.at)).previous()
    points = queries.proven(month=month)[:ROWS_MAX]
    refs = supply.accounts(account_ids={one.outlet.account_id for one in points})
    found = queries.sales(month=month)
    return {
        "month": month,
        "rows": [_row(one, refs[one.outlet.account_id].number) for one in points],
        "sales": [(one, refs[one.account_id].number) for one in found if one.account_id in refs],
        "may_act": request.actor.has(*ACTING_ROLES),
        "crumbs": [Crumb(_("Find an account"), reverse("desk:find")), Crumb(_("Sales"))],
    }


def _row(one: SoldPoint, number: str) -> SoldRow:
    states = {
        "billed": Pill(_("Sale billed"), "good"),
        "parked": Pill(_("Waits for a delivery"), "warning"),
        "excused": Pill(_("Nobody liable")),
        "left": Pill(_("Not billed yet"), "bad"),
    }
    return SoldRow(one.outlet, number, kind_name(one.outlet.kind), states[one.state])


def kind_name(kind: str) -> str:
    """The kind in the language of the page."""
    known = rules.policy().kinds.get(kind)
    return formats.by_language(ar=known.name_ar, en=known.name_en) if known else kind

"""Price books: which is in force, what one would have brought, and asking for it."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tahseel.channels.accounts import naming
from tahseel.channels.accounts.forms.pricebooks import AskBookForm, TryBookForm
from tahseel.channels.accounts.previewing import ASKING_ROLES
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Crumb, Pill
from tahseel.channels.places.values import SECTOR_NAMES
from tahseel.charging.billing import operations, rules
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import TriedBook
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.registry.premises import queries as premises
from tahseel.registry.premises.values import Sector
from tahseel.trust.access import queries as access
from tahseel.trust.access.guards import GuardedRequest, requires

ROLES = ("office_head", "revenue_manager", "auditor")


class EffectRow(NamedTuple):
    """What a book does to the accounts of a sector in a governorate."""

    governorate: str
    sector: str
    accounts: int
    before: Money
    after: Money
    difference: Money
    more: int
    less: int


@requires(*ROLES)
@never_cache
@require_http_methods(["GET", "POST"])
def price_books(request: GuardedRequest) -> HttpResponse:
    """The book in force, those that were tried, and the form that tries one."""
    if request.method != "POST":
        return _list(request, TryBookForm(initial={"book_id": new_id(request.at)}))
    form = TryBookForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        tried = operations.try_book(
            actor=request.actor,
            at=request.at,
            book_id=form.cleaned_data["book_id"],
            content=form.cleaned_data["content"].read(),
            months=form.months(),
        )
    except Refusal as refusal:
        return _list(request, form, refused=refusal, status=refusal.http_status)
    return redirect("accounts:price_book", book_id=tried.id)


def _list(
    request: GuardedRequest,
    form: TryBookForm,
    *,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context = {
        "force": rules.policy().book,
        "tried": [(one, _pill(one)) for one in billing.tried_books()],
        "form": form if request.actor.has(*ASKING_ROLES) else None,
        "refused": refused,
        "crumbs": [*_crumbs(), Crumb(_("Price books"))],
    }
    return render(request, "accounts/price_books.html", context, status=status)


@requires(*ROLES)
@never_cache
@require_GET
def price_book(request: GuardedRequest, book_id: UUID) -> HttpResponse:
    """What a book would have brought, and who would have paid more."""
    return _page(request, _found(book_id))


@requires(*ASKING_ROLES)
@never_cache
@require_POST
def ask(request: GuardedRequest, book_id: UUID) -> HttpResponse:
    """Ask that it be agreed to."""
    tried, form = _found(book_id), AskBookForm(request.POST)
    if not form.is_valid():
        return _page(request, tried, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        approval_id = operations.propose_book(
            actor=request.actor,
            at=request.at,
            approval_id=form.cleaned_data["approval_id"],
            book_id=book_id,
            reason=form.cleaned_data["reason"],
        )
    except Refusal as refusal:
        return _page(request, tried, form=form, refused=refusal, status=refusal.http_status)
    messages.success(request, _("Asked for. A second person decides."))
    return redirect("approving:approval", approval_id=approval_id)


def _found(book_id: UUID) -> TriedBook:
    found = billing.tried_book(book_id=book_id)
    if found is None:
        raise Http404
    return found


def _pill(tried: TriedBook) -> Pill:
    return Pill(_("Agreed to"), "good") if tried.agreed_at else Pill(_("Tried"), "info")


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("Find an account"), reverse("desk:find")),
        Crumb(_("Bill runs"), reverse("accounts:bill_runs")),
    ]


def _rows(tried: TriedBook) -> list[EffectRow]:
    places = {
        one.code: formats.by_language(ar=one.name_ar, en=one.name_en)
        for one in premises.governorates()
    }

    def sector(code: str) -> str:
        ar, en = SECTOR_NAMES[Sector(code)]
        return formats.by_language(ar=ar, en=en)

    rows = [
        EffectRow(
            places.get(one["governorate"], one["governorate"]),
            sector(one["sector"]),
            one["accounts"],
            Money(one["before_fils"]),
            Money(one["after_fils"]),
            Money(one["difference_fils"]),
            one["pay_more"],
            one["pay_less"],
        )
        for one in tried.report["effects"]
    ]
    return sorted(rows, key=lambda row: (-abs(row.difference.fils), row.governorate, row.sector))


def _page(
    request: GuardedRequest,
    tried: TriedBook,
    *,
    form: AskBookForm | None = None,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    total = tried.report["total"]
    may_ask = tried.agreed_at is None and request.actor.has(*ASKING_ROLES)
    names = access.labels_of({tried.tried_by, tried.agreed_by})
    people = {who: formats.by_language(ar=ar, en=en) for who, (ar, en) in names.items()}
    context = {
        "tried": tried,
        "pill": _pill(tried),
        "before": Money(total["before_fils"]),
        "after": Money(total["after_fils"]),
        "difference": Money(total["difference_fils"]),
        "total": total,
        "rows": _rows(tried),
        "unpriced": [
            (one["book"], naming.point_reason(one["reason"]), one["usages"])
            for one in tried.report["unpriced"]
        ],
        "tried_by": people.get(tried.tried_by, tried.tried_by),
        "agreed_by": people.get(tried.agreed_by, tried.agreed_by),
        "form": (form or AskBookForm(initial={"approval_id": new_id(request.at)}))
        if may_ask
        else None,
        "refused": refused,
        "crumbs": [
            *_crumbs(),
            Crumb(_("Price books"), reverse("accounts:price_books")),
            Crumb(f"{tried.code} {tried.version}"),
        ],
    }
    return render(request, "accounts/price_book.html", context, status=status)

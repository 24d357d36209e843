"""A bill run tried out: what it would issue, hold back and park, by name; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tahseel.channels.accounts import naming
from tahseel.channels.accounts.forms.running import AskForm, Choices, PreviewForm
from tahseel.channels.accounts.worklists import ROWS_MAX
from tahseel.channels.pages.values import Crumb
from tahseel.charging.billing import operations
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.operations import AT_ONCE
from tahseel.charging.billing.values import Check, RunReport
from tahseel.consumption.field import rules as field
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money
from tahseel.kernel.period import local_day
from tahseel.registry.premises import queries as premises
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.guards import GuardedRequest, requires

TRYING_ROLES = ("office_head", "revenue_manager", "auditor")
ASKING_ROLES = ("revenue_manager",)
ACCOUNTS_MAX = 20_000


class TooMany(Refusal):
    """More accounts than a page waits for."""

    code = "run_preview_too_large"
    text_ar = "عدد الحسابات {accounts} أكبر مما تعرضه صفحة ({most})؛ اختر محافظة أو دورة قراءة"
    text_en = (
        "{accounts} accounts are more than a page tries ({most}); choose a governorate or cycle"
    )


class Named(NamedTuple):
    """An account that would get no bill, why, and what is in question."""

    number: str
    held: bool
    why: str
    total: Money | None


class Tried(NamedTuple):
    """What a run would do."""

    report: RunReport
    rows: list[Named]

    @property
    def asks(self) -> bool:
        """There is something to ask for."""
        return bool(self.report.bills or self.report.held or self.report.parked)


@requires(*TRYING_ROLES)
@never_cache
@require_GET
def preview(request: GuardedRequest) -> HttpResponse:
    """The form; once a month is given, what its run would come to, and where it is asked for."""
    return page(request, PreviewForm(request.GET or None, **choices()))


def choices() -> dict[str, Choices]:
    """The governorates and the reading cycles, in the language of the page."""
    language = get_language() or "ar"
    return {
        "governorates": [(g.code, getattr(g, f"name_{language}")) for g in premises.governorates()],
        "cycles": [(c.code, getattr(c, f"name_{language}")) for c in field.policy().cycles],
    }


def page(
    request: GuardedRequest,
    form: PreviewForm,
    *,
    asking: AskForm | None = None,
    refused: Refusal | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The page of a run that is tried. asking: how it was asked for, where that was refused."""
    tried = None
    if form.is_valid():
        try:
            tried = _tried(request, form)
        except Refusal as refusal:
            refused = refusal
    if tried and asking is None and tried.asks and request.actor.has(*ASKING_ROLES):
        told = {name: form.data.get(name, "") for name in form.fields}
        told |= {"approval_id": new_id(request.at), "hour": AT_ONCE}
        asking = AskForm(initial=told, **choices())
    context = {
        "form": form,
        "tried": tried,
        "asking": asking if tried else None,
        "refused": refused,
        "crumbs": [
            Crumb(_("Find an account"), reverse("desk:find")),
            Crumb(_("Bill runs"), reverse("accounts:bill_runs")),
            Crumb(_("Try a run")),
        ],
    }
    return render(request, "accounts/preview.html", context, status=status)


def _tried(request: GuardedRequest, form: PreviewForm) -> Tried:
    ids = billing.chosen(**form.cleaned_data)
    count = len(supply.open_accounts(month=form.cleaned_data["month"], account_ids=ids))
    if count > ACCOUNTS_MAX:
        raise TooMany(accounts=count, most=ACCOUNTS_MAX)
    return _run(request, form, ids)


def _run(request: GuardedRequest, form: PreviewForm, ids: Sequence[UUID] | None) -> Tried:
    found: list[tuple[UUID, bool, str, Money | None]] = []
    actor: Actor = request.actor
    report = operations.run(
        actor=actor,
        at=request.at,
        month=form.cleaned_data["month"],
        issued_on=local_day(request.at),
        account_ids=ids,
        preview=True,
        named=lambda held, parked: found.extend([
            *((one.account_id, True, str(one.found[0].check), one.total) for one in held),
            *((one.account_id, False, one.refusal.code, None) for one in parked),
        ]),
    )  # fmt: skip
    shown = sorted(found, key=lambda one: (not one[1], -(one[3].fils if one[3] else 0)))[:ROWS_MAX]
    refs = supply.accounts(account_ids={one[0] for one in shown})
    return Tried(
        report,
        [Named(refs[who].number, held, _why(held, why), total) for who, held, why, total in shown],
    )


def _why(held: bool, why: str) -> str:
    return naming.check(Check(why)) if held else naming.point_reason(why)

"""The page that asks to move some of what came to a record while a merge held."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tahseel.channels.desk import came, people
from tahseel.channels.desk.people_forms import SortForm
from tahseel.channels.pages.values import Crumb
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import new_id
from tahseel.registry.customers import operations, queries
from tahseel.trust.access.guards import GuardedRequest, requires


@requires(*people.WRITERS)
@never_cache
@require_http_methods(["GET", "POST"])
def sort(request: GuardedRequest, merge_id: UUID) -> HttpResponse:
    """Ask that some of what came while a merge held be moved to the record that came back."""
    merge = queries.merge_by_id(merge_id=merge_id)
    if merge is None or merge.undone_at is None:
        raise Http404
    ids = [merge.merged_id, merge.into_id]
    both = queries.by_ids(**people.reading(request), customer_ids=ids)
    here = [one for one in came.told(queries.came_since(merge_id=merge_id)) if one.here]
    form = SortForm(request.POST or None, rows=[one.choice for one in here])
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            approval_id = operations.propose_move_since(
                actor=request.actor, at=request.at, approval_id=new_id(request.at),
                merge_id=merge_id, positions=[int(one) for one in form.cleaned_data["rows"]],
                reason=form.cleaned_data["reason"],
            )  # fmt: skip
            return redirect("approving:approval", approval_id)
        except Refusal as refusal:
            refused = refusal
    back = reverse("desk:merged", args=[merge_id])
    context = {
        "merge": merge,
        "back": both[merge.merged_id],
        "stays": both[merge.into_id],
        "form": form if here else None,
        "refused": refused,
        "crumbs": people.crumbs(
            people.crumb(both[merge.into_id]), Crumb(_("Merge"), back), Crumb(_("What came since"))
        ),
    }
    return render(request, "desk/came.html", context, status=people.status_of(form, refused))

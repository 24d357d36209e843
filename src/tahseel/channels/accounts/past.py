"""Acts on days that are billed: why is asked for, then a second person; nothing is done before."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tahseel.channels.accounts.forms import fields
from tahseel.charging.billing import operations as billing
from tahseel.kernel.ids import new_id
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import PastAct
from tahseel.trust.access.guards import GuardedRequest

BILLED = (supply.BilledNeedsSecondPerson, billing.MoveOutBilled)
"""What an act is refused with on billed days when one person tries it alone."""


def ask_why(form: forms.Form, request: GuardedRequest) -> None:
    """Two more fields, once it is known that the days are billed."""
    if "why" in form.fields:
        return
    form.fields["why"] = fields.text_field(
        _("Why it is recorded so late"),
        help_text=_("The days are billed: a second person decides, and their bills become work."),
    )
    form.fields["past_id"] = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id(request.at))


def asked_before(form: forms.Form, request: GuardedRequest) -> None:
    """The fields were shown, so what was typed into them belongs to the form."""
    if "past_id" in request.POST:
        ask_why(form, request)


def propose(form: forms.Form, request: GuardedRequest, act: PastAct) -> HttpResponse | None:
    """Ask a second person, once it is said why; None where the form asks for that first.

    Raises what the act itself raises.
    """
    why = str(form.cleaned_data.get("why") or "").strip()
    if not why:
        ask_why(form, request)
        typed = request.POST.copy()
        typed["past_id"] = str(new_id(request.at))
        form.data = typed
        return None
    approval_id = supply.propose_past(
        actor=request.actor,
        at=request.at,
        approval_id=form.cleaned_data["past_id"],
        act=act,
        reason=why,
    )
    messages.success(request, _("A second person is asked. Nothing is changed until then."))
    return redirect("approving:approval", approval_id)


def done_or_asked(
    request: GuardedRequest,
    form: forms.Form,
    act: Callable[[], str],
    *,
    number: str,
    late: Callable[[], PastAct] | None,
) -> HttpResponse:
    """Do it and go back to the account; where the days are billed, ask a second person.

    late: what he would agree to. Raises Refusal.
    """
    try:
        said = act()
    except BILLED:
        asked = propose(form, request, late()) if late else None
        if asked is None:
            raise
        return asked
    messages.success(request, said)
    return redirect("accounts:account", number=number)

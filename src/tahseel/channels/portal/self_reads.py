"""A customer reads an own meter: the dial, a photograph, and a second look where it is odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tahseel.channels.pages.values import Crumb
from tahseel.channels.portal import meters_read, views
from tahseel.channels.portal.meters_read import OwnMeter
from tahseel.consumption.field import operations, rules
from tahseel.consumption.field.operations.visiting import OutOfRange
from tahseel.consumption.field.rules.pictures import PHOTO_BYTES_MAX
from tahseel.consumption.field.values import SelfReadState
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import new_id
from tahseel.kernel.text import to_latin_digits
from tahseel.registry.supply.values import AccountRef
from tahseel.trust.access.guards import GuardedRequest, signed_in

DIAL = "dial_"
VALUE_MAX = 20


class SelfReadForm(forms.Form):
    """Every dial of a meter with a photograph. read: the page's; a second press is the same read.

    kept, asked: what an earlier press brought, and about which values it was asked again.
    """

    read = forms.UUIDField(widget=forms.HiddenInput)
    kept = forms.RegexField(r"[0-9a-f]{64}", required=False, widget=forms.HiddenInput)
    asked = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label=gettext_lazy("I looked again: the dial shows this"), required=False
    )
    photo = forms.FileField(
        label=gettext_lazy("Photograph of the dial"),
        help_text=gettext_lazy(
            "JPEG or PNG, up to 8 MB; the figures and the meter's number can be read"
        ),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png"}),
    )

    def __init__(self, *arguments: Any, meter: OwnMeter, again: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.registers = {f"{DIAL}{n}": dial.register for n, dial in enumerate(meter.dials)}
        for name, dial in zip(self.registers, meter.dials, strict=True):
            self.fields[name] = forms.CharField(
                label=_("What the dial shows, %(unit)s") % {"unit": meters_read.UNITS[dial.unit]},
                max_length=VALUE_MAX,
                widget=forms.TextInput(
                    attrs={"inputmode": "decimal", "autocomplete": "off", "dir": "ltr"}
                ),
            )
        self.fields["photo"].required = not again  # what was asked about came with one
        if not again:
            self.fields["confirmed"].widget = forms.HiddenInput()
        self.order_fields([*self.registers, "confirmed"])

    def clean(self) -> dict[str, Any]:
        """Dials in Latin digits; a photograph there must be; a confirmation is of these values."""
        told = super().clean() or self.cleaned_data
        told["dials"] = {
            register: to_latin_digits(str(told.get(name, ""))).strip()
            for name, register in self.registers.items()
        }
        if not told.get("photo") and not told.get("kept") and "kept" not in self.errors:
            self.add_error("photo", _("A photograph of the dial is needed."))
        same = told.get("asked") == rules.signature(told["dials"])
        told["confirmed"] = bool(told.get("confirmed")) and same
        return told


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a press of the button: the form again, or the state of the read."""

    form: SelfReadForm
    state: SelfReadState | None = None
    refused: Refusal | None = None
    asks: bool = False

    @property
    def status(self) -> int:
        """Of the page that is shown again; a question is no fault."""
        if self.refused is not None and not self.asks:
            return self.refused.http_status
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.form.errors else HTTPStatus.OK

    @property
    def text(self) -> str:
        """The question, in the language of the page."""
        return self.refused.in_language(get_language() or "ar") if self.refused else ""


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def meter(request: GuardedRequest, number: str, serial: str) -> HttpResponse:
    """The page for one own meter; somebody else's does not exist."""
    account, found = _own(request, number, serial)
    if request.method == "POST":
        sent = _sent(request, account, found)
        if sent.state is not None:
            messages.success(request, _said(sent.state))
            return redirect("portal:account", number)
    else:
        sent = Sent(SelfReadForm(meter=found, again=False, initial={"read": new_id(request.at)}))
    context = {
        "meter": found,
        "sent": sent,
        "number": number,
        "crumbs": [
            Crumb(_("Account"), reverse("portal:account", args=[number])),
            Crumb(found.serial),
        ],
    }
    return render(request, "portal/self_read.html", context, status=sent.status)


def _said(state: SelfReadState) -> str:
    if state is SelfReadState.TAKEN:
        return _("Thank you. Your read is taken.")
    return _("Thank you. A clerk looks at your read before it counts.")


def _own(request: GuardedRequest, number: str, serial: str) -> tuple[AccountRef, OwnMeter]:
    try:
        return meters_read.own_meter(
            actor=request.actor, at=request.at, number=number, serial=serial
        )
    except NotFound:
        views.hide(request, "account")


def _sent(request: GuardedRequest, account: AccountRef, found: OwnMeter) -> Sent:
    again = bool(request.POST.get("asked"))
    form = SelfReadForm(request.POST, request.FILES, meter=found, again=again)
    if not form.is_valid():
        return Sent(form)
    told = form.cleaned_data
    kept = told["kept"]
    by: dict[str, Any] = {"actor": request.actor, "at": request.at, "account_id": account.id}
    try:
        if told["photo"]:
            kept = operations.keep_own_photo(**by, body=told["photo"].read(PHOTO_BYTES_MAX + 1))
        state = operations.report_read(
            **by,
            read_id=told["read"],
            meter_id=found.id,
            dials=told["dials"],
            photo=kept,
            confirmed=told["confirmed"],
        )
    except OutOfRange as asked:
        return Sent(_asked(request.POST, found, told, kept), refused=asked, asks=True)
    except Refusal as refusal:
        return Sent(form, refused=refusal)
    return Sent(form, state)


def _asked(posted: Any, found: OwnMeter, told: Mapping[str, Any], kept: str) -> SelfReadForm:
    data = posted.copy()
    data["asked"], data["kept"] = rules.signature(told["dials"]), kept
    data.pop("confirmed", None)
    return SelfReadForm(data, meter=found, again=True)

"""What people may do about an exception: its form, who may, the operation, what is said after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from tahseel.channels.metering.forms import EditForm, OrderForm, ReasonForm, ReportForm
from tahseel.consumption.exceptions import operations
from tahseel.consumption.exceptions.operations import CREW, DECIDERS, MAKERS, SENDERS
from tahseel.consumption.exceptions.values import ExceptionView, FieldOrder, OrderKind
from tahseel.kernel.actor import Actor
from tahseel.kernel.ids import new_id

Form = ReasonForm | EditForm | OrderForm | ReportForm


@dataclass(frozen=True, slots=True)
class Act:
    """One act on the page of an exception. out: it is about the crew that is out for it."""

    code: str
    label: Any
    hint: Any
    said: Any
    roles: tuple[str, ...]
    out: bool = False


ACTS: Mapping[str, Act] = {
    act.code: act
    for act in (
        Act(
            "accept",
            _("The value stands"),
            _("Nothing is changed; the same reads are not asked about again."),
            _("Accepted. The reads stand as they came."),
            DECIDERS,
        ),
        Act(
            "estimate",
            _("Estimate"),
            _("The estimate of the rules stands, flagged, until the meter sends a real value."),
            _("Estimated. The month is determined anew."),
            DECIDERS,
        ),
        Act(
            "edit",
            _("Edit"),
            _("A second person has to agree before anything changes."),
            _("Asked for. A second person decides."),
            MAKERS,
        ),
        Act(
            "order",
            _("Send a crew"),
            _("The order waits for the field; whoever sends it does not report for it."),
            _("The order is sent."),
            SENDERS,
        ),
        Act(
            "report",
            _("Report the result"),
            _("What the crew did, and what it found."),
            _("The result is on record."),
            CREW,
            out=True,
        ),
        Act(
            "withdraw",
            _("Call the crew back"),
            _("The order ends without a result."),
            _("The crew is called back."),
            SENDERS,
            out=True,
        ),
    )
}


def form_of(act: Act, found: ExceptionView, data: Any = None) -> Form:
    """The act's form, bound to what was sent."""
    prefix = act.code
    if act.code == "edit":
        return EditForm(data, service=found.service, prefix=prefix)
    kinds: dict[str, type[ReasonForm | OrderForm | ReportForm]] = {
        "order": OrderForm,
        "report": ReportForm,
    }
    return kinds.get(act.code, ReasonForm)(data, prefix=prefix)


def out_form(act: Act, data: Any = None) -> ReasonForm | ReportForm:
    """The form of an act about a crew that is out."""
    return (ReportForm if act.code == "report" else ReasonForm)(data, prefix=act.code)


def end(act: Act, *, actor: Actor, at: datetime, order: FieldOrder, form: Form) -> None:
    """Report for a crew, or call it back. Raises what the operation raises."""
    told = form.cleaned_data
    if isinstance(form, ReportForm):
        operations.report_order(
            actor=actor,
            at=at,
            order_id=order.id,
            done=told["done"] == "yes",
            done_on=told["done_on"],
            result=told["result"],
        )
    else:
        operations.withdraw_order(actor=actor, at=at, order_id=order.id, reason=told["reason"])


def do(
    act: Act,
    *,
    actor: Actor,
    at: datetime,
    found: ExceptionView,
    order: FieldOrder | None,
    form: Form,
) -> None:
    """Call the one operation of an act. Raises what it raises."""
    told = form.cleaned_data
    by: dict[str, Any] = {"actor": actor, "at": at}
    if act.out and order is not None:
        end(act, **by, order=order, form=form)
    elif isinstance(form, OrderForm):
        operations.send_order(
            **by,
            order_id=new_id(at),
            exception_id=found.id,
            kind=OrderKind(told["kind"]),
            task=told["task"],
        )
    elif isinstance(form, EditForm):
        operations.propose_edit(
            **by,
            approval_id=new_id(at),
            exception_id=found.id,
            quantity=form.quantity(),
            reason=told["reason"],
        )
    elif act.code == "estimate":
        operations.estimate(**by, exception_id=found.id, reason=told["reason"])
    else:
        operations.accept(**by, exception_id=found.id, reason=told["reason"])

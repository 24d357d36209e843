"""Roles on an account, who acts for whom, and to whom it is handed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from tahseel.books.deposits import queries as deposits_queries
from tahseel.books.deposits.values import NewDeposit
from tahseel.channels.accounts import queries
from tahseel.channels.accounts.acts.act import (
    HEADS,
    Act,
    Data,
    by,
    customer,
    name,
    people,
    plain,
    settlement,
)
from tahseel.channels.accounts.forms import (
    EndRoleForm,
    FinishForm,
    LandlordForm,
    ProxyForm,
    RoleForm,
    StrikeRoleForm,
    TitleForm,
    TransferForm,
)
from tahseel.channels.accounts.forms.securing import CASH, NONE, DepositFields
from tahseel.channels.accounts.values import DialAsked, Sheet
from tahseel.charging.billing import operations as billing
from tahseel.kernel.ids import derived_id, new_id
from tahseel.registry.customers.values import CustomerView
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import rules as supply_rules
from tahseel.registry.supply.values import PastAct, PastKind, Role
from tahseel.trust.access.guards import GuardedRequest


def _name_role(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.name_party(
        **by(request),
        account_id=sheet.view.id,
        customer_id=customer(request, given["who"]),
        role=given["role"],
        from_day=given["from_day"],
        until_day=given["until_day"],
        agreement=given["agreement"],
    )


def _end_role_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    roles = [
        (str(row.party.id), f"{row.said} · {name(row.who)}")
        for row in sheet.parties
        if row.now or row.party.until_day is None
    ]
    return EndRoleForm(data, open_roles=roles, initial={"party": request.GET.get("party", "")})


def _end_role(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.end_party(
        **by(request),
        account_id=sheet.view.id,
        party_id=UUID(given["party"]),
        on_day=given["on_day"],
        reason=given["reason"],
    )


def _strike_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    roles = [
        (str(row.party.id), f"{row.said} · {name(row.who)} · {row.party.from_day:%Y-%m-%d}")
        for row in sheet.parties
    ]
    return StrikeRoleForm(data, roles=roles, initial={"party": request.GET.get("party", "")})


def _strike(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.strike_party(
        **by(request),
        account_id=sheet.view.id,
        party_id=UUID(given["party"]),
        reason=given["reason"],
    )


def _proxy_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    known = {row.span.customer_id: row.who for row in sheet.liabilities if row.now}
    known |= {
        row.party.customer_id: row.who
        for row in sheet.parties
        if row.now and row.party.role is not Role.PROXY
    }
    return ProxyForm(data, principals=people(known))


def _authorise(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.authorise_proxy(
        **by(request),
        account_id=sheet.view.id,
        customer_id=customer(request, given["who"]),
        principal_id=UUID(given["principal"]),
        document=given["document"],
        from_day=given["from_day"],
        until_day=given["until_day"],
    )


def _transfer_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    wanted = deposits_queries.tenants_deposit(account_id=sheet.view.id)
    initial = {
        "deposit_id": new_id(request.at),
        "on_day": sheet.day,
        "tender": CASH if wanted else NONE,
        "amount": wanted.dinars() if wanted else "",
    }
    return TransferForm(data, dials=_dials(sheet), initial=initial)


def _transfer(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> str | None:
    who = customer(request, given["who"])
    done = billing.hand_over(
        **by(request),
        intent_id=derived_id(given["deposit_id"], "hand-over"),
        account_id=sheet.view.id,
        to_customer_id=who,
        on_day=given["on_day"],
        capacity=given["capacity"],
        agreement=given["agreement"],
        reads=given["reads"],
        deposit=_deposit(sheet, who, given),
        waiver=given["waiver"],
    )
    return f"{_('The account is handed over.')} {settlement(done)}" if done else None


def _title_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    capacity = supply_rules.follows_title(sheet.current.span.capacity) if sheet.current else None
    secured = capacity is not None and bool(
        deposits_queries.wanted_of(account_id=sheet.view.id, capacity=capacity)
    )
    initial = {"deposit_id": new_id(request.at), "on_day": sheet.day, "tender": NONE}
    dials = _dials(sheet) if capacity else []
    return TitleForm(data, dials=dials, secured=secured, initial=initial)


def _pass_title(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> str | None:
    who = customer(request, given["who"])
    done = billing.pass_title(
        **by(request),
        intent_id=derived_id(given["deposit_id"], "title"),
        account_id=sheet.view.id,
        to_customer_id=who,
        on_day=given["on_day"],
        deed=given["deed"],
        takes_back=given["takes_back"],
        reads=given["reads"],
        deposit=_deposit(sheet, who, given),
        waiver=given.get("waiver", ""),
    )
    return f"{_('Ownership has passed.')} {settlement(done)}" if done else None


def _finish_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    on_day = (sheet.left and sheet.left.span.until_day) or sheet.day
    dials = queries.dials(unit_id=sheet.view.unit_id, on_day=on_day)
    return FinishForm(data, dials=dials, initial={"intent": new_id(request.at)})


def _finish(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> str:
    done = billing.finish(
        **by(request),
        intent_id=given["intent"],
        account_id=sheet.view.id,
        reads=given["reads"],
    )
    return f"{_('Whoever has left is billed and settled.')} {settlement(done)}"


def _dials(sheet: Sheet) -> list[DialAsked]:
    return queries.dials(unit_id=sheet.view.unit_id, on_day=sheet.day)


def _deposit(sheet: Sheet, who: UUID, given: Mapping[str, Any]) -> NewDeposit | None:
    form: DepositFields = given["form"]
    return form.given_deposit(account_id=sheet.view.id, customer_id=who, taken_on=sheet.day)


def _owners(sheet: Sheet) -> dict[UUID | None, CustomerView | None]:
    return {
        row.party.customer_id: row.who
        for row in sheet.parties
        if row.now and row.party.role is Role.OWNER
    }


def _landlord_form(request: GuardedRequest, sheet: Sheet, data: Data) -> Form:
    owners = _owners(sheet)
    beside = queries.owned_beside(
        unit_id=sheet.view.unit_id, owners={who for who in owners if who}, day=sheet.day
    )
    return LandlordForm(
        data,
        owners=people(owners),
        beside=[(str(ref.id), ref.number) for ref in beside if ref.id != sheet.view.id],
    )


def _agree(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> None:
    supply.agree_landlord(
        **by(request),
        account_ids=[sheet.view.id, *(UUID(one) for one in given.get("also", ()))],
        owner_id=UUID(given["owner"]),
        agreement=given["agreement"],
        from_day=given["from_day"],
    )


def _role_late(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> PastAct:
    return PastAct(
        PastKind.NAME_PARTY,
        {
            "account_id": sheet.view.id,
            "customer_id": customer(request, given["who"]),
            **{key: given[key] for key in ("role", "from_day", "until_day", "agreement")},
        },
    )


def _end_late(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> PastAct:
    return PastAct(
        PastKind.END_PARTY,
        {
            "account_id": sheet.view.id,
            "party_id": given["party"],
            "on_day": given["on_day"],
            "reason": given["reason"],
        },
    )


def _strike_late(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> PastAct:
    return PastAct(
        PastKind.STRIKE_PARTY,
        {"account_id": sheet.view.id, "party_id": given["party"], "reason": given["reason"]},
    )


def _transfer_late(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> PastAct:
    return PastAct(
        PastKind.TRANSFER,
        {
            "account_id": sheet.view.id,
            "to_customer_id": customer(request, given["who"]),
            **{key: given[key] for key in ("on_day", "capacity", "agreement")},
        },
    )


def _title_late(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> PastAct:
    return PastAct(
        PastKind.TITLE,
        {
            "account_id": sheet.view.id,
            "to_customer_id": customer(request, given["who"]),
            **{key: given[key] for key in ("on_day", "deed", "takes_back")},
        },
    )


def _agree_late(request: GuardedRequest, sheet: Sheet, given: Mapping[str, Any]) -> PastAct:
    return PastAct(
        PastKind.LANDLORD,
        {
            "account_ids": [sheet.view.id, *given.get("also", ())],
            "owner_id": given["owner"],
            "agreement": given["agreement"],
            "from_day": given["from_day"],
        },
    )


PARTIES: Mapping[str, Act] = {
    "transfer": Act(
        _("Hand the account over"), _transfer_form, _transfer,
        _("The account is handed over."), "liability", past=_transfer_late,
        fits=lambda sheet: sheet.current is not None and sheet.current.who is not None,
        note=_("The dials are kept, and who leaves is billed up to that day. His deposit meets what"
               " he owes; the rest of it is paid back. The next one lays down his own."),
    ),
    "title": Act(
        _("Pass ownership"), _title_form, _pass_title,
        _("Ownership has passed."), "liability", past=_title_late,
        note=_("A tenant stays, and stays liable. Where the owner was liable, the new one is;"
               " the one before is billed up to that day by the dials."),
    ),
    "finish": Act(
        _("Bill and settle who has left"), _finish_form, _finish,
        _("Whoever has left is billed and settled."), "liability", closed_too=True,
        fits=lambda sheet: sheet.left is not None,
        note=_("A registry told that the place has another owner, and nobody read the meters. Type"
               " the dials of the new one's first day: who has left is billed up to it, and his"
               " deposit meets what he owes."),
    ),
    "role": Act(
        _("Name somebody to a role"), plain(RoleForm), _name_role,
        _("The role is on record."), "roles", past=_role_late,
    ),
    "end-role": Act(
        _("End a role"), _end_role_form, _end_role,
        _("The role has ended."), "roles", past=_end_late,
        fits=lambda sheet: any(row.now for row in sheet.parties),
    ),
    "strike-role": Act(
        _("Strike a role"), _strike_form, _strike,
        _("The role is off the record."), "roles", roles=HEADS, past=_strike_late,
        fits=lambda sheet: bool(sheet.parties), closed_too=True,
        note=_("For a role that never was, as one recorded twice. One that was right and is over"
               " is ended instead."),
    ),
    "proxy": Act(
        _("Authorise a proxy"), _proxy_form, _authorise,
        _("The proxy is on record."), "roles",
        fits=lambda sheet: sheet.current is not None and sheet.current.who is not None,
    ),
    "landlord": Act(
        _("Agree with the landlord"), _landlord_form, _agree,
        _("The agreement is on record."), "roles", roles=HEADS, past=_agree_late,
        fits=lambda sheet: bool(_owners(sheet)),
        note=_("Supply falls to this owner whenever a tenant of his leaves; what stands"
                          " vacant falls to him from the first day."),
    ),
}  # fmt: skip

"""The inventory: outlets that deliver, and loads without a meter, with their dates."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import connection

from tahseel.books.ledger import operations as ledger
from tahseel.charging.sales import queries, rules
from tahseel.charging.sales.values import Outlet
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.period import DAY_MAX, BillingMonth
from tahseel.registry.supply import queries as supply
from tahseel.trust.access.rules import require
from tahseel.trust.audit import operations as audit

KEEPERS = ("office_head", "revenue_manager")
COUNT_MAX = 1_000_000
WATTS_MAX = 100_000
CODE_MAX = 30


class OutletWrong(Refusal):
    """Its code is taken, its kind unknown, its count or load none."""

    code = "outlet_wrong"
    text_ar = "بيانات نقطة البيع غير صالحة: {reason}"
    text_en = "The outlet is wrong: {reason}"


class OutletUnknown(NotFound):
    """Nothing of the account has this code."""

    code = "outlet_unknown"
    text_ar = "لا توجد نقطة بيع بالرمز {outlet}"
    text_en = "There is no outlet {outlet}"


class OutletDelivered(Refusal):
    """Deliveries or sales lie on or after the day."""

    code = "outlet_delivered"
    text_ar = "لنقطة البيع {outlet} تسليمات أو مبيعات في {day} أو بعده"
    text_en = "Outlet {outlet} has deliveries or sales on {day} or after it"
    http_status = 409


@audit.audited("sales.open_outlet", subject="account_id")
def open_outlet(
    *,
    actor: Actor,
    at: datetime,
    id: UUID,  # noqa: A002 - the contract's word
    account_id: UUID,
    code: str,
    kind: str,
    from_day: date,
    count: int = 0,
    watts: int = 0,
) -> Outlet:
    """Put an outlet or a load of an account on record; the same again changes nothing.

    Raises NotAllowed, OutletWrong, OutletUnknown (no such account), OutletDelivered
    (a load in a month that is billed).
    """
    require(actor, *KEEPERS)
    ledger.lock_accounts([account_id])
    known = rules.policy().kinds.get(kind)
    wanted = Outlet(account_id, id, code.strip(), kind, count, watts, from_day, None)
    taken = queries.by_code([wanted.code]).get(wanted.code)
    if taken == wanted:
        return taken
    if known is None or not wanted.code or len(wanted.code) > CODE_MAX or taken is not None:
        raise OutletWrong(reason=wanted.code[:CODE_MAX] or kind)
    least = int(known.is_load)
    if not least <= count <= least * COUNT_MAX or not least <= watts <= least * WATTS_MAX:
        raise OutletWrong(reason=f"{count} x {watts} W")
    ref = supply.accounts(account_ids=[account_id]).get(account_id)
    if ref is None or ref.closed_on is not None:
        raise OutletUnknown(outlet=wanted.code)
    if not ref.opened_on <= from_day < DAY_MAX:
        raise OutletWrong(reason=from_day.isoformat())
    if known.is_load and any(
        sale.month.ordinal >= BillingMonth.of(from_day).ordinal
        for sale in queries.sales(account_id=account_id)
    ):
        raise OutletDelivered(outlet=wanted.code, day=from_day.isoformat())
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into sales_outlet (account_id, id, code, kind, count, watts, from_day, actor,"
            " recorded_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [account_id, id, wanted.code, kind, count, watts, from_day, actor.id, at],
        )
    audit.note(outlet=wanted.code, kind=kind, count=count, watts=watts)
    return wanted


@audit.audited("sales.end_outlet", subject="account_id")
def end_outlet(
    *, actor: Actor, at: datetime, account_id: UUID, outlet_id: UUID, until_day: date
) -> None:
    """The outlet has its last day before `until_day`. Raises NotAllowed, OutletUnknown,
    OutletWrong, OutletDelivered.
    """
    require(actor, *KEEPERS)
    ledger.lock_accounts([account_id])
    found = [one for one in queries.outlets(account_id=account_id) if one.id == outlet_id]
    if not found:
        raise OutletUnknown(outlet=str(outlet_id))
    [outlet] = found
    if not outlet.from_day < until_day < DAY_MAX or outlet.until_day is not None:
        raise OutletWrong(reason=until_day.isoformat())
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from sales_delivery where account_id = %s and outlet_id = %s"
            " and day >= %s) or exists (select from sales_sale where account_id = %s"
            " and month >= %s)",
            [account_id, outlet_id, until_day, account_id, BillingMonth.of(until_day).ordinal],
        )
        if cursor.fetchone() == (True,):
            raise OutletDelivered(outlet=outlet.code, day=until_day.isoformat())
        cursor.execute(
            "update sales_outlet set until_day = %s where account_id = %s and id = %s",
            [until_day, account_id, outlet_id],
        )
    audit.note(outlet=outlet.code)

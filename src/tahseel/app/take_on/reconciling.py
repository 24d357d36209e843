"""What was taken on, counted and summed in the tables themselves, beside the totals.

Read in the loading's own transaction and by nothing that loading wrote down about itself: persons,
units and accounts by their references, the rest by the accounts, all with governorate and sector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from tahseel.app.take_on.checking import load_totals
from tahseel.app.take_on.fields import totals_of
from tahseel.app.take_on.loading import Loading
from tahseel.app.take_on.loading_accounts import CREDIT_SOURCE, DEPOSIT_SOURCE, ITEM_SOURCE
from tahseel.app.take_on.values import Compared, Entity
from tahseel.kernel.errors import Broken, Refusal


class TotalsDiffer(Refusal):
    """What would be taken on is not what the old system says it gave: nothing is taken on."""

    code = "take_on_totals_differ"
    text_ar = "الأرصدة المرحلة لا تطابق إجماليات الرقابة ({differing} إجماليات)، ولم يرحل شيء"
    text_en = "{differing} control totals differ from what was loaded; nothing was taken on"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Every control total beside what stands in the books."""

    rows: tuple[Compared, ...]

    @property
    def differing(self) -> list[Compared]:
        return [row for row in self.rows if not row.equal]


_OF = "app_take_on_reference r"
_MINE = "r.run_id = %(run)s and r.entity = "
_ACCOUNTS = f"{_OF} join supply_account a on a.id = r.id"
_BY_ACCOUNT = f"{_MINE}'accounts'"

# entity: (from, where, unit id, fils)
_SOURCES: Mapping[Entity, tuple[str, str, str, str]] = {
    Entity.PERSONS: (f"{_OF} join customers_customer c on c.id = r.id", f"{_MINE}'persons'",
                     "null::uuid", "0"),
    Entity.UNITS: (f"{_OF} join premises_unit u on u.id = r.id", f"{_MINE}'units'", "u.id", "0"),
    Entity.METERS: (("app_taken_meter t join meters_meter m on m.id = t.id left join"
                    " meters_installation i on i.meter_id = m.id left join"
                    " premises_service_point p on p.id = i.service_point_id"),
                    "true", "p.unit_id", "0"),
    Entity.ACCOUNTS: (_ACCOUNTS, _BY_ACCOUNT, "a.unit_id", "0"),
    Entity.OCCUPANCIES: (f"{_ACCOUNTS} join supply_liability l on l.account_id = a.id",
                         _BY_ACCOUNT, "a.unit_id", "0"),
    Entity.OPEN_ITEMS: (f"{_ACCOUNTS} join claims_claim c on c.account_id = a.id",
                        _BY_ACCOUNT, "a.unit_id", "c.open"),
    Entity.DISPUTES: (f"{_ACCOUNTS} join claims_claim c on c.account_id = a.id",
                      f"c.disputed > 0 and {_BY_ACCOUNT}", "a.unit_id", "c.disputed"),
    Entity.DEPOSITS: (f"{_ACCOUNTS} join ledger_entry e on e.account_id = a.id",
                      f"e.source = '{DEPOSIT_SOURCE}' and {_BY_ACCOUNT}", "a.unit_id", "e.amount"),
    Entity.CREDITS: (f"{_ACCOUNTS} join ledger_entry e on e.account_id = a.id",
                     f"e.source = '{CREDIT_SOURCE}' and {_BY_ACCOUNT}", "a.unit_id", "e.amount"),
    Entity.PLANS: (f"{_ACCOUNTS} join collections_plan p on p.account_id = a.id",
                   _BY_ACCOUNT, "a.unit_id", "p.fils"),
    Entity.INSTALMENTS: ((f"{_ACCOUNTS} join collections_plan p on p.account_id = a.id"
                         " join collections_instalment n on n.plan_id = p.id"),
                         _BY_ACCOUNT, "null::uuid", "n.fils"),
}  # fmt: skip
_SUMS = """
select case when not grouping(b.governorate_id)::bool then 'governorate'
            when not grouping(s.sector)::bool then 'sector' else '' end,
       coalesce(b.governorate_id, s.sector, ''), count(*), coalesce(sum(f.fils), 0)::bigint
from (select {unit} as unit_id, {fils} as fils from {source} where {where}) f
left join premises_unit u on u.id = f.unit_id
left join premises_premises p on p.id = u.premises_id
left join premises_area b on b.code = p.area_id
left join premises_unit_sector s on s.unit_id = u.id and s.until_day is null
group by grouping sets ((), (b.governorate_id), (s.sector))
"""
_BALANCES = """
select coalesce(sum(b.receivable_fils), 0)::bigint, coalesce(sum(b.credit_fils), 0)::bigint
from app_take_on_reference r join ledger_balance b on b.account_id = r.id
where r.run_id = %(run)s and r.entity = 'accounts'
"""
_CLAIMED = """
select coalesce(sum(c.open), 0)::bigint, coalesce(sum(e.amount), 0)::bigint
from app_take_on_reference r join claims_claim c on c.account_id = r.id
left join ledger_entry e on e.account_id = c.account_id and e.source_id = c.id
  and e.source = %(source)s
where r.run_id = %(run)s and r.entity = 'accounts'
"""


def reconcile(load: Loading) -> Reconciled:
    """Compare every control total with the books. Raises Broken when these differ by themselves.

    Parties and holds have no total there: roles are more than the lines, holds are decided.
    """
    _require_sound(load)
    totals, _ = load_totals(load.mapping.totals)
    found = {entity: _sums(load, entity) for entity in load.mapping.files if entity in _SOURCES}
    rows = [
        Compared(total, *found[total.entity].get((total.by, total.part), (0, 0)))
        for total in totals
        if total.entity in found
    ]
    return Reconciled(tuple(rows))


def _sums(load: Loading, entity: Entity) -> dict[tuple[str, str], tuple[int, int]]:
    source, where, unit, fils = _SOURCES[entity]
    statement = _SUMS.format(source=source, where=where, unit=unit, fils=fils)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"run": load.run_id})
        rows = cursor.fetchall()
    summed = bool(totals_of(entity))
    return {
        (by, part): (n, total if summed else 0) for by, part, n, total in rows if part or not by
    }


def _require_sound(load: Loading) -> None:
    """Claims, their entries and the balances of the new accounts tell the same sum."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCES, {"run": load.run_id})
        receivable, _ = cursor.fetchone() or (0, 0)
        cursor.execute(_CLAIMED, {"run": load.run_id, "source": ITEM_SOURCE})
        claimed, entered = cursor.fetchone() or (0, 0)
    if not receivable == claimed == entered:
        raise Broken(f"balances {receivable}, claims {claimed}, entries {entered} fils")

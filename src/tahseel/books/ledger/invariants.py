"""What always holds of the books, by name: each with words, and SQL that names what breaks it.

Two of the twelve look at more than the ledger: `receivable_is_open_claims` lives in `claims`,
`payment_posted_once` in `payments`. `./tahseel ledger check` runs all of them in one snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from tahseel.books.ledger import rules
from tahseel.books.ledger.queries import FAULTS_MAX, snapshot
from tahseel.books.ledger.values import CREDIT, RECEIVABLE, Invariant, Verdict, Violation

_CHART = "jsonb_to_recordset(%(chart)s::jsonb) as c (code text, on_debit boolean, limited boolean)"
_HASH = rules.input_hash_in_sql("e", reverses="coalesce(e.reverses::text, '')")

ENTRY_BALANCES = f"""
select e.account_id || '/' || e.id, e.debit || ' ' || e.credit || ' ' || e.amount
from ledger_entry e
where e.amount <= 0 or e.debit = e.credit
  or e.debit not in (select c.code from {_CHART}) or e.credit not in (select c.code from {_CHART})
"""  # noqa: S608 - our words
ENTRY_IMMUTABLE = f"""
select e.account_id || '/' || e.id, 'is not what was posted' from ledger_entry e
where e.input_hash is distinct from {_HASH}
union all
select 'ledger_entry', 'trigger ' || wanted || ' is not there'
from unnest(array['ledger_entry_no_change', 'ledger_entry_no_truncate']) as wanted
where not exists (select 1 from pg_trigger t where t.tgrelid = 'ledger_entry'::regclass
  and t.tgname = wanted and t.tgenabled in ('O', 'A'))
union all
select 'ledger_entry', 'tahseel_app may ' || act
from unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) as act
where has_table_privilege('tahseel_app', 'ledger_entry', act)
"""  # noqa: S608 - our words
VERSIONS_UNBROKEN = """
select account_id::text, count(*) || ' entries up to version ' || max(version)
from ledger_entry group by account_id having min(version) <> 1 or max(version) <> count(*)
"""
BALANCE_IS_SUM = """
with summed as (
  select account_id, count(*) as entries,
    sum(amount * ((debit = %(receivable)s)::int - (credit = %(receivable)s)::int)) as owed,
    sum(amount * ((credit = %(credit)s)::int - (debit = %(credit)s)::int)) as credit
  from ledger_entry group by account_id
)
select coalesce(s.account_id, b.account_id)::text,
  format('%%s owed and %%s credit are kept, the entries say %%s and %%s', b.receivable_fils,
    b.credit_fils, coalesce(s.owed, 0), coalesce(s.credit, 0))
from summed s full join ledger_balance b on b.account_id = s.account_id
where (coalesce(s.owed, 0), coalesce(s.credit, 0), coalesce(s.entries, 0)) is distinct from
  (coalesce(b.receivable_fils, 0), coalesce(b.credit_fils, 0), coalesce(b.version, 0))
"""
# Every fils stands on both sides; and the two accounts of the chart that are kept by account add up
# to what is kept.
TRIAL_BALANCE_ZERO = f"""
with side as (
  select debit as code, sum(amount) as debit, 0 as credit from ledger_entry group by debit
  union all
  select credit, 0, sum(amount) from ledger_entry group by credit
), total as (
  select code, sum(debit) - sum(credit) as fils from side group by code
), kept as (
  select coalesce(sum(receivable_fils), 0) as owed, coalesce(sum(credit_fils), 0) as credit
  from ledger_balance
)
select 'trial balance', sum(t.fils) || ' fils' from total t join {_CHART} on c.code = t.code
having sum(t.fils) <> 0
union all
select %(receivable)s::text, k.owed || ' fils are kept, the trial balance has ' || t.fils
from kept k, (select coalesce(sum(fils), 0) as fils from total where code = %(receivable)s) t
where k.owed <> t.fils
union all
select %(credit)s::text, k.credit || ' fils are kept, the trial balance has ' || -t.fils
from kept k, (select coalesce(sum(fils), 0) as fils from total where code = %(credit)s) t
where k.credit <> -t.fils
"""  # noqa: S608 - our words
ONE_ID_ONE_HASH = """
select id::text, count(*) || ' entries have this id' from ledger_entry
group by id having count(*) > 1
"""
REVERSED_ONCE = """
select r.account_id || '/' || r.id, case
    when e.id is null then 'reverses an entry that is not there'
    when e.reverses is not null then 'reverses a reversal'
    else 'is not the exact negative' end
from ledger_entry r
left join ledger_entry e on e.account_id = r.account_id and e.id = r.reverses
where r.reverses is not null and (e.id is null or e.reverses is not null
  or (e.debit, e.credit, e.amount) <> (r.credit, r.debit, r.amount))
union all
select account_id || '/' || reverses, 'is reversed ' || count(*) || ' times' from ledger_entry
where reverses is not null group by account_id, reverses having count(*) > 1
"""
WITHIN_LIMITS = f"""
select 'ledger_entry', 'the trigger that holds the limits is not there'
where not exists (select 1 from pg_trigger t where t.tgrelid = 'ledger_entry'::regclass
  and t.tgname = 'ledger_entry_beyond' and t.tgenabled in ('O', 'A'))
union all
select c.code, 'is limited by the chart, and not by the database' from {_CHART}
where c.limited and not exists (
  select from ledger_limit l where l.code = c.code and l.on_debit = c.on_debit)
union all
select side.account_id || '/' || side.code, sum(side.fils) || ' fils' from (
  select e.account_id, c.code, case when c.on_debit = (e.debit = c.code) then e.amount
    else -e.amount end as fils
  from ledger_entry e join {_CHART} on c.code in (e.debit, e.credit) and c.limited
) side group by side.account_id, side.code having sum(side.fils) < 0
"""  # noqa: S608 - our words
# What a closing saw is covered by its checkpoint; an entry of a closed day that is not came later.
CLOSED_RECEIVES_NOTHING = """
with edge as (select closed_until, checkpoint from ledger_closing order by number desc limit 1)
select e.account_id || '/' || e.id, 'is of ' || e.business_date || ', closed before it came'
from edge join ledger_entry e on e.business_date < edge.closed_until
where not exists (select 1 from ledger_seal s where s.account_id = e.account_id
  and e.version > s.after and e.version <= s.version and s.checkpoint <= edge.checkpoint)
union all
select 'ledger_entry', 'the trigger that refuses closed days is not there'
where not exists (select 1 from pg_trigger t where t.tgrelid = 'ledger_entry'::regclass
  and t.tgname = 'ledger_entry_closed' and t.tgenabled in ('O', 'A'))
"""
MERKLE_ROOT = """
with covered as (
  select s.checkpoint, count(e.id) as entries,
    ledger_root(array_agg(ledger_leaf(e) order by e.account_id, e.version)
      filter (where e.id is not null)) as root
  from ledger_seal s left join ledger_entry e on e.account_id = s.account_id
    and e.version > s.after and e.version <= s.version
  group by s.checkpoint
), chained as (
  select c.*, lag(chain, 1, ''::bytea) over (order by number) as before,
    row_number() over (order by number) as place
  from ledger_checkpoint c
)
select 'checkpoint ' || c.number, case
    when c.entries <> coalesce(k.entries, 0)
      then format('covered %%s entries, %%s are there', c.entries, coalesce(k.entries, 0))
    else 'root or chain is another one' end
from chained c left join covered k on k.checkpoint = c.number
where k.root is distinct from c.root or k.entries is distinct from c.entries
  or c.chain <> sha256(c.before || c.root) or c.number <> c.place
"""

INVARIANTS = (
    Invariant(1, "entry_balances", "كل قيد متوازن", "Every entry balances", ENTRY_BALANCES),
    Invariant(
        2, "entry_immutable", "كل قيد ثابت لا يتغير", "Every entry is immutable", ENTRY_IMMUTABLE
    ),
    Invariant(
        3,
        "versions_unbroken",
        "تسلسل قيود الحساب بلا فجوات",
        "An account's versions have no gap",
        VERSIONS_UNBROKEN,
    ),
    Invariant(
        4,
        "balance_is_sum",
        "الرصيد يساوي مجموع القيود",
        "A balance equals the sum of its entries",
        BALANCE_IS_SUM,
    ),
    Invariant(
        5,
        "trial_balance_zero",
        "ميزان المراجعة صفر",
        "The trial balance is zero",
        TRIAL_BALANCE_ZERO,
    ),
    Invariant(
        6, "one_id_one_hash", "لكل معرّف مدخل واحد", "One id, one input hash", ONE_ID_ONE_HASH
    ),
    Invariant(
        7,
        "reversed_once",
        "القيد يُعكس مرة واحدة وبدقة",
        "An entry is reversed at most once and exactly",
        REVERSED_ONCE,
    ),
    Invariant(
        8,
        "within_limits",
        "لا حساب يتجاوز حدوده المعلنة",
        "No account is beyond its declared limits",
        WITHIN_LIMITS,
    ),
    Invariant(
        11,
        "closed_receives_nothing",
        "الفترة المقفلة لا تستقبل شيئاً",
        "A closed period receives nothing",
        CLOSED_RECEIVES_NOTHING,
    ),
    Invariant(
        12,
        "merkle_root",
        "جذر شجرة القيود يطابق نقطة التحقق",
        "The Merkle root over entries equals the checkpoint's",
        MERKLE_ROOT,
    ),
)


def judge(invariants: Sequence[Invariant] = INVARIANTS) -> list[Verdict]:
    """Run invariants in one snapshot; of each the first FAULTS_MAX records that break it."""
    values = {"chart": rules.chart_in_json(), "receivable": RECEIVABLE, "credit": CREDIT}
    verdicts = []
    with snapshot(), connection.cursor() as cursor:
        for one in invariants:
            cursor.execute(f"select * from ({one.sql}) as v limit {FAULTS_MAX}", values)  # noqa: S608 - ours
            broken = tuple(Violation(*row) for row in cursor.fetchall())
            verdicts.append(Verdict(one, broken))
    return verdicts

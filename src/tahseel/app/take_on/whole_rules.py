"""What must hold between lines, and against what is on record: one statement a rule.

Each rule selects (line, facts) of the lines that break it. `@units` stands for the staged lines of
that entity; a line that is bad by itself may be referred to, and breaks no second rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from tahseel.app.take_on.values import Entity


@dataclass(frozen=True, slots=True)
class WholeRule:
    """A rule between lines: whose lines break it, in which field, and the statement."""

    entity: Entity
    field: str
    code: str
    statement: str


def _twice(entity: Entity, field: str, columns: str, code: str, fact: str) -> WholeRule:
    """Lines that share columns with an earlier one."""
    return WholeRule(
        entity, field, code,
        f"select s.line, jsonb_build_object('{fact}', s.{columns.split(',', maxsplit=1)[0]},"  # noqa: S608
        f" 'other', d.first) from (select {columns}, min(line) as first from @{entity}"
        f" where {columns.split(',', maxsplit=1)[0]} is not null"
        f" group by {columns} having count(*) > 1) d"
        f" join @{entity} s using ({columns}) where s.line > d.first and not s.bad",
    )  # fmt: skip


def _refers(entity: Entity, field: str, column: str, target: Entity) -> WholeRule:
    """Lines that name what no line of the target has; persons may come from an earlier take-on."""
    earlier = (
        " and not exists (select 1 from app_take_on_reference r where r.system = %(system)s"  # noqa: S608
        f" and r.entity = 'persons' and r.key = s.{column})"
        if target is Entity.PERSONS
        else ""
    )
    return WholeRule(
        entity, field, "reference_unknown",
        f"select s.line, jsonb_build_object('value', s.{column}, 'target', '{target}')"  # noqa: S608
        f" from @{entity} s where s.{column} <> '' and not s.bad"
        f" and not exists (select 1 from @{target} t where t.key = s.{column}){earlier}",
    )  # fmt: skip


def _known(entity: Entity, field: str, column: str, table: str, theirs: str) -> WholeRule:
    """Lines whose number is on record."""
    return WholeRule(
        entity, field, "on_record",
        f"select s.line, jsonb_build_object('value', s.{column}) from @{entity} s"  # noqa: S608
        f" join {table} t on t.{theirs} = s.{column} where not s.bad",
    )  # fmt: skip


def _taken(entity: Entity) -> WholeRule:
    """Lines whose key an earlier take-on of the same system brought."""
    return WholeRule(
        entity, "key", "on_record",
        f"select s.line, jsonb_build_object('value', s.key) from @{entity} s"  # noqa: S608
        " join app_take_on_reference r on r.system = %(system)s"
        f" and r.entity = '{entity}' and r.key = s.key where not s.bad",
    )  # fmt: skip


E = Entity
KEYED = (E.PERSONS, E.UNITS, E.ACCOUNTS, E.DEPOSITS, E.CREDITS, E.PLANS, E.HOLDS)

PEOPLE = (
    WholeRule(
        E.PERSONS, "civil_id", "civil_id_twice",
        "select s.line, jsonb_build_object('other', d.first) from (select mark, min(line) as first"
        " from @persons where mark is not null group by mark having count(*) > 1) d"
        " join @persons s using (mark) where s.line > d.first and not s.bad",
    ),
    WholeRule(
        E.PERSONS, "civil_id", "civil_id_on_record",
        "select s.line, '{}'::jsonb from @persons s"
        " join customers_customer c on c.civil_id_index = s.mark where not s.bad",
    ),
    WholeRule(
        E.PERSONS, "document_number", "document_twice",
        "select s.line, jsonb_build_object('other', d.first)"
        " from (select person, min(line) as first from @persons where person <> ''"
        " group by person having count(*) > 1) d"
        " join @persons s using (person) where s.line > d.first and not s.bad",
    ),
    WholeRule(
        E.PERSONS, "document_number", "document_on_record",
        "select s.line, '{}'::jsonb from @persons s join customers_document d"
        " on d.kind || '/' || d.issuer || '/' || encode(d.number_index, 'hex') = s.person"
        " where s.person <> '' and d.withdrawn_at is null and not s.bad",
    ),
    _twice(E.PERSONS, "registration_number", "number", "number_twice", "value"),
    _known(E.PERSONS, "registration_number", "number", "customers_customer", "registration_number"),
    _refers(E.PERSONS, "parent", "ref", E.PERSONS),
    WholeRule(
        E.PERSONS, "parent", "parent_of_other_kind",
        "select s.line, jsonb_build_object('value', s.ref) from @persons s"
        " join @persons p on p.key = s.ref where s.ref <> '' and not s.bad and not p.bad"
        " and s.body::json ->> 'kind' <> p.body::json ->> 'kind'",
    ),
    WholeRule(
        E.PERSONS, "parent", "parent_in_circle",
        "with recursive child as (select key, ref, line from @persons where ref <> '' and not bad),"
        " grounded as (select c.key, c.line from child c"
        " where not exists (select 1 from child p where p.key = c.ref)"
        " union select c.key, c.line from child c join grounded g on c.ref = g.key)"
        " select line, '{}'::jsonb from child where line not in (select line from grounded)",
    ),
)  # fmt: skip

PLACES = (
    WholeRule(
        E.UNITS, "area", "area_unknown",
        "select s.line, jsonb_build_object('area', split_part(s.ref, chr(31), 1)) from @units s"
        " where not s.bad and not exists (select 1 from app_taken_area a"
        " where a.code = split_part(s.ref, chr(31), 1))",
    ),
    _twice(E.UNITS, "paci_number", "number", "number_twice", "value"),
    _known(E.UNITS, "paci_number", "number", "premises_unit", "paci_number"),
    WholeRule(
        E.UNITS, "number", "unit_twice",
        "select s.line, jsonb_build_object('other', d.first) from (select ref, person,"
        " min(line) as first from @units where not bad group by ref, person having count(*) > 1) d"
        " join @units s using (ref, person) where s.line > d.first and not s.bad",
    ),
    WholeRule(
        E.UNITS, "number", "on_record",
        "select s.line, jsonb_build_object('value', s.key) from premises_premises p"
        " join premises_unit u on u.premises_id = p.id join @units s on s.ref = concat_ws(chr(31),"
        " p.area_id, p.block, p.street, p.parcel, p.building)"
        " and s.person = concat_ws(chr(31), u.kind, u.floor, u.number) where not s.bad",
    ),
    WholeRule(
        E.METERS, "serial", "key_twice",
        "select s.line, jsonb_build_object('key', s.key, 'other', f.line) from (select key,"
        " min(line) as first from @meters group by key having count(*) > 1) d"
        " join @meters s using (key) join @meters f on f.line = d.first"
        " where s.line > d.first and not s.bad and s.ref = f.ref and s.person = f.person",
    ),
    WholeRule(
        E.METERS, "serial", "meter_on_two_points",
        "select s.line, jsonb_build_object('key', s.key, 'other', f.line) from (select key,"
        " min(line) as first from @meters group by key having count(*) > 1) d"
        " join @meters s using (key) join @meters f on f.line = d.first"
        " where s.line > d.first and not s.bad and (s.ref, s.person) <> (f.ref, f.person)",
    ),
    _known(E.METERS, "serial", "key", "meters_meter", "serial"),
    _twice(E.METERS, "seal", "number", "number_twice", "value"),
    _known(E.METERS, "seal", "number", "meters_seal", "number"),
    _refers(E.METERS, "unit", "ref", E.UNITS),
    WholeRule(
        E.METERS, "point", "point_missing",
        "select s.line, jsonb_build_object('unit', s.ref, 'point', s.person) from @meters s"
        " join @units u on u.key = s.ref where not s.bad and not u.bad and"
        " split_part(s.person, '/', 2)::int > coalesce((u.body::json ->>"
        " split_part(s.person, '/', 1))::int, 0)",
    ),
    WholeRule(
        E.METERS, "point", "point_taken",
        "select s.line, jsonb_build_object('other', d.first) from (select ref, person,"
        " min(line) as first from @meters where ref <> '' group by ref, person"
        " having count(*) > 1) d join @meters s using (ref, person)"
        " join @meters f on f.line = d.first"
        " where s.line > d.first and not s.bad and s.key <> f.key",
    ),
)  # fmt: skip

AGREEMENTS = (
    _refers(E.ACCOUNTS, "unit", "ref", E.UNITS),
    _twice(E.ACCOUNTS, "number", "number", "number_twice", "value"),
    _known(E.ACCOUNTS, "number", "number", "supply_account", "number"),
    WholeRule(
        E.ACCOUNTS, "unit", "unit_taken",
        "select line, jsonb_build_object('unit', ref, 'other', other) from (select line, ref, bad,"
        " from_day, lag(line) over w as other, lag(until_day) over w as ended from @accounts"
        " window w as (partition by ref order by from_day, line)) t"
        " where not bad and other is not null and (ended is null or ended > from_day)",
    ),
    WholeRule(
        E.ACCOUNTS, "key", "account_without_occupancy",
        "select s.line, jsonb_build_object('key', s.key) from @accounts s where not s.bad"
        " and not exists (select 1 from @occupancies o where o.ref = s.key)",
    ),
    _refers(E.OCCUPANCIES, "account", "ref", E.ACCOUNTS),
    _refers(E.OCCUPANCIES, "person", "person", E.PERSONS),
    WholeRule(
        E.OCCUPANCIES, "person", "person_dead",
        "select s.line, jsonb_build_object('value', s.person, 'day', s.from_day)"
        " from @persons p join @occupancies s on s.person = p.key"
        " where p.until_day is not null and p.until_day <= s.from_day and not s.bad and not p.bad",
    ),
    WholeRule(
        E.OCCUPANCIES, "from_day", "second_tenant",
        "select line, jsonb_build_object('other', other) from @chain"
        " where clashes and capacity = 'tenant' and before = 'tenant'",
    ),
    WholeRule(
        E.OCCUPANCIES, "from_day", "liability_overlap",
        "select line, jsonb_build_object('other', other) from @chain"
        " where clashes and not (capacity = 'tenant' and before = 'tenant')",
    ),
    WholeRule(
        E.OCCUPANCIES, "from_day", "liability_gap",
        "select line, jsonb_build_object('start', ended, 'until', from_day) from @chain"
        " where ended < from_day union all"
        " select c.line, jsonb_build_object('start', a.from_day, 'until', c.from_day) from @chain c"
        " join @accounts a on a.key = c.ref where c.other is null and a.from_day <> c.from_day"
        " and not a.bad union all"
        " select c.line, jsonb_build_object('start', c.until_day, 'until', a.until_day)"
        " from @chain c join @accounts a on a.key = c.ref"
        " where c.last and not a.bad and c.until_day is distinct from a.until_day",
    ),
    _refers(E.PARTIES, "account", "ref", E.ACCOUNTS),
    _refers(E.PARTIES, "person", "person", E.PERSONS),
    WholeRule(
        E.PARTIES, "from_day", "second_tenant",
        "select line, jsonb_build_object('other', other) from (select line, source,"
        " person, from_day, lag(line) over w as other, lag(person) over w as who,"
        " lag(until_day) over w as ended from (select line, 'parties' as source, ref, person,"
        " from_day, until_day from @parties where not bad and number = 'tenant' union all"
        " select line, 'occupancies', ref, person, from_day, until_day from @occupancies"
        " where not bad and body::json ->> 'capacity' = 'tenant') u"
        " window w as (partition by ref order by from_day, source, line)) t where"
        " source = 'parties' and person <> who and (ended is null or ended > from_day)",
    ),
    WholeRule(
        E.PARTIES, "from_day", "second_payer",
        "select line, jsonb_build_object('other', other) from (select line, from_day,"
        " lag(line) over w as other, lag(until_day) over w as ended from @parties where not bad"
        " and number = 'payer' window w as (partition by ref order by from_day, line)) t"
        " where other is not null and (ended is null or ended > from_day)",
    ),
    WholeRule(
        E.PARTIES, "from_day", "party_overlap",
        "select line, jsonb_build_object('other', other) from (select line, from_day,"
        " lag(line) over w as other, lag(until_day) over w as ended from @parties where not bad"
        " window w as (partition by ref, person, number order by from_day, line)) t"
        " where other is not null and (ended is null or ended > from_day)",
    ),
)  # fmt: skip

_MATCHED = (
    "(select h.line, h.key, h.person, h.ref, i.item from @holds h cross join lateral"
    " unnest(string_to_array(h.body::json ->> 'items', '|')) i (item) where not h.bad)"
)

MONEY = (
    _refers(E.DEPOSITS, "account", "ref", E.ACCOUNTS),
    _refers(E.CREDITS, "account", "ref", E.ACCOUNTS),
    _twice(E.OPEN_ITEMS, "key", "key,ref", "key_twice", "key"),
    _refers(E.OPEN_ITEMS, "account", "ref", E.ACCOUNTS),
    _refers(E.OPEN_ITEMS, "person", "person", E.PERSONS),
    WholeRule(
        E.OPEN_ITEMS, "person", "nobody_liable",
        "select s.line, jsonb_build_object('account', s.ref, 'day', s.from_day) from @open_items s"
        " where s.person = '' and not s.bad"
        " and exists (select 1 from @occupancies o where o.ref = s.ref)"
        " and not exists (select 1 from @occupancies o where o.ref = s.ref and (o.bad or"
        " (o.person <> '' and o.from_day <= s.from_day"
        " and (o.until_day is null or s.from_day < o.until_day))))",
    ),
    _twice(E.DISPUTES, "item", "key,ref", "key_twice", "key"),
    WholeRule(
        E.DISPUTES, "item", "reference_unknown",
        "select s.line, jsonb_build_object('value', s.key, 'target', 'open_items')"
        " from @disputes s where not s.bad and not exists"
        " (select 1 from @open_items i where i.key = s.key and i.ref = s.ref)",
    ),
    WholeRule(
        E.DISPUTES, "amount", "dispute_too_large",
        "select s.line, '{}'::jsonb from @disputes s join @open_items i on i.key = s.key"
        " and i.ref = s.ref where not s.bad and not i.bad and s.fils > i.fils",
    ),
    _refers(E.PLANS, "account", "ref", E.ACCOUNTS),
    _refers(E.PLANS, "person", "person", E.PERSONS),
    WholeRule(
        E.PLANS, "amount", "plan_differs",
        "select p.line, '{}'::jsonb from @plans p left join (select ref, sum(fils) as fils,"
        " bool_or(bad) as bad from @instalments group by ref) i on i.ref = p.key"
        " where not p.bad and not coalesce(i.bad, false) and p.fils <> coalesce(i.fils, 0)",
    ),
    WholeRule(
        E.PLANS, "amount", "plan_beyond_debt",
        "select p.line, '{}'::jsonb from @plans p join (select i.ref, sum(i.fils - coalesce("
        "(i.body::json ->> 'paid')::bigint, 0)) as fils from @instalments i where not i.bad"
        " group by i.ref) l on l.ref = p.key left join (select ref, sum(fils) as fils,"
        " bool_or(bad) as bad from @open_items group by ref) o on o.ref = p.ref"
        " where not p.bad and not coalesce(o.bad, false) and l.fils > coalesce(o.fils, 0)",
    ),
    _refers(E.INSTALMENTS, "plan", "ref", E.PLANS),
    _twice(E.INSTALMENTS, "due_on", "ref,from_day", "key_twice", "key"),
    _refers(E.HOLDS, "person", "person", E.PERSONS),
    WholeRule(
        E.HOLDS, "gate", "citizen_at_exit",
        "select s.line, '{}'::jsonb from @holds s join @persons p on p.key = s.person"
        " where not s.bad and not p.bad and s.number = 'exit'"
        " and p.body::json ->> 'kind' = 'citizen'",
    ),
    WholeRule(
        E.HOLDS, "items", "hold_without_debt",
        "select m.line, jsonb_build_object('value', m.item) from " + _MATCHED + " m where"  # noqa: S608
        " not exists (select 1 from @open_items i where i.key = trim(m.item) and (i.bad or"
        " i.person = m.person or (i.person = '' and exists (select 1 from @occupancies o"
        " where o.ref = i.ref and (o.bad or (o.person = m.person and o.from_day <= i.from_day"
        " and (o.until_day is null or i.from_day < o.until_day)))))))",
    ),
    WholeRule(
        E.HOLDS, "notice", "notice_differs",
        "select s.line, jsonb_build_object('notice', s.ref, 'other', f.line) from (select ref,"
        " min(line) as first from @holds where not bad group by ref) d"
        " join @holds f on f.ref = d.ref and f.line = d.first join @holds s on s.ref = d.ref"
        " where s.line > d.first and not s.bad and"
        " (s.body::jsonb - 'key' - 'gate' - 'since') <> (f.body::jsonb - 'key' - 'gate' - 'since')",
    ),
    WholeRule(
        E.HOLDS, "items", "item_named_twice",
        "select s.line, jsonb_build_object('value', s.item, 'other', f.line) from "  # noqa: S608
        + _MATCHED + " s join " + _MATCHED + " f on trim(f.item) = trim(s.item)"
        " and f.ref <> s.ref and f.line < s.line",
    ),
)  # fmt: skip

CHAIN = (
    "select line, ref, from_day, until_day, body::json ->> 'capacity' as capacity,"
    " lag(line) over w as other, lag(until_day) over w as ended,"
    " lag(body::json ->> 'capacity') over w as before,"
    " lead(line) over w is null as last,"
    " lag(line) over w is not null and (lag(until_day) over w is null"
    " or lag(until_day) over w > from_day) as clashes from @occupancies"
    " where ref not in (select ref from @occupancies where bad)"
    " window w as (partition by ref order by from_day, line)"
)

RULES: tuple[WholeRule, ...] = (
    *(_twice(entity, "key", "key", "key_twice", "key") for entity in KEYED),
    *(_taken(entity) for entity in (E.PERSONS, E.UNITS, E.ACCOUNTS)),
    *PEOPLE,
    *PLACES,
    *AGREEMENTS,
    *MONEY,
)

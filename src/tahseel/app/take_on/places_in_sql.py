"""The statements that make units, their sectors, papers and points from staged lines.

`FOUND` is a temporary table, made first; the rest are what the slice's operation asks for.
"""

from __future__ import annotations

from tahseel.app.take_on.in_sql import day, follows, id_of
from tahseel.app.take_on.values import Entity
from tahseel.kernel.quantity import Service

# A building that is on record gets the new units.
_NAMED = f"""
select {id_of(Entity.UNITS, "s.key")} as id, s.key, s.ref as address, p.id is null as fresh,
  coalesce(p.id, {id_of("premises", "s.ref")}) as premises_id, s.from_day,
  nullif(s.number, '') as paci_number, b.*
from @units s
left join premises_premises p
  on concat_ws(chr(31), p.area_id, p.block, p.street, p.parcel, p.building) = s.ref
cross join lateral json_to_record(s.body::json) as b (
  kind text, sector text, floor text, number text, dwellings int, certificate text,
  certificate_until date, {", ".join(f"{service} int" for service in Service)})
"""  # noqa: S608 - our words
FOUND = ("app_taken_unit", _NAMED)

BUILDINGS = "select distinct address, premises_id from app_taken_unit where fresh order by address"
UNITS = """
select id, premises_id, kind, coalesce(floor, '') as floor, coalesce(number, '') as number,
  paci_number
from app_taken_unit
"""
SECTORS = f"""
select {follows("id", "'sector'", day("from_day"))} as id, id as unit_id, sector,
  coalesce(nullif(dwellings, 0), 1) as dwellings, from_day
from app_taken_unit
"""  # noqa: S608 - our words
PAPERS = f"""
select {follows("id", "'certificate'", day("from_day"))} as id, id as unit_id, sector,
  certificate as number, from_day as valid_from, certificate_until as valid_until
from app_taken_unit where certificate <> ''
"""  # noqa: S608 - our words
_POINT = """
select {id} as id, u.id as unit_id, '{service}' as service, n as number
from app_taken_unit u cross join lateral generate_series(1, u.{service}) as n
"""
POINTS = " union all ".join(
    _POINT.format(service=service, id=follows("u.id", "'point'", f"'{service}'", "n::text"))
    for service in Service
)

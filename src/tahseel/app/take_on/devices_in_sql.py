"""The statements that make meters, and what hangs on them, from staged lines.

`FOUND` is a temporary table; the rest are what the slices' operations ask for.
"""

from __future__ import annotations

from tahseel.app.take_on.in_sql import follows, id_of
from tahseel.app.take_on.values import Entity
from tahseel.kernel.quantity import Service
from tahseel.registry.meters.values import Phase, RegisterKind, StockState

CODES = {Service.ELECTRICITY: "1.8.0", Service.WATER: "8.1.0"}
_CODE = (
    "coalesce(nullif(b.register, ''), case b.service"
    + "".join(f" when '{service}' then '{code}'" for service, code in CODES.items())
    + " end)"
)
_PHASE = (
    f"coalesce(nullif(b.phase, ''), case b.service when '{Service.ELECTRICITY}'"
    f" then '{Phase.SINGLE}' else '{Phase.NONE}' end)"
)
_POINT = follows("unit_id", "'point'", "service", "coalesce(nullif(point, 0), 1)::text")
_NAMED = f"""
select {id_of(Entity.METERS, "s.key")} as id, s.key as serial, s.ref as unit,
  case when s.ref <> '' then {id_of(Entity.UNITS, "s.ref")} end as unit_id, s.line,
  s.from_day as installed_on, s.number as seal, b.*, {_CODE} as code, {_PHASE} as phased
from @meters s cross join lateral json_to_record(s.body::json) as b (
  service text, make text, phase text, point int, register text, register_kind text,
  dial_unit text, digits int, decimals int, multiplier int, opening text, last_read text,
  last_read_on date, store text, route text, stop int)
"""  # noqa: S608 - our words
FOUND = ("app_taken_meter", _NAMED)

METERS = """
select id, serial, service, coalesce(make, '') as make, phased as phase from app_taken_meter
"""
REGISTERS = f"""
select {follows("id", "'register'", "code")} as id, id as meter_id, code,
  coalesce(nullif(register_kind, ''), '{RegisterKind.IMPORT}') as kind, dial_unit as unit, digits,
  coalesce(decimals, 0) as decimals, coalesce(nullif(multiplier, 0), 1) as multiplier
from app_taken_meter
"""  # noqa: S608 - our words
INSTALLATIONS = f"""
select {follows("id", "'installation'")} as id, id as meter_id,
  {_POINT} as service_point_id,
  installed_on,
  case when opening <> '' then jsonb_build_object(code, opening) else '{{}}'::jsonb end as opening
from app_taken_meter where unit <> ''
"""  # noqa: S608 - our words
# A seal is known since the change at the latest; a meter that hangs nowhere lies in its store.
SEALS = f"""
select {follows("id", "'seal'")} as id, id as meter_id, seal as number,
  coalesce(installed_on, %(today)s::date) as fixed_on
from app_taken_meter where seal <> ''
"""  # noqa: S608 - our words
STEPS = f"""
select {follows("id", "'stock'")} as id, id as meter_id, '{StockState.IN_STORE}' as state,
  coalesce(store, '') as store, %(today)s::date as on_day
from app_taken_meter where unit = ''
"""  # noqa: S608 - our words
READS = """
select id, code, dial_unit, last_read, last_read_on from app_taken_meter
where last_read <> '' order by line
"""
ROUTES = f"""
select {_POINT} as service_point_id, btrim(route) as name, coalesce(stop, 0) as position, line
from app_taken_meter where unit <> '' and btrim(coalesce(route, '')) <> ''
"""  # noqa: S608 - our words

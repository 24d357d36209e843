"""A first take-on builds indexes and proves foreign keys once, over all rows, not row by row."""

from django.db import migrations

TABLE = """
-- What is off at the moment, each with the statement that puts it back, in order.
create table app_take_on_bare (
  place integer primary key,
  take_off text not null,
  put_back text not null
);
revoke insert, update, delete, truncate, references, trigger on app_take_on_bare
  from public, tahseel_app;

-- A transaction that leaves anything off cannot commit.
create function app_take_on_refuse_bare() returns trigger language plpgsql security definer
  set search_path = public as $$
begin
  if exists (select 1 from app_take_on_bare where place = new.place) then
    raise exception 'a take-on may not end without: %', new.put_back
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
create constraint trigger app_take_on_bare_never_kept after insert on app_take_on_bare
  deferrable initially deferred for each row execute function app_take_on_refuse_bare();

create function app_take_on_tables() returns regclass[] language plpgsql stable
  set search_path = public as $$
begin
  return array[
    'app_take_on_reference', 'customers_customer', 'customers_document', 'premises_premises',
    'premises_unit', 'premises_unit_sector', 'premises_service_point', 'meters_meter',
    'meters_register', 'meters_installation', 'meters_seal', 'meters_stock_step',
    'supply_account', 'supply_liability', 'supply_party', 'ledger_entry', 'claims_claim',
    'deposits_deposit']::text[]::regclass[];
end $$;
create function app_take_on_all_empty() returns boolean language plpgsql security definer
  set search_path = public as $$
declare
  one regclass;
  filled boolean;
begin
  foreach one in array app_take_on_tables() loop
    execute format('select exists (select 1 from %s)', one) into filled;
    if filled then
      return false;
    end if;
  end loop;
  return true;
end $$;

-- What hangs on the tables and can be built over all rows at once: neither primary keys, nor what
-- another table relies on, nor keys into tables that others work with meanwhile.
create function app_take_on_note_bare() returns void language sql security definer
  set search_path = public as $$
  insert into app_take_on_bare
  select row_number() over (order by rank, of::text, name),
    case rank when 1 then format('drop index %s', name)
      else format('alter table %s drop constraint %I', of, name) end, said
  from (
    select case contype when 'f' then 3 else 2 end as rank, conrelid::regclass as of,
      conname::text as name, format('alter table %s add constraint %I %s', conrelid::regclass,
        conname, pg_get_constraintdef(c.oid)) as said
    from pg_constraint c
    where conrelid = any(app_take_on_tables()) and (
      contype = 'f' and confrelid = any(app_take_on_tables())
      or contype in ('u', 'x') and not exists (select 1 from pg_constraint f
        where f.contype = 'f' and f.conindid = c.conindid
          and f.conrelid <> all(app_take_on_tables())))
    union all
    select 1, indrelid::regclass, indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    from pg_index i
    where indrelid = any(app_take_on_tables()) and not indisprimary
      and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)
  ) hanging
$$;
"""
TABLE_BACK = """
drop function app_take_on_note_bare();
drop function app_take_on_all_empty();
drop function app_take_on_tables();
drop table app_take_on_bare;
drop function app_take_on_refuse_bare();
"""

ACTS = """
-- True when the tables, all of them empty, are locked and bare. False when one has rows, or when
-- somebody holds one for too long: then nothing is off and nothing locked.
create function app_take_on_lay_bare() returns boolean language plpgsql security definer
  set search_path = public set lock_timeout = '5s' as $$
declare
  one app_take_on_bare;
begin
  if not app_take_on_all_empty() then
    return false;
  end if;
  execute (select 'lock table ' || string_agg(t::text, ', ' order by t::text)
             || ' in access exclusive mode' from unnest(app_take_on_tables()) t);
  if not app_take_on_all_empty() then
    raise lock_not_available;
  end if;
  perform app_take_on_note_bare();
  for one in select * from app_take_on_bare order by place desc loop
    execute one.take_off;
  end loop;
  return true;
exception when lock_not_available then
  return false;
end $$;

-- Puts everything back and lets the planner hear of the rows. Raises what a broken rule raises.
create function app_take_on_put_back() returns void language plpgsql security definer
  set search_path = public set maintenance_work_mem = '256MB' as $$
declare
  one record;
begin
  for one in select conname from pg_constraint
    where conrelid = any(app_take_on_tables()) and condeferrable
  loop
    execute format('set constraints public.%I immediate', one.conname);
  end loop;
  for one in select put_back from app_take_on_bare order by place loop
    execute one.put_back;
  end loop;
  delete from app_take_on_bare;
  for one in select unnest(app_take_on_tables()) as of loop
    execute format('analyze %s', one.of);
  end loop;
end $$;
revoke all on function app_take_on_refuse_bare(), app_take_on_tables(), app_take_on_all_empty(),
  app_take_on_note_bare(), app_take_on_lay_bare(), app_take_on_put_back() from public;
grant execute on function app_take_on_lay_bare(), app_take_on_put_back() to tahseel_app;
"""
ACTS_BACK = """
drop function app_take_on_put_back();
drop function app_take_on_lay_bare();
"""


class Migration(migrations.Migration):
    dependencies = [("app", "0001_take_on")]
    operations = [
        migrations.RunSQL(TABLE, TABLE_BACK),
        migrations.RunSQL(ACTS, ACTS_BACK),
    ]

"""A first take-on also builds the primary keys behind its rows, where no step looks rows up by them.

Ids are hashes, so row by row a key's pages are met in no order at all.
"""

from django.db import migrations

_NOTE = """
create or replace function app_take_on_note_bare() returns void language sql security definer
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
      or {kinds} and not exists (select 1 from pg_constraint f
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
_UNIQUE = "contype in ('u', 'x')"
_LOOKED_UP = "'ledger_entry', 'claims_claim', 'deposits_deposit'"
_KEYS = f"""(contype in ('u', 'x')
        or contype = 'p' and conrelid::regclass::text not in ({_LOOKED_UP}))"""


class Migration(migrations.Migration):
    dependencies = [("app", "0002_bare")]
    operations = [
        migrations.RunSQL(_NOTE.replace("{kinds}", _KEYS), _NOTE.replace("{kinds}", _UNIQUE))
    ]

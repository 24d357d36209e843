"""The pages of the indexes that a first take-on builds go to the log as they are.

To compress each of them took a quarter of the building. Who may not choose that (the owner may on
the server that we run ourselves) keeps what the server says.
"""

from django.db import migrations

_PUT_BACK = """
create or replace function app_take_on_put_back() returns void language plpgsql security definer
  set search_path = public, pg_temp set maintenance_work_mem = '256MB' as $$
declare
  one record;
begin
  {first}
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
"""
_PLAIN = """if has_parameter_privilege('wal_compression', 'set') then
    perform set_config('wal_compression', 'off', true);
  end if;"""


class Migration(migrations.Migration):
    dependencies = [("app", "0005_barest")]
    operations = [
        migrations.RunSQL(
            _PUT_BACK.replace("{first}", _PLAIN), _PUT_BACK.replace("{first}", "null;")
        )
    ]

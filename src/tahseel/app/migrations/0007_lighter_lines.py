"""Staged lines under one small index, and statistics of what is compared alone.

Rules between lines read all lines of an entity, so an index by key was written for every line and
hardly read; what a line holds beside its columns is never compared.
"""

from django.db import migrations

FEWER = """
drop index app_take_on_row_key;
drop index app_take_on_row_ref;
create index app_take_on_row_entity on app_take_on_row (run_id, entity);
create or replace function app_take_on_analyse() returns void language sql security definer
  set search_path = public, pg_temp as 'analyze app_take_on_row (run_id, entity, line, bad, key, ref,
    person, number, mark, from_day, until_day, fils)';
"""
MORE = """
drop index app_take_on_row_entity;
create index app_take_on_row_key on app_take_on_row (run_id, entity, key);
create index app_take_on_row_ref on app_take_on_row (run_id, entity, ref);
create or replace function app_take_on_analyse() returns void language sql security definer
  set search_path = public, pg_temp as 'analyze app_take_on_row';
"""


class Migration(migrations.Migration):
    dependencies = [("app", "0006_plain_pages")]
    operations = [migrations.RunSQL(FEWER, MORE)]

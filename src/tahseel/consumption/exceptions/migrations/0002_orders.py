"""Orders to crews in the field, with their results."""

from django.db import migrations

TABLES = """
-- What a crew is asked to do at a meter, and what it reports. Only what becomes of it changes.
create table exceptions_field_order (
  id uuid primary key,
  exception_id uuid not null references exceptions_exception (id),
  meter_id uuid not null,
  kind text not null check (kind in ('investigate', 'test', 'disconnect', 'reconnect')),
  task text not null check (task <> ''),
  state text not null check (state in ('ordered', 'done', 'not_done', 'withdrawn')),
  ordered_at timestamptz not null,
  ordered_by text not null,
  done_on date,
  result text not null default '',
  closed_at timestamptz,
  closed_by text not null default '',
  check ((state = 'ordered') = (closed_at is null)),
  check ((state in ('done', 'not_done')) = (done_on is not null)),
  check (closed_by <> ordered_by or state = 'withdrawn')
);
create unique index exceptions_field_order_open
  on exceptions_field_order (exception_id) where state = 'ordered';
create index exceptions_field_order_waiting
  on exceptions_field_order (ordered_at) where state = 'ordered';
create index exceptions_field_order_meter on exceptions_field_order (meter_id);
revoke update, delete, truncate on exceptions_field_order from tahseel_app;
grant update (state, done_on, result, closed_at, closed_by) on exceptions_field_order
  to tahseel_app;
"""


class Migration(migrations.Migration):
    dependencies = [("exceptions", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, "drop table exceptions_field_order")]

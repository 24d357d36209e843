"""Access that was refused, and every step of what followed."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table appointments_access (
  id uuid primary key,
  account_id uuid not null,
  meter_id uuid not null,
  state text not null check (state in ('appointment', 'notice', 'charge', 'ended', 'settled')),
  refusals integer not null check (refusals > 0),
  opened_on date not null,
  notice_id uuid not null,
  changed_at timestamptz not null,
  reason text not null default '',
  check ((state = 'settled') = (reason <> ''))
);
create unique index appointments_access_open on appointments_access (meter_id)
  where state in ('appointment', 'notice', 'charge');
create index appointments_access_of on appointments_access (account_id);
revoke delete, truncate on appointments_access from tahseel_app;
create table appointments_access_step (
  access_id uuid not null references appointments_access (id),
  state text not null,
  day date not null,
  at timestamptz not null,
  primary key (access_id, state)
);
"""
TABLES_BACK = "drop table appointments_access_step, appointments_access;"


class Migration(migrations.Migration):
    dependencies = [("appointments", "0001_initial"), ("field", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK), append_only("appointments_access_step")]

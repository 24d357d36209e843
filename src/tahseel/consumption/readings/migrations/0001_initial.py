"""Files, links of usage points to meters, register reads, parked records and determinants."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- One row a content: the same bytes under two names are one file.
create table readings_file (
  id uuid primary key,
  sha256 text not null unique check (length(sha256) = 64),
  name text not null,
  format text not null,
  state text not null check (state in ('accepted', 'refused')),
  refusal jsonb,
  summary jsonb not null,
  stored bigint not null check (stored >= 0),
  parked bigint not null check (parked >= 0),
  shift_weeks integer not null,
  received_at timestamptz not null,
  actor text not null,
  check ((state = 'refused') = (refusal is not null))
);
-- Which meter of ours a sender's name for a place means.
create table readings_usage_point (
  usage_point text primary key,
  meter_id uuid not null,
  linked_at timestamptz not null,
  actor text not null
);
-- `value` is the dial in base units (Wh, litres) before the multiplier. A correction is a new version.
create table readings_register_read (
  meter_id uuid not null,
  register text not null,
  at timestamptz not null,
  version integer not null check (version > 0),
  value bigint not null check (value >= 0),
  quality text not null check (quality in ('actual', 'estimated', 'self_read')),
  source text not null,
  recorded_at timestamptz not null,
  actor text not null,
  primary key (meter_id, register, at, version)
);
create table readings_parked (
  id uuid primary key,
  file_id uuid not null references readings_file (id),
  line integer not null,
  channel text not null,
  code text not null,
  reads bigint not null check (reads >= 0),
  record jsonb not null,
  state text not null check (state in ('open', 'replayed')),
  parked_at timestamptz not null,
  replayed_at timestamptz
);
create index readings_parked_open on readings_parked (code, file_id) where state = 'open';
-- The quantity billed for one account, meter and month (year * 12 + month - 1).
create table readings_determinant (
  account_id uuid not null,
  meter_id uuid not null,
  month integer not null,
  version integer not null check (version > 0),
  service text not null,
  quantity bigint not null check (quantity >= 0),
  method text not null check (method in ('register', 'interval', 'estimated')),
  from_at timestamptz not null,
  to_at timestamptz not null check (to_at > from_at),
  from_value bigint,
  to_value bigint,
  days integer not null check (days > 0),
  estimated_share numeric(6, 5) not null check (estimated_share between 0 and 1),
  recorded_at timestamptz not null,
  primary key (account_id, meter_id, month, version)
);
create index readings_determinant_month on readings_determinant (month);
"""
TABLES_BACK = """
drop table readings_determinant, readings_parked, readings_register_read, readings_usage_point,
  readings_file;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("readings_file"),
        append_only("readings_register_read"),
        append_only("readings_determinant"),
    ]

"""How each determinant was used over the day, and the running month apart from those that count."""

from django.db import migrations

ADD = """
-- A list as `readings.profiles` writes it: highest demand, use by band. Null: no intervals tell it.
alter table readings_determinant add column profile jsonb;
-- What a running month came to by last night. Provisional: replaced every night, never billed.
create table readings_running (
  account_id uuid not null,
  meter_id uuid not null,
  month integer not null,
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
  basis jsonb not null,
  profile jsonb,
  primary key (account_id, meter_id, month)
);
create index readings_running_meter on readings_running (meter_id, month);
"""
BACK = """
drop table readings_running;
alter table readings_determinant drop column profile;
"""


class Migration(migrations.Migration):
    dependencies = [("readings", "0002_basis")]
    operations = [migrations.RunSQL(ADD, BACK)]

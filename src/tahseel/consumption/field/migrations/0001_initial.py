"""Routes with their stops, rounds with theirs, visits with what they found, and result files."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- `area` as in premises_area; `number` counts the routes of an area; `reader` goes there usually.
create table field_route (
  id uuid primary key,
  area text not null,
  number integer not null check (number > 0),
  reader text not null default '',
  laid_at timestamptz not null,
  unique (area, number)
);
-- A service point stands on one route at a day; the meter that hangs there is read with it.
create table field_stop (
  route_id uuid not null references field_route (id),
  service_point_id uuid not null,
  position integer not null check (position > 0),
  from_day date not null,
  until_day date check (until_day > from_day),
  primary key (service_point_id, from_day)
);
alter table field_stop add constraint field_stop_one_route
  exclude using gist (service_point_id with =, daterange(from_day, until_day) with &&);
create index field_stop_route on field_stop (route_id, position);
create table field_round (
  id uuid primary key,
  route_id uuid not null references field_route (id),
  day date not null,
  reader text not null default '',
  device text not null default '',
  state text not null check (state in ('planned', 'out', 'back', 'closed')),
  planned_at timestamptz not null,
  out_at timestamptz,
  back_at timestamptz,
  closed_at timestamptz,
  closed_by text not null default '',
  reason text not null default '',
  unique (route_id, day),
  check (state <> 'out' or (reader <> '' and out_at is not null)),
  check ((state = 'closed') = (closed_at is not null))
);
create index field_round_day on field_round (day);
create index field_round_reader on field_round (reader, day);
-- What was to be read on that day: it stays as it was planned, whatever becomes of the route.
create table field_round_stop (
  round_id uuid not null references field_round (id),
  sequence integer not null check (sequence > 0),
  meter_id uuid not null,
  service_point_id uuid not null,
  unit_id uuid not null,
  serial text not null,
  service text not null,
  state text not null check (state in ('left', 'read', 'no_access')),
  primary key (round_id, sequence),
  unique (round_id, meter_id)
);
create index field_round_stop_meter on field_round_stop (meter_id);
-- Values in base units (Wh, litres) before the multiplier; low and high: how far it may have moved.
create table field_round_dial (
  round_id uuid not null,
  sequence integer not null,
  register text not null,
  unit text not null,
  digits integer not null,
  decimals integer not null,
  last_value bigint,
  last_at timestamptz,
  low bigint check (low >= 0),
  high bigint check (high >= low),
  primary key (round_id, sequence, register),
  foreign key (round_id, sequence) references field_round_stop (round_id, sequence),
  check ((last_value is null) = (last_at is null)),
  check ((low is null) = (high is null))
);
-- One row a content: the same bytes under two names are one file.
create table field_file (
  sha256 text primary key check (length(sha256) = 64),
  round_id uuid not null references field_round (id),
  name text not null,
  device text not null,
  state text not null check (state in ('accepted', 'refused')),
  stops integer not null check (stops >= 0),
  faults jsonb not null,
  received_at timestamptz not null,
  actor text not null
);
create index field_file_round on field_file (round_id, received_at);
-- `latitude`, `longitude` in millionths of a degree; `photo`: the hash under which it is kept.
create table field_visit (
  id uuid primary key,
  round_id uuid not null,
  sequence integer not null,
  at timestamptz not null,
  no_access text not null,
  note text not null,
  latitude integer check (latitude between -90000000 and 90000000),
  longitude integer check (longitude between -180000000 and 180000000),
  photo text not null,
  device text not null,
  confirmed boolean not null,
  file text not null,
  recorded_at timestamptz not null,
  actor text not null,
  foreign key (round_id, sequence) references field_round_stop (round_id, sequence),
  check ((latitude is null) = (longitude is null))
);
create index field_visit_stop on field_visit (round_id, sequence, recorded_at);
create table field_visit_dial (
  visit_id uuid not null references field_visit (id),
  register text not null,
  value bigint not null check (value >= 0),
  primary key (visit_id, register)
);
revoke delete, truncate on field_route, field_stop, field_round, field_round_stop from tahseel_app;
revoke update on field_round_stop, field_round from tahseel_app;
grant update (state) on field_round_stop to tahseel_app;
grant update (reader, device, state, out_at, back_at, closed_at, closed_by, reason)
  on field_round to tahseel_app;
"""
TABLES_BACK = """
drop table field_visit_dial, field_visit, field_file, field_round_dial, field_round_stop,
  field_round, field_stop, field_route;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("kernel", "0001_initial"),
        ("meters", "0001_initial"),
        ("premises", "0003_lives"),
        ("readings", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("field_round_dial"),
        append_only("field_file"),
        append_only("field_visit"),
        append_only("field_visit_dial"),
    ]

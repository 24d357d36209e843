"""Bookings of half-days, each on a place of its own, and every step of them."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- A half-day of an area has so many places; a booking takes one of them, and nobody else does.
create table appointments_booking (
  id uuid primary key,
  account_id uuid not null,
  customer_id uuid,
  unit_id uuid not null,
  area text not null,
  day date not null,
  half text not null,
  place integer not null check (place > 0),
  reason text not null,
  state text not null check (state in ('booked', 'cancelled', 'kept', 'missed')),
  made_at timestamptz not null,
  made_by text not null,
  changed_at timestamptz not null
);
create unique index appointments_place_once
  on appointments_booking (area, day, half, place) where state <> 'cancelled';
create unique index appointments_one_open
  on appointments_booking (account_id, reason) where state = 'booked';
create index appointments_booking_of on appointments_booking (account_id, day);
create index appointments_booking_on on appointments_booking (day, area) where state = 'booked';
revoke delete, truncate on appointments_booking from tahseel_app;
create table appointments_step (
  booking_id uuid not null references appointments_booking (id),
  number integer not null,
  at timestamptz not null,
  state text not null,
  day date not null,
  half text not null,
  by text not null,
  note text not null default '',
  primary key (booking_id, number)
);
"""
TABLES_BACK = "drop table appointments_step, appointments_booking;"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK), append_only("appointments_step")]

"""Service points behind another one's meter, from a day up to a day."""

from django.db import migrations

TABLES = """
-- What goes through a sub-meter went through the main one before: one main meter on any day.
create table meters_behind (
  id uuid primary key,
  service_point_id uuid not null references premises_service_point (id),
  main_point_id uuid not null references premises_service_point (id),
  from_day date not null,
  until_day date check (until_day > from_day),
  recorded_at timestamptz not null,
  recorded_by text not null,
  changed_at timestamptz not null,
  check (service_point_id <> main_point_id),
  constraint meters_behind_one_main
    exclude using gist (service_point_id with =, daterange(from_day, until_day) with &&)
);
create index meters_behind_main on meters_behind (main_point_id);
create index meters_behind_changed on meters_behind (changed_at);
revoke update, delete, truncate on meters_behind from tahseel_app;
grant update (until_day, changed_at) on meters_behind to tahseel_app;
"""


class Migration(migrations.Migration):
    dependencies = [("meters", "0003_stock")]
    operations = [migrations.RunSQL(TABLES, "drop table meters_behind")]

"""Counters of how often visitors ask; unlogged, because a lost count costs nothing."""

from django.db import migrations

CREATE = """
create unlogged table access_throttle (
  name text not null,
  visitor bytea not null,
  "window" timestamptz not null,
  uses int not null check (uses > 0),
  primary key (name, visitor, "window")
);
create index access_throttle_old on access_throttle (name, "window");
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "drop table access_throttle")]

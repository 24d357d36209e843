"""What came to a record between its merge and the day the merge was taken back is kept as a list."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table customers_merge_own (
  merge_id uuid not null references customers_merge (id),
  table_name text not null,
  key text[] not null,
  primary key (merge_id, table_name, key)
);
comment on table customers_merge_own is
  'what hung on the record that stayed before the merge; one row with no table says it was kept';
create table customers_merge_since (
  merge_id uuid not null references customers_merge (id),
  position integer not null,
  table_name text not null,
  key text[] not null,
  primary key (merge_id, position)
);
create table customers_merge_sorted (
  merge_id uuid not null,
  position integer not null,
  moved_at timestamptz not null,
  moved_by text not null,
  primary key (merge_id, position),
  foreign key (merge_id, position) references customers_merge_since (merge_id, position)
);
"""
BACK = """
drop table customers_merge_sorted;
drop table customers_merge_since;
drop table customers_merge_own;
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_standing")]
    operations = [
        migrations.RunSQL(TABLES, BACK),
        append_only("customers_merge_own"),
        append_only("customers_merge_since"),
        append_only("customers_merge_sorted"),
    ]

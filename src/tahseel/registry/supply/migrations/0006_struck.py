"""A role that should not be on record is struck: it stands in a table of its own, with why."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table supply_party_struck (
  id uuid primary key,
  account_id uuid not null references supply_account (id),
  customer_id uuid not null,
  role text not null,
  from_day date not null,
  until_day date,
  agreement text not null,
  takes_back boolean not null,
  principal_id uuid,
  share_parts integer,
  share_whole integer,
  struck_at timestamptz not null,
  struck_by text not null check (struck_by <> ''),
  reason text not null check (reason <> '')
);
create index supply_party_struck_account on supply_party_struck (account_id);
grant select, insert on supply_party_struck to tahseel_app;
"""


class Migration(migrations.Migration):
    dependencies = [("supply", "0005_children"), ("customers", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, "drop table supply_party_struck"),
        append_only("supply_party_struck"),
    ]

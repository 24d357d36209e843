"""Changes of who owes days, or of their price, for a run that has read the account before them."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- One row a change and account, written in the change's own transaction under the account's lock.
create table billing_changed (
  account_id uuid not null,
  id uuid not null,
  at timestamptz not null,
  primary key (account_id, id)
);
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0014_held_finals")]
    operations = [
        migrations.RunSQL(TABLES, "drop table billing_changed"),
        append_only("billing_changed"),
    ]

"""A deposit whose netting waits, because a bill of its owner is held back."""

from django.db import migrations

TABLES = """
alter table deposits_deposit add column waits_since timestamptz;
grant update (waits_since) on deposits_deposit to tahseel_app;
create index deposits_deposit_waiting on deposits_deposit (account_id)
  where state = 'held' and waits_since is not null;
"""
TABLES_BACK = "alter table deposits_deposit drop column waits_since;"


class Migration(migrations.Migration):
    dependencies = [("deposits", "0003_demands")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]

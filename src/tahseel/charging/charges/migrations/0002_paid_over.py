"""What was paid over to whom it was collected for."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLE = """
create table charges_paid_over (
  account_id uuid not null,
  charge_id uuid not null,
  id uuid not null,
  party text not null,
  amount bigint not null check (amount > 0),
  reference text not null,
  paid_on date not null,
  primary key (account_id, charge_id, id),
  foreign key (account_id, charge_id) references charges_charge (account_id, id)
);
create index charges_paid_over_party on charges_paid_over (party, paid_on);
"""
TABLE_BACK = "drop table charges_paid_over;"


class Migration(migrations.Migration):
    dependencies = [("charges", "0001_initial")]
    operations = [migrations.RunSQL(TABLE, TABLE_BACK), append_only("charges_paid_over")]

"""A crew's order knows the month of the account that it is for; a held bill names no order."""

from django.db import migrations

TABLES = "alter table billing_held drop column order_id;"
TABLES_BACK = """
alter table billing_held add column order_id uuid;
grant update (order_id) on billing_held to tahseel_app;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0011_ordered")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]

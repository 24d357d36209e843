"""What is given back or credited is a line below nothing."""

from django.db import migrations

TABLES = """
alter table billing_line drop constraint billing_line_amount_fils_check;
alter table billing_line add constraint billing_line_amount_fils_check
  check (amount_fils >= 0 or kind <> 'consumption');
"""
TABLES_BACK = """
alter table billing_line drop constraint billing_line_amount_fils_check;
alter table billing_line add constraint billing_line_amount_fils_check check (amount_fils >= 0);
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0015_changed")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]

"""Bills of days on which other units stood, or were fed otherwise, wait to be looked at again."""

from django.db import migrations

TABLES = """
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check check (part in
  ('liable', 'payer', 'sector', 'certificate', 'meter', 'quantity', 'shape', 'sharing'));
"""
TABLES_BACK = """
delete from billing_misdirected where part in ('shape', 'sharing');
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check
  check (part in ('liable', 'payer', 'sector', 'certificate', 'meter', 'quantity'));
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_comparison")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]

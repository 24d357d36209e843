"""Bills of days on which who owes them was dead already are looked at again."""

from django.db import migrations

FORWARD = """
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check check (part in
  ('liable', 'payer', 'estate', 'sector', 'certificate', 'shape', 'sharing', 'meter', 'quantity'));
"""
BACKWARD = """
delete from billing_misdirected where part = 'estate';
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check check (part in
  ('liable', 'payer', 'sector', 'certificate', 'shape', 'sharing', 'meter', 'quantity'));
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0012_held_about")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]

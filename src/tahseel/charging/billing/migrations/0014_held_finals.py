"""A final bill that is held back: it is for some days of a month, not for the month."""

from django.db import migrations

TABLES = """
-- from_day, to_day: of a final bill; null for the bill of a month.
alter table billing_held add column from_day date;
alter table billing_held add column to_day date;
alter table billing_held add check ((from_day is null) = (to_day is null) and to_day > from_day);
drop index billing_held_open;
create unique index billing_held_open on billing_held (account_id, month)
  where state = 'held' and to_day is null;
create unique index billing_held_final on billing_held (account_id, from_day)
  where state = 'held' and to_day is not null;
"""
TABLES_BACK = """
drop index billing_held_open;
alter table billing_held drop column from_day, drop column to_day;
create unique index billing_held_open on billing_held (account_id, month) where state = 'held';
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0013_estates")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]

"""Bills whose quantity was corrected wait beside the others, with what was billed and what it is."""

from django.db import migrations

TABLES = """
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check
  check (part in ('liable', 'payer', 'sector', 'certificate', 'meter', 'quantity'));
-- Wh or litres of one meter: as the bills say, and as is known now.
alter table billing_misdirected
  add column meter_id uuid,
  add column service text,
  add column billed bigint check (billed >= 0),
  add column quantity bigint check (quantity >= 0),
  add constraint billing_misdirected_corrected check (
    num_nulls(meter_id, service, billed, quantity) = case part when 'quantity' then 0 else 4 end
  ),
  add constraint billing_misdirected_differs check (billed <> quantity);
create unique index billing_misdirected_meter
  on billing_misdirected (account_id, meter_id, bill_ids) where state = 'open' and part = 'quantity';
"""
TABLES_BACK = """
delete from billing_misdirected where part = 'quantity';
drop index billing_misdirected_meter;
alter table billing_misdirected drop constraint billing_misdirected_corrected,
  drop constraint billing_misdirected_differs,
  drop column meter_id, drop column service, drop column billed, drop column quantity;
alter table billing_misdirected drop constraint billing_misdirected_part_check;
alter table billing_misdirected add constraint billing_misdirected_part_check
  check (part in ('liable', 'payer', 'sector', 'certificate', 'meter'));
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_corrected")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]

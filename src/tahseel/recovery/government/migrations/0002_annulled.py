"""An agreement that was recorded twice is set aside as if it had never held; ends have their author."""

from django.db import migrations

COLUMNS = """
alter table government_agreement
  add column ended_at timestamptz,
  add column ended_by text not null default '',
  add column annulled_at timestamptz,
  add column annulled_by text not null default '',
  add column annulled_because text not null default '',
  add constraint government_agreement_annulled_with_reason
    check ((annulled_at is null) = (annulled_because = '')
      and (annulled_at is null) = (annulled_by = ''));
alter table government_agreement drop constraint government_agreement_no_overlap;
alter table government_agreement add constraint government_agreement_no_overlap
  exclude using gist (body_id with =, kind with =, daterange(from_day, until_day) with &&)
  where (annulled_at is null);
grant update (ended_at, ended_by, annulled_at, annulled_by, annulled_because)
  on government_agreement to tahseel_app;
"""
# What never held had no place before.
COLUMNS_BACK = """
delete from government_agreement where annulled_at is not null;
alter table government_agreement drop constraint government_agreement_no_overlap;
alter table government_agreement add constraint government_agreement_no_overlap
  exclude using gist (body_id with =, kind with =, daterange(from_day, until_day) with &&);
alter table government_agreement
  drop constraint government_agreement_annulled_with_reason,
  drop column ended_at, drop column ended_by,
  drop column annulled_at, drop column annulled_by, drop column annulled_because;
"""


class Migration(migrations.Migration):
    dependencies = [("government", "0001_initial")]
    operations = [migrations.RunSQL(COLUMNS, COLUMNS_BACK)]

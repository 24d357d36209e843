"""What was disputed of a claim, and since when (append-only)."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- One row each time the disputed part is set; the last before an instant is what stood then.
create table claims_dispute (
  account_id uuid not null,
  claim_id uuid not null,
  place bigint generated always as identity,
  disputed bigint not null check (disputed >= 0),
  recorded_at timestamptz not null,
  primary key (account_id, claim_id, place),
  foreign key (account_id, claim_id) references claims_claim (account_id, id)
);
-- Since when what is disputed now has been is told by no row; it is taken to be from the start.
insert into claims_dispute (account_id, claim_id, disputed, recorded_at)
select account_id, id, disputed, opened_on from claims_claim where disputed > 0;
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0003_credit")]
    operations = [
        migrations.RunSQL(TABLES, "drop table claims_dispute;"),
        append_only("claims_dispute"),
    ]

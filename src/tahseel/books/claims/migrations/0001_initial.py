"""Claims, and what payments did to them (append-only)."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table claims_claim (
  account_id uuid not null,
  id uuid not null,
  reference text not null,
  kind text not null,
  opened_on date not null,
  due_date date not null check (due_date >= opened_on),
  amount bigint not null check (amount > 0),
  open bigint not null check (open between 0 and amount),
  disputed bigint not null default 0 check (disputed between 0 and open),
  closed_at timestamptz,
  customer_id uuid not null,
  primary key (account_id, id),
  unique (account_id, reference),
  check ((open = 0) = (closed_at is not null))
) with (fillfactor = 80);
create index claims_claim_reference on claims_claim (reference);
create index claims_claim_customer on claims_claim (customer_id, due_date) where open > 0;
-- What a claim is never changes; only what is open of it does.
revoke update, delete, truncate on claims_claim from tahseel_app;
grant update (open, disputed, closed_at) on claims_claim to tahseel_app;

-- One row a payment and account: how much came, how much found no claim.
create table claims_application (
  account_id uuid not null,
  payment_id uuid not null,
  amount bigint not null check (amount > 0),
  unapplied bigint not null check (unapplied between 0 and amount),
  input_hash bytea not null check (octet_length(input_hash) = 32),
  recorded_at timestamptz not null,
  primary key (account_id, payment_id)
);
-- A payment's part of a claim; taken back by its exact negative.
create table claims_allocation (
  account_id uuid not null,
  id uuid not null,
  payment_id uuid not null,
  claim_id uuid not null,
  position integer not null check (position >= 0),
  amount bigint not null check (amount <> 0),
  closes boolean not null,
  reverses uuid,
  recorded_at timestamptz not null,
  primary key (account_id, id),
  check ((amount < 0) = (reverses is not null)),
  foreign key (account_id, claim_id) references claims_claim (account_id, id),
  foreign key (account_id, payment_id) references claims_application (account_id, payment_id),
  foreign key (account_id, reverses) references claims_allocation (account_id, id)
);
create unique index claims_allocation_reversed_once on claims_allocation (account_id, reverses)
  where reverses is not null;
create index claims_allocation_claim on claims_allocation (account_id, claim_id);
create index claims_allocation_payment on claims_allocation (account_id, payment_id);
create table claims_reopening (
  account_id uuid not null,
  payment_id uuid not null,
  recorded_at timestamptz not null,
  primary key (account_id, payment_id),
  foreign key (account_id, payment_id) references claims_application (account_id, payment_id)
);
"""
TABLES_BACK = "drop table claims_reopening, claims_allocation, claims_application, claims_claim;"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("claims_application"),
        append_only("claims_allocation"),
        append_only("claims_reopening"),
    ]

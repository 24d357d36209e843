"""Charges and credits that two people agreed on."""

from django.db import migrations

TABLES = """
-- An amount is above zero whatever the sign: a credit is posted and shown as a credit.
create table charges_charge (
  account_id uuid not null,
  id uuid not null,
  reference text not null,
  kind text not null,
  sign text not null check (sign in ('charge', 'credit')),
  cause text not null check (cause <> ''),
  amount bigint not null check (amount > 0),
  evidence text not null check (evidence <> ''),
  customer_id uuid not null,
  state text not null check (state in ('waiting', 'posted', 'reversed')),
  asked_by text not null,
  agreed_by text not null check (agreed_by <> asked_by),
  agreed_at timestamptz not null,
  posted_on date,
  due_on date check (due_on >= posted_on),
  bill_id uuid,
  met bigint check (met between 0 and amount),
  reversed_at timestamptz,
  reason text not null default '',
  primary key (account_id, id),
  unique (account_id, reference),
  check (state <> 'posted' or posted_on is not null),
  check ((state = 'reversed') = (reversed_at is not null)),
  check (bill_id is null or posted_on is not null)
);
-- One cause is charged once; what was taken back may be charged again.
create unique index charges_charge_cause on charges_charge (account_id, kind, cause)
  where state <> 'reversed';
create index charges_charge_waiting on charges_charge (account_id) where state = 'waiting';
create index charges_charge_bill on charges_charge (account_id, bill_id) where bill_id is not null;
create index charges_charge_kind on charges_charge (kind, posted_on);
-- What was agreed to never changes; only what becomes of it does.
revoke update, delete, truncate on charges_charge from tahseel_app;
grant update (state, posted_on, due_on, bill_id, met, reversed_at, reason, customer_id)
  on charges_charge to tahseel_app;
"""
TABLES_BACK = "drop table charges_charge;"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("claims", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]

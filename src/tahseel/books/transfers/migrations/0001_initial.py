"""Debts that moved between accounts, claim by claim, and those that were given back."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
create table transfers_transfer (
  id uuid primary key,
  reference text not null unique,
  assumption_id uuid not null,
  from_account_id uuid not null,
  to_account_id uuid not null,
  amount bigint not null check (amount > 0),
  moved_on date not null,
  recorded_at timestamptz not null,
  asked_by text not null check (asked_by <> ''),
  agreed_by text not null check (agreed_by <> '' and agreed_by <> asked_by)
);
create index transfers_transfer_from on transfers_transfer (from_account_id);
create index transfers_transfer_to on transfers_transfer (to_account_id);
create index transfers_transfer_paper on transfers_transfer (assumption_id);

-- What each claim lost, and the claim on the new account that stems from it.
create table transfers_part (
  account_id uuid not null,
  claim_id uuid not null,
  transfer_id uuid not null references transfers_transfer (id),
  amount bigint not null check (amount > 0),
  to_account_id uuid not null,
  new_claim_id uuid not null,
  primary key (account_id, claim_id, transfer_id),
  foreign key (account_id, claim_id) references claims_claim (account_id, id),
  foreign key (to_account_id, new_claim_id) references claims_claim (account_id, id)
);
create unique index transfers_part_stem on transfers_part (to_account_id, new_claim_id);
create index transfers_part_transfer on transfers_part (transfer_id);

-- A transfer is taken back once.
create table transfers_return (
  transfer_id uuid primary key references transfers_transfer (id),
  recorded_at timestamptz not null,
  asked_by text not null check (asked_by <> ''),
  agreed_by text not null check (agreed_by <> '' and agreed_by <> asked_by),
  reason text not null check (reason <> '')
);
grant select, insert on transfers_transfer, transfers_part, transfers_return to tahseel_app;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("claims", "0002_debtor"), ("supply", "0007_moved")]
    operations = [
        migrations.RunSQL(
            TABLES, "drop table transfers_return, transfers_part, transfers_transfer"
        ),
        append_only("transfers_transfer"),
        append_only("transfers_part"),
        append_only("transfers_return"),
    ]

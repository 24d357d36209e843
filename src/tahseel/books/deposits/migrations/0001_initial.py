"""Deposits and guarantees, and what a review of them proposes."""

from django.db import migrations

TABLES = """
create table deposits_deposit (
  account_id uuid not null,
  id uuid not null,
  customer_id uuid,
  kind text not null check (kind in ('cash', 'guarantee')),
  amount bigint not null check (amount > 0),
  taken_on date not null,
  tender text not null default '',
  issuer text not null default '',
  reference text not null default '',
  expires_on date check (expires_on > taken_on),
  state text not null
    check (state in ('held', 'settled', 'refund_due', 'refunded', 'released', 'called')),
  netted bigint not null default 0 check (netted >= 0),
  refund bigint not null default 0 check (refund >= 0),
  carried bigint not null default 0 check (carried >= 0),
  ended_on date check (ended_on >= taken_on),
  refunded_on date,
  iban_cipher bytea,
  input_hash bytea not null check (octet_length(input_hash) = 32),
  recorded_at timestamptz not null,
  actor text not null,
  primary key (account_id, id),
  check ((state = 'held') = (ended_on is null)),
  check ((kind = 'guarantee') = (issuer <> '' and reference <> '' and expires_on is not null)),
  check (kind = 'cash' and state in ('held', 'settled', 'refund_due', 'refunded')
         or kind = 'guarantee' and state in ('held', 'released', 'called')),
  check (case when state in ('settled', 'refund_due', 'refunded') then netted + refund + carried = amount
              else netted + refund + carried = 0 end),
  check ((state in ('refund_due', 'refunded')) = (refund > 0)),
  check ((state = 'refunded') = (refunded_on is not null and iban_cipher is not null))
);
create index deposits_deposit_held on deposits_deposit (account_id) where state = 'held';
create index deposits_deposit_expiring on deposits_deposit (expires_on)
  where state = 'held' and expires_on is not null;
create index deposits_deposit_refund on deposits_deposit (ended_on) where state = 'refund_due';
-- What was deposited never changes; only what becomes of it does.
revoke update, delete, truncate on deposits_deposit from tahseel_app;
grant update (state, netted, refund, carried, ended_on, refunded_on, iban_cipher)
  on deposits_deposit to tahseel_app;

-- One row a review that found something: what is held, what would fit, and what was decided.
create table deposits_proposal (
  account_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  kind text not null check (kind in ('raise', 'return', 'renew')),
  reviewed_on date not null,
  held bigint not null check (held >= 0),
  wanted bigint not null check (wanted >= 0),
  monthly bigint not null check (monthly >= 0),
  months integer not null check (months >= 0),
  state text not null check (state in ('open', 'accepted', 'refused', 'overtaken')),
  decided_at timestamptz,
  decided_by text not null default '',
  reason text not null default '',
  recorded_at timestamptz not null,
  primary key (account_id, id),
  check ((state = 'open') = (decided_at is null))
);
create unique index deposits_proposal_open on deposits_proposal (account_id) where state = 'open';
revoke update, delete, truncate on deposits_proposal from tahseel_app;
grant update (state, decided_at, decided_by, reason) on deposits_proposal to tahseel_app;
"""
TABLES_BACK = "drop table deposits_proposal, deposits_deposit;"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("ledger", "0001_initial"), ("claims", "0001_initial")]
    operations = [migrations.RunSQL(TABLES, TABLES_BACK)]

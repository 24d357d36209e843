"""Intents with their shares, posted payments, kept messages, timelines, cases."""

from django.db import migrations

from tahseel.kernel.sql import append_only

TABLES = """
-- What somebody set out to pay through a gateway; global, because one may cover several accounts.
create table payments_intent (
  id uuid primary key,
  track_id text not null unique,
  gateway text not null,
  amount bigint not null check (amount > 0),
  state text not null check (state in
    ('created', 'sent', 'captured', 'not_captured', 'cancelled', 'in_doubt', 'posted')),
  claimed text,
  hold_reference text,
  reference jsonb not null default '{}',
  inquiries integer not null default 0,
  inquired_at timestamptz,
  notified_at timestamptz,
  next_inquiry_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  posted_at timestamptz,
  check ((state = 'posted') = (posted_at is not null))
);
create index payments_intent_due on payments_intent (next_inquiry_at)
  where next_inquiry_at is not null;
create table payments_share (
  account_id uuid not null,
  intent_id uuid not null,
  customer_id uuid not null,
  amount bigint not null check (amount > 0),
  claim_ids uuid[] not null,
  primary key (account_id, intent_id)
);
create index payments_share_intent on payments_share (intent_id);
-- Money on an account. `unapplied` is what no claim took.
create table payments_payment (
  account_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  intent_id uuid,
  tender text not null,
  channel text not null,
  finality text not null check (finality in ('final', 'provisional', 'none')),
  amount bigint not null check (amount > 0),
  unapplied bigint not null check (unapplied between 0 and amount),
  business_date date not null,
  received_at timestamptz not null,
  posted_at timestamptz not null,
  reference text not null,
  input_hash bytea not null check (octet_length(input_hash) = 32),
  primary key (account_id, id)
);
create index payments_payment_day on payments_payment (business_date) include (amount, channel);
create index payments_payment_intent on payments_payment (intent_id) where intent_id is not null;
-- Every request and response as it was, sealed.
create table payments_message (
  id uuid primary key,
  intent_id uuid,
  track_id text not null,
  kind text not null check (kind in ('begin', 'notification', 'inquiry', 'refund')),
  at timestamptz not null,
  digest bytea not null check (octet_length(digest) = 32),
  sealed bytea not null,
  unique (kind, track_id, digest)
);
create index payments_message_intent on payments_message (intent_id);
-- What happened to an intent, in order: the timeline of a payment.
create table payments_step (
  intent_id uuid not null,
  position integer not null check (position > 0),
  step text not null,
  at timestamptz not null,
  facts jsonb not null,
  primary key (intent_id, position)
);
-- A payment that a person has to look at.
create table payments_case (
  id uuid primary key,
  intent_id uuid not null,
  kind text not null check (kind in
    ('wrong_amount', 'wrong_track', 'contradiction', 'no_clear_answer', 'not_posted')),
  reported_fils bigint,
  opened_at timestamptz not null,
  closed_at timestamptz,
  unique (intent_id, kind)
);
"""
TABLES_BACK = """
drop table payments_case, payments_step, payments_message,
  payments_payment, payments_share, payments_intent;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, TABLES_BACK),
        append_only("payments_share"),
        append_only("payments_payment"),
        append_only("payments_message"),
        append_only("payments_step"),
    ]

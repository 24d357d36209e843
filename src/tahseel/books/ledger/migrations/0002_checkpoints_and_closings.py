"""Checkpoints over entries with their Merkle root, and closed periods that receive nothing."""

from django.db import migrations

from tahseel.kernel.sql import append_only

CHECKPOINTS = """
-- A checkpoint covers the entries that no earlier one covers, whatever instants they carry. `chain`
-- is the hash of the chain before and of this root, so a checkpoint that is taken out shows.
create table ledger_checkpoint (
  number bigint primary key check (number > 0),
  at timestamptz not null,
  entries bigint not null check (entries > 0),
  root bytea not null check (octet_length(root) = 32),
  chain bytea not null check (octet_length(chain) = 32)
);
-- Which versions of an account a checkpoint covers: after `after`, up to and with `version`.
create table ledger_seal (
  account_id uuid not null,
  version bigint not null,
  after bigint not null check (after >= 0 and after < version),
  checkpoint bigint not null references ledger_checkpoint (number),
  primary key (account_id, version)
);
create index ledger_seal_checkpoint on ledger_seal (checkpoint);

-- What is hashed of an entry: its columns as `ledger export` writes them, parted by U+001F.
create function ledger_leaf(e ledger_entry) returns bytea language sql stable as $$
  select sha256('\\x00'::bytea || convert_to(concat_ws(chr(31), e.account_id, e.id, e.version,
    e.debit, e.credit, e.amount, to_char(e.business_date, 'YYYY-MM-DD'),
    to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
      || case when date_trunc('second', e.recorded_at) = e.recorded_at then ''
         else to_char(e.recorded_at at time zone 'UTC', '.US') end || '+00:00',
    e.source, e.source_id, coalesce(e.reverses::text, '')), 'UTF8'))
$$;
-- The root of a Merkle tree in the form of RFC 9162 over hashes of leaves.
create function ledger_root(leaves bytea[]) returns bytea language plpgsql immutable as $$
declare
  level bytea[] := leaves;
  size integer := coalesce(array_length(leaves, 1), 0);
begin
  while size > 1 loop
    for n in 1 .. size / 2 loop
      level[n] := sha256('\\x01'::bytea || level[2 * n - 1] || level[2 * n]);
    end loop;
    if size % 2 = 1 then
      level[size / 2 + 1] := level[size];
    end if;
    size := (size + 1) / 2;
  end loop;
  return level[1];
end $$;
"""
CHECKPOINTS_BACK = """
drop function ledger_root(bytea[]);
drop function ledger_leaf(ledger_entry);
drop table ledger_seal, ledger_checkpoint;
"""
CLOSINGS = """
-- The acts by which periods were closed and opened again. The last one says up to which day, itself
-- not included, the books receive nothing.
create table ledger_closing (
  number bigint primary key check (number > 0),
  id uuid not null unique,
  act text not null check (act in ('closed', 'reopened')),
  starts_on date not null,
  ends_on date not null check (ends_on > starts_on),
  closed_until date not null,
  checkpoint bigint not null check (checkpoint >= 0),
  at timestamptz not null,
  maker text not null,
  checker text not null check (checker <> maker),
  reason text not null,
  check (closed_until = case act when 'closed' then ends_on else starts_on end)
);
create function ledger_refuse_closed() returns trigger language plpgsql as $$
declare
  least_day date;
  edge date;
begin
  -- Posters share this lock; whoever closes takes it alone and so waits for those under way.
  perform pg_advisory_xact_lock_shared(720705);
  select closed_until into edge from ledger_closing order by number desc limit 1;
  if edge is not null then
    select min(business_date) into least_day from fresh;
    if least_day < edge then
      raise exception 'the books are closed before %: an entry of % is refused', edge, least_day
        using errcode = 'check_violation', constraint = 'ledger_period_closed';
    end if;
  end if;
  return null;
end $$;
create trigger ledger_entry_closed after insert on ledger_entry
  referencing new table as fresh for each statement execute function ledger_refuse_closed();
"""
CLOSINGS_BACK = """
drop trigger ledger_entry_closed on ledger_entry;
drop function ledger_refuse_closed();
drop table ledger_closing;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(CHECKPOINTS, CHECKPOINTS_BACK),
        append_only("ledger_checkpoint"),
        append_only("ledger_seal"),
        migrations.RunSQL(CLOSINGS, CLOSINGS_BACK),
        append_only("ledger_closing"),
    ]

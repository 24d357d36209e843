"""Leaves, their order, the tree over them and its roots."""

from django.db import migrations

from tahseel.kernel.sql import append_only

FORWARD = """
create table audit_leaf (
  id uuid primary key,
  at timestamptz not null,
  body bytea not null check (octet_length(body) between 2 and 65536)
);
create table audit_pending (
  leaf_id uuid primary key
);
create table audit_position (
  tree_index bigint primary key check (tree_index >= 0),
  leaf_id uuid not null unique,
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32)
);
create table audit_node (
  level smallint not null check (level between 1 and 62),
  index bigint not null check (index >= 0),
  hash bytea not null check (octet_length(hash) = 32),
  primary key (level, index)
);
create table audit_checkpoint (
  tree_size bigint primary key check (tree_size > 0),
  root bytea not null check (octet_length(root) = 32),
  at timestamptz not null,
  previous_size bigint not null unique check (previous_size >= 0 and previous_size < tree_size),
  previous_root bytea not null check (octet_length(previous_root) = 32),
  seal bytea not null check (octet_length(seal) = 32)
);
revoke update, truncate on audit_pending from tahseel_app;
"""

BACKWARD = """
drop table audit_checkpoint;
drop table audit_node;
drop table audit_position;
drop table audit_pending;
drop table audit_leaf;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("kernel", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        append_only("audit_leaf"),
        append_only("audit_position"),
        append_only("audit_node"),
        append_only("audit_checkpoint"),
    ]

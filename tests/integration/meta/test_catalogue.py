"""The law as the database's own catalogue tells it: keys, privileges, types, roles."""

from typing import Any

import pytest

HOT = (
    "readings_determinant",
    "ledger_entry",
    "ledger_balance",
    "claims_claim",
    "claims_application",
    "claims_allocation",
    "claims_reopening",
    "payments_payment",
    "billing_bill",
    "billing_line",
)
APPEND_ONLY = ("ledger_entry", "audit_leaf")
SHARDED_BY = "account_id"


@pytest.fixture
def catalogue(database: Any) -> Any:
    with database.as_owner() as connection:
        yield connection


def present(catalogue: Any, tables: tuple[str, ...]) -> list[str]:
    rows = catalogue.execute(
        "select table_name from information_schema.tables where table_name = any(%s)",
        [list(tables)],
    ).fetchall()
    return [row[0] for row in rows]


def test_a_hot_table_has_the_account_in_every_key(catalogue: Any) -> None:
    keys = catalogue.execute(
        """
        select c.conrelid::regclass::text, c.conname,
               array(select a.attname::text from unnest(c.conkey) as k(n)
                     join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n)
        from pg_constraint c
        where c.contype in ('p', 'u', 'f', 'x') and c.conrelid::regclass::text = any(%s)
        union all
        select i.indrelid::regclass::text, i.indexrelid::regclass::text,
               array(select a.attname::text from unnest(i.indkey) as k(n)
                     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.n)
        from pg_index i where i.indisunique and i.indrelid::regclass::text = any(%s)
        """,
        [list(HOT), list(HOT)],
    ).fetchall()

    without = [(table, key) for table, key, columns in keys if SHARDED_BY not in columns]

    assert {table for table, _, _ in keys} == set(present(catalogue, HOT))
    assert not without, without


def test_the_serving_role_cannot_change_what_is_appended(catalogue: Any) -> None:
    tables = present(catalogue, APPEND_ONLY)

    held = catalogue.execute(
        """
        select t, p from unnest(%s::text[]) t, unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) p
        where has_table_privilege('tahseel_app', t, p)
        """,
        [tables],
    ).fetchall()

    assert tables
    assert not held, held


def test_the_serving_role_owns_nothing_and_passes_no_policy(catalogue: Any) -> None:
    role = catalogue.execute(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
        " where rolname = 'tahseel_app'"
    ).fetchone()
    owned = catalogue.execute(
        "select relname from pg_class c join pg_roles r on r.oid = c.relowner"
        " where r.rolname = 'tahseel_app' and relnamespace = 'public'::regnamespace"
    ).fetchall()
    truncatable = catalogue.execute(
        "select relname from pg_class where relkind in ('r', 'p')"
        " and relnamespace = 'public'::regnamespace"
        " and has_table_privilege('tahseel_app', oid, 'TRUNCATE')"
    ).fetchall()

    assert role == (False, False, False, False)
    assert owned == []
    assert truncatable == []


def test_no_column_of_ours_is_a_float_or_a_time_without_its_zone(catalogue: Any) -> None:
    wrong = catalogue.execute(
        """
        select table_name, column_name, data_type from information_schema.columns
        where table_schema = 'public' and table_name not like 'django%%'
          and table_name not like 'axes%%'
          and data_type in ('real', 'double precision', 'money', 'timestamp without time zone')
        """.replace("%%", "%")
    ).fetchall()

    assert not wrong, wrong

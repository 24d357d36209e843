"""The law as the database's own catalogue tells it: keys, privileges, types, roles."""

from typing import Any

import pytest
from tests.meta import house

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
# Tables of what we stand on, by the start of their name; they hang on our users at most.
NOT_OURS = ("auth_", "axes_", "django_")
ONLY_USERS = "access_user"


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


def keys(catalogue: Any) -> list[tuple[str, str]]:
    """(table, table it points to) of every foreign key there is, whoever made it."""
    return list(
        catalogue.execute(
            """
            select distinct a.relname::text, b.relname::text from pg_constraint c
            join pg_class a on a.oid = c.conrelid join pg_class b on b.oid = c.confrelid
            where c.contype = 'f'
            """
        ).fetchall()
    )


def slice_of(table: str) -> str | None:
    """The slice whose label begins a table's name; None for a table of what we stand on."""
    if table.startswith(NOT_OURS):
        return None
    (found,) = [name for name in house.ORDER if table.startswith(f"{name.split('.')[-1]}_")]
    return found


def upward(found: list[tuple[str, str]]) -> list[str]:
    """Keys from a lower slice to a higher one, and between books and consumption."""
    return [
        f"{table} -> {target}"
        for table, target in found
        if (here := slice_of(table)) and (there := slice_of(target))
        if house.ORDER.index(there) > house.ORDER.index(here)
        or {here.split(".")[0], there.split(".")[0]} == {"books", "consumption"}
    ]


def test_a_foreign_key_of_any_table_points_only_downwards(catalogue: Any) -> None:
    found = keys(catalogue)

    assert len(found) > 30
    assert not upward(found), upward(found)


def test_what_we_stand_on_hangs_on_users_only(catalogue: Any) -> None:
    mixed = [
        (table, target)
        for table, target in keys(catalogue)
        if (slice_of(table) is None) != (slice_of(target) is None)
    ]

    assert {target for table, target in mixed if slice_of(table) is None} <= {ONLY_USERS}


def test_a_key_that_points_upwards_is_seen() -> None:
    assert upward([("ledger_entry", "billing_bill"), ("ledger_entry", "readings_determinant")])
    assert upward([("payments_case", "readings_file")]) == ["payments_case -> readings_file"]
    assert not upward([("billing_bill", "ledger_entry"), ("django_admin_log", "access_user")])

"""The first take-on builds indexes and keys behind its rows: none is ever missing afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from tests.integration.app.take_on.dirt import Sheet
from tests.integration.app.take_on.test_running import query, take_on

CATALOG = """
select conrelid::regclass::text, conname::text,
  concat_ws(' ', pg_get_constraintdef(oid), contype, condeferrable, condeferred, convalidated)
from pg_constraint where connamespace = 'public'::regnamespace
union all
select indrelid::regclass::text, indexrelid::regclass::text,
  concat_ws(' ', pg_get_indexdef(indexrelid), indisunique, indisprimary, indisvalid)
from pg_index join pg_class c on c.oid = indrelid where relnamespace = 'public'::regnamespace
union all
select tgrelid::regclass::text, regexp_replace(tgname, '_[0-9]+$', ''),
  concat_ws(' ', tgenabled, tgtype, tgfoid::regproc, count(*)::text)
from pg_trigger join pg_class c on c.oid = tgrelid where relnamespace = 'public'::regnamespace
group by tgrelid, 2, tgenabled, tgtype, tgfoid
"""
DECOY = """
create temp table app_take_on_bare (place int, take_off text, put_back text);
grant all on pg_temp.app_take_on_bare to public;
"""
STRANGER = (
    "insert into meters_meter (id, serial, service, make, phase, added_at) values"
    " ('00000000-0000-7000-8000-000000000001', 'another system', 'water', '', 'none', now())"
)


def catalog() -> list[tuple[Any, ...]]:
    """Every constraint, index and trigger as it is said and as it stands."""
    return sorted(query(CATALOG))


def rows_by_table(counts: dict[str, int]) -> dict[str, Any]:
    """A hash over the rows of every table of the registry and the books."""
    from django.db import connection

    beside = ("audit_", "kernel_", "clearance_", "app_take_on_run", "app_take_on_fault")
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(counts):
            if table.startswith(beside):
                continue
            columns = query(
                "select column_name from information_schema.columns where table_name = %s and"
                " data_type <> 'timestamp with time zone' and column_name not like '%%cipher'"
                " and is_identity = 'NO'"  # a number drawn is drawn, whatever became of its row
                " order by ordinal_position",
                [table],
            )
            names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
            cursor.execute(
                sql.SQL("select count(*), md5(string_agg(t::text, '|' order by t::text))"
                        " from (select {} from {}) t").format(names, sql.Identifier(table))
            )  # fmt: skip
            found[table] = cursor.fetchone()
    return found


@pytest.fixture
def laid(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each load of this test had bare tables."""
    from contextlib import contextmanager

    from tahseel.app.take_on import bare, running

    told: list[bool] = []
    whole = bare.laid

    @contextmanager
    def watched(progress: Any) -> Any:
        with whole(progress) as is_bare:
            told.append(is_bare)
            yield is_bare

    monkeypatch.setattr(running.bare, "laid", watched)
    return told


def test_after_a_first_take_on_every_constraint_index_and_trigger_stands_as_before(
    folder: Path, raw_files: Path, database: object, laid: list[bool]
) -> None:
    before = catalog()

    take_on(folder)

    assert laid == [True]
    assert catalog() == before
    assert query("select count(*) from app_take_on_bare") == [(0,)]


def test_a_filled_registry_keeps_its_rules_on_and_gets_the_same_rows(
    *,
    folder: Path,
    raw_files: Path,
    database: Any,
    laid: list[bool],
    monkeypatch: pytest.MonkeyPatch,
    counts: Callable[[], dict[str, int]],
) -> None:
    from tahseel.app.take_on import running

    class Stopped(Exception):  # noqa: N818 - an end, no error
        pass

    found: list[dict[str, Any]] = []

    def look(load: Any) -> Any:
        found.append(rows_by_table(counts()))
        raise Stopped

    before = catalog()
    monkeypatch.setattr(running.reconciling, "reconcile", look)
    with pytest.raises(Stopped):
        take_on(folder)
    with database.as_admin() as link:
        link.execute(STRANGER)
    with pytest.raises(Stopped):
        take_on(folder)

    first, second = found
    assert laid == [True, False]
    assert first.pop("meters_meter")[0] + 1 == second.pop("meters_meter")[0]
    assert first == second
    assert len(first) > 15
    assert catalog() == before


def test_a_take_on_that_fails_behind_bare_tables_leaves_every_rule_on(
    folder: Path, raw_files: Path, database: object, laid: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from tahseel.app.take_on import loading_accounts

    def breaks(**given: Any) -> int:
        raise RuntimeError("the machine stops here")

    before = catalog()
    monkeypatch.setattr(loading_accounts.claims, "open_lines", breaks)

    with pytest.raises(RuntimeError):
        take_on(folder)

    assert laid == [True]
    assert catalog() == before
    assert query("select count(*) from customers_customer") == [(0,)]


@pytest.mark.parametrize(
    ("entity", "column", "rule"),
    [
        ("meters", "SEAL", "meters_seal_number_key"),
        ("persons", "CID", "customers_customer_civil_id_index_key"),
        ("units", "PACI", "premises_paci_once"),
    ],
)
def test_a_rule_that_no_check_saw_is_held_by_the_database_and_named(
    *, folder: Path, raw_files: Path, database: object, laid: list[bool],
    monkeypatch: pytest.MonkeyPatch, leaves: Callable[[str], list[dict[str, Any]]],
    entity: str, column: str, rule: str,
) -> None:  # fmt: skip
    from tahseel.app.take_on import bare, checking

    sheet = Sheet(folder, entity)
    taken = [n for n in range(2, len(sheet.rows) + 1) if sheet.get(n, column)]
    sheet.set(taken[1], **{column: sheet.get(taken[0], column)})
    before = catalog()
    monkeypatch.setattr(checking, "RULES", ())

    with pytest.raises(bare.RuleBroken) as refused:
        take_on(folder)

    assert refused.value.facts["rule"] == rule
    assert laid == [True]
    assert catalog() == before
    assert query("select count(*) from meters_meter") == [(0,)]
    [leaf] = leaves("take_on.load")
    assert (leaf["outcome"], leaf["facts"]["code"]) == ("refused", "take_on_rule_broken")


def test_nothing_commits_while_a_rule_is_off(database: Any) -> None:
    before = catalog()

    with psycopg.connect(**database.app) as link:
        assert link.execute("select app_take_on_lay_bare()").fetchone() == (True,)
        with pytest.raises(
            psycopg.errors.IntegrityConstraintViolation, match="may not end without"
        ):
            link.commit()

    assert catalog() == before


def test_whoever_reads_a_table_for_long_is_waited_for_a_moment_only(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.as_admin() as admin:
        admin.execute("alter function app_take_on_lay_bare() set lock_timeout = '50ms'")
    with psycopg.connect(**database.app) as reader, psycopg.connect(**database.app) as link:
        reader.execute("select count(*) from supply_party")

        assert link.execute("select app_take_on_lay_bare()").fetchone() == (False,)

        held = link.execute(
            "select count(*) from pg_locks where pid = pg_backend_pid()"
            " and mode = 'AccessExclusiveLock'"
        )
        assert held.fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into app_take_on_bare values (1, '', '')",
        "select app_take_on_note_bare()",
        "delete from app_take_on_bare",
    ],
)
def test_the_application_cannot_write_what_is_off_by_itself(database: Any, statement: str) -> None:
    with psycopg.connect(**database.app) as link, pytest.raises(
        psycopg.errors.InsufficientPrivilege
    ):  # fmt: skip
        link.execute(statement)


def test_no_table_of_a_session_s_own_is_taken_for_the_list_of_what_is_off(database: Any) -> None:
    with psycopg.connect(**database.app) as link:
        link.execute(DECOY)
        link.execute(
            "insert into pg_temp.app_take_on_bare values"
            " (1, '', 'grant update, delete on ledger_entry to tahseel_app'),"
            " (2, '', 'create table public.made_by_the_owner ()')"
        )

        link.execute("select app_take_on_put_back()")
        link.commit()

    assert query("select to_regclass('public.made_by_the_owner')") == [(None,)]
    assert query("select has_table_privilege('tahseel_app', 'ledger_entry', 'update, delete')") == [
        (False,)
    ]


def test_a_table_of_a_session_s_own_hides_nothing_from_the_end_of_the_transaction(
    database: Any,
) -> None:
    before = catalog()
    with psycopg.connect(**database.app) as link:
        link.execute(DECOY)
        link.execute("select app_take_on_lay_bare()")
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            link.commit()

    assert catalog() == before


def test_every_function_that_runs_as_the_owner_looks_at_a_session_s_own_tables_last(
    database: object,
) -> None:
    unsafe = query(
        "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace"
        " and not coalesce(array_to_string(proconfig, ' ') ~ 'search_path=[^ ]+, pg_temp', false)"
    )

    assert unsafe == []

"""Two roles from the first migration, in the embedded server and in anybody's PostgreSQL."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tahseel.app import binaries, database, paths
from tahseel.app.database import APP, NAME, OWNER, Database
from tahseel.app.embedded import EmbeddedServer
from tahseel.kernel.errors import Fault

APPEND_ONLY = ("ledger_entry", "audit_leaf")


@pytest.fixture(scope="module")
def stranger() -> Iterator[EmbeddedServer]:
    """Somebody else's server: passwords asked on its socket, an administrator who is no ruler."""
    with (
        tempfile.TemporaryDirectory(prefix="tahseel-") as name,
        EmbeddedServer(Path(name)) as server,
    ):
        info = server.conninfo(dbname="postgres", user="postgres")
        with psycopg.connect(**info, autocommit=True) as link:
            link.execute("create role keeper login createdb createrole password 'k'")
            rules = "local all postgres trust\nlocal all all scram-sha-256\n"
            (server.data / "pg_hba.conf").write_text(rules)
            link.execute("select pg_reload_conf()")
        yield server


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout's own data folder, with nothing known of a database."""
    monkeypatch.setenv("TAHSEEL_VAR", str(tmp_path / "var"))
    for name in ("TAHSEEL_DATABASE_URL", "TAHSEEL_OWNER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "var"


def url(server: EmbeddedServer, user: str, password: str, dbname: str = NAME) -> str:
    host = str(server.sockets).replace("/", "%2F")
    return f"postgresql://{user}:{password}@{host}/{dbname}"


def ask(info: dict[str, Any], query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(**info, autocommit=True) as link:
        return link.execute(query).fetchall()  # type: ignore[arg-type, unused-ignore]


def test_neither_role_may_pass_by_the_rules(database: Any) -> None:
    with database.as_admin() as link:
        rows = link.execute(
            "select rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication"
            " from pg_roles where rolname in (%s, %s) order by 1",
            [APP, OWNER],
        ).fetchall()

    assert rows == [(APP, *[False] * 5), (OWNER, *[False] * 5)]


def test_the_serving_role_owns_nothing_and_is_not_in_the_owners_group(database: Any) -> None:
    with database.as_admin() as link:
        owners = link.execute(
            "select distinct pg_get_userbyid(relowner) from pg_class join pg_namespace n"
            " on n.oid = relnamespace where n.nspname = 'public'"
        ).fetchall()
        member = link.execute("select pg_has_role(%s, %s, 'member')", [APP, OWNER]).fetchone()

    assert owners == [(OWNER,)]
    assert member == (False,)


@pytest.mark.parametrize(
    "statement",
    [
        "create table mine (n int)",
        "create schema mine",
        "alter table ledger_entry add column more int",
        "drop table ledger_entry",
        "truncate ledger_entry",
        "alter table ledger_entry disable trigger all",
        "set role tahseel_owner",
        "set session_replication_role = replica",
        "create role another",
    ],
)
def test_the_serving_role_can_change_no_structure(database: Any, statement: str) -> None:
    with database.as_app() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(statement)

    with database.as_owner() as link:
        assert link.execute("select to_regclass('ledger_entry') is not null").fetchone() == (True,)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["update {} set id = id", "delete from {}", "truncate {}"])
def test_the_serving_role_can_only_add_to_what_is_append_only(
    database: Any, table: str, verb: str
) -> None:
    with database.as_app() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(verb.format(table))

    with database.as_app() as link:
        assert link.execute(f"select count(*) from {table}").fetchone() == (0,)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["update {} set id = id", "delete from {}", "truncate {} cascade"])
def test_not_even_the_owner_changes_it_while_the_second_wall_stands(
    database: Any, table: str, verb: str
) -> None:
    with database.as_owner() as link:
        walls = link.execute(
            "select count(*) from pg_trigger where tgrelid = %s::regclass and not tgisinternal",
            [table],
        ).fetchone()
        assert walls
        assert walls[0] >= 1
        if verb.startswith("truncate"):
            with pytest.raises(psycopg.Error):
                link.execute(verb.format(table))


def test_two_starts_at_once_prepare_one_database(stranger: EmbeddedServer) -> None:
    keeper = conninfo_to_dict(url(stranger, "keeper", "k", "twice"))
    owner, app = ({**keeper, "user": role, "password": "w"} for role in (OWNER, APP))
    faults: list[BaseException] = []

    def start() -> None:
        try:
            database.prepare(Database(admin=keeper, owner=owner, app=app, server=None))
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    count = "select count(*) from pg_database where datname = 'twice'"
    assert ask(keeper, count) == [(1,)]


def test_an_administrators_address_makes_both_roles_with_passwords_of_their_own(
    stranger: EmbeddedServer, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAHSEEL_DATABASE_URL", url(stranger, "keeper", "k"))

    found = database.open_database()

    assert found.server is None
    assert ask(found.app, "select current_user") == [(APP,)]
    assert ask(found.owner, "select current_user, has_schema_privilege('public', 'create')") == [
        (OWNER, True)
    ]
    assert ask(found.app, "select has_schema_privilege('public', 'create')") == [(False,)]
    secret = installation / "keys" / "database.json"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert found.app["password"] != found.owner["password"]
    wrong = {**found.app, "password": "wrong"}
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**wrong)


def test_a_second_start_finds_the_same_database_and_passwords(
    stranger: EmbeddedServer, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAHSEEL_DATABASE_URL", url(stranger, "keeper", "k"))
    first = database.open_database()
    with psycopg.connect(**first.owner, autocommit=True) as link:
        link.execute("create table if not exists kept (n int)")

    second = database.open_database()

    assert (second.app, second.owner) == (first.app, first.owner)
    assert ask(second.owner, "select to_regclass('kept')::text") == [("kept",)]


def test_the_serving_roles_address_needs_no_administrator(
    stranger: EmbeddedServer, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAHSEEL_DATABASE_URL", url(stranger, "keeper", "k"))
    made = database.open_database()
    app = url(stranger, APP, made.app["password"])
    owner = url(stranger, OWNER, made.owner["password"])
    monkeypatch.setenv("TAHSEEL_DATABASE_URL", app)
    monkeypatch.setenv("TAHSEEL_OWNER_DATABASE_URL", owner)

    found = database.open_database()

    assert found.admin is None
    assert ask(found.app, "select current_user") == [(APP,)]
    assert ask(found.owner, "select current_user") == [(OWNER,)]
    with pytest.raises(Fault, match="role that may create one"):
        database.start_afresh(found)


def test_starting_afresh_leaves_an_empty_database_of_the_owners(
    stranger: EmbeddedServer, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAHSEEL_DATABASE_URL", url(stranger, "keeper", "k", "afresh"))
    found = database.open_database()
    with psycopg.connect(**found.owner, autocommit=True) as link:
        link.execute("create table old (n int)")

    database.start_afresh(found)

    assert ask(found.owner, "select to_regclass('old')::text") == [(None,)]
    assert ask(found.owner, "select has_database_privilege('afresh', 'create')") == [(True,)]


def test_an_old_server_is_refused_with_the_version_it_needs(
    stranger: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "MAJOR_MIN", 99)
    info = stranger.conninfo(dbname="too_new_for_it", user="postgres")

    with pytest.raises(Fault, match="PostgreSQL 99 or newer is needed") as told:
        database.prepare(Database(admin=info, owner=info, app=info, server=None))

    assert not told.value.retry
    count = "select count(*) from pg_database where datname = 'too_new_for_it'"
    assert ask({**info, "dbname": "postgres"}, count) == [(0,)]


def test_an_address_that_leads_nowhere_is_a_fault_and_not_a_traceback(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAHSEEL_DATABASE_URL", "postgresql://u:p@127.0.0.1:9/none")

    with pytest.raises(Fault) as told:
        database.open_database()

    assert told.value.retry
    assert "p@" not in told.value.message


def test_two_installations_have_servers_sockets_and_keys_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for name in ("one", "two"):
        monkeypatch.setenv("TAHSEEL_VAR", str(tmp_path / name))
        server = EmbeddedServer()
        found.append((server.data, server.sockets, paths.var() / "keys"))

    assert all(one != two for one, two in zip(*found, strict=True))
    assert binaries.MAJOR_MIN == 15


@pytest.mark.parametrize("name", ["postgres", "template1"])
def test_a_database_that_belongs_to_the_server_is_not_taken_for_ours(
    installation: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("TAHSEEL_DATABASE_URL", f"postgresql://u:p@127.0.0.1:9/{name}")

    with pytest.raises(Fault, match=f"{name} belongs to the server") as told:
        database.open_database()

    assert not told.value.retry

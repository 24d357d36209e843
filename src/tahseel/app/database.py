"""Which database, and its two roles.

`tahseel_owner` owns and migrates; `tahseel_app` serves and can neither change append-only rows nor
pass by row security. By default both live in the embedded server. TAHSEEL_DATABASE_URL names
another PostgreSQL (>= 15): as a role that may create roles, and then both are made with passwords
of their own, kept under `var/`; or as `tahseel_app` itself, and then TAHSEEL_OWNER_DATABASE_URL
names the owner for migrations.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tahseel.app import paths
from tahseel.app.binaries import MAJOR_MIN
from tahseel.app.embedded import EmbeddedServer
from tahseel.kernel.errors import Fault

OWNER = "tahseel_owner"
APP = "tahseel_app"
NAME = "tahseel"
SERVERS_OWN = frozenset({"postgres", "template0", "template1"})
PREPARE_LOCK = 7_480_000
Info = dict[str, Any]


class Database:
    """Connection facts for both roles, and the server's life when it is ours."""

    def __init__(
        self,
        *,
        admin: Info | None,
        owner: Info,
        app: Info,
        server: EmbeddedServer | None,
        inherited: bool = False,
    ) -> None:
        self.inherited = inherited
        self.admin = admin
        self.owner = owner
        self.app = app
        self.server = server

    def stop(self) -> None:
        if self.server:
            self.server.stop()


def open_database() -> Database:
    """Start the embedded server or reach the given one; roles and database exist afterwards.

    Raises Fault when it cannot be reached, is too old, or its role may not do what is needed.
    """
    url = os.environ.get("TAHSEEL_DATABASE_URL")
    found = _external(url) if url else _embedded()
    try:
        _make_ready(found)
    except BaseException:
        found.stop()
        raise
    return found


def _make_ready(found: Database) -> None:
    try:
        if found.admin:
            prepare(found)
        else:
            psycopg.connect(**found.app).close()
    except psycopg.OperationalError as error:
        raise Fault(f"the database cannot be reached: {error}", retry=True) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise Fault(
            f"the role in TAHSEEL_DATABASE_URL may not prepare it: {error}", retry=False
        ) from error


def _embedded() -> Database:
    server = EmbeddedServer()
    server.start()
    return Database(
        admin=dict(server.conninfo(dbname=NAME, user="postgres")),
        owner=dict(server.conninfo(dbname=NAME, user=OWNER)),
        app=dict(server.conninfo(dbname=NAME, user=APP)),
        server=server,
    )


def _external(url: str) -> Database:
    try:
        given: Info = {k: v for k, v in conninfo_to_dict(url).items() if v is not None}
    except psycopg.ProgrammingError:
        raise Fault("TAHSEEL_DATABASE_URL is not an address of PostgreSQL", retry=False) from None
    given.setdefault("dbname", NAME)
    if given.get("user") == APP:
        owner_url = os.environ.get("TAHSEEL_OWNER_DATABASE_URL")
        owner: Info = dict(conninfo_to_dict(owner_url)) if owner_url else {**given, "user": OWNER}
        return Database(admin=None, owner=owner, app=given, server=None)
    if given["dbname"] in SERVERS_OWN:
        raise Fault(
            f"{given['dbname']} belongs to the server: name a database of our own, such as"
            f" .../{NAME}, in TAHSEEL_DATABASE_URL",
            retry=False,
        )
    passwords = _passwords(paths.var() / "keys" / "database.json")
    return Database(
        admin=given,
        owner={**given, "user": OWNER, "password": passwords[OWNER]},
        app={**given, "user": APP, "password": passwords[APP]},
        server=None,
    )


def _passwords(file: Path) -> dict[str, str]:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = {role: secrets.token_urlsafe(24) for role in (OWNER, APP)}
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            json.dump(made, handle)
    kept: dict[str, str] = json.loads(file.read_text())
    return kept


def prepare(database: Database) -> None:
    """Create the two roles and the database where missing. Raises Fault below version 15."""
    assert database.admin is not None
    name = str(database.admin["dbname"])
    with psycopg.connect(**_maintenance(database.admin), autocommit=True) as link:
        if link.info.server_version < MAJOR_MIN * 10_000:
            raise Fault(f"PostgreSQL {MAJOR_MIN} or newer is needed", retry=False)
        link.execute("select pg_advisory_lock(%s)", [PREPARE_LOCK])  # two starts at once: one waits
        for role, info in ((OWNER, database.owner), (APP, database.app)):
            _ensure_role(link, role, info.get("password"))
        link.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(OWNER)))
        exists = link.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if not exists:
            create_database(link, name)
        _hand_over(database.admin, name)


def _hand_over(admin: Info, name: str) -> None:
    """Give the owner its schema; extensions that only an administrator may make are made here."""
    with psycopg.connect(**admin, autocommit=True) as link:
        link.execute("create extension if not exists btree_gist")
        link.execute(sql.SQL("alter schema public owner to {}").format(sql.Identifier(OWNER)))
        link.execute(
            sql.SQL("grant create on database {} to {}").format(
                sql.Identifier(name), sql.Identifier(OWNER)
            )
        )
        _let_choose(link)


def _let_choose(link: psycopg.Connection[Any]) -> None:
    """The owner may say for its own transaction how pages go to the log; no data depends on it."""
    grant = sql.SQL("grant set on parameter wal_compression to {}").format(sql.Identifier(OWNER))
    powers = link.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
    if powers == (True,):
        link.execute(grant)


def create_database(
    link: psycopg.Connection[Any], name: str, *, template: str | None = None
) -> None:
    """A database of the owner's, empty or cloned from a migrated template."""
    source = template or "template0"
    tail = sql.SQL("") if template else sql.SQL(" encoding 'UTF8'")
    link.execute(
        sql.SQL("create database {} owner {} template {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(source)
        )
        + tail
    )


def start_afresh(database: Database) -> None:
    """Throw the database away and make an empty one: only for a synthetic country's own."""
    if database.admin is None:
        raise Fault("making an empty database needs a role that may create one", retry=False)
    name = sql.Identifier(str(database.admin["dbname"]))
    with psycopg.connect(**_maintenance(database.admin), autocommit=True) as link:
        link.execute(sql.SQL("drop database if exists {} with (force)").format(name))
    prepare(database)


def _maintenance(admin: Info) -> Info:
    return {**admin, "dbname": "postgres"}


def _ensure_role(link: psycopg.Connection[Any], role: str, password: str | None) -> None:
    """Only what must change is altered: who is not a superuser may not even name the others."""
    powers = link.execute(
        "select rolsuper or rolcreatedb or rolcreaterole or rolbypassrls or not rolcanlogin"
        " from pg_roles where rolname = %s",
        [role],
    ).fetchone()
    words = sql.SQL("alter role {}" if powers else "create role {}").format(sql.Identifier(role))
    if powers is None or powers[0]:
        words += sql.SQL(" login nosuperuser nocreatedb nocreaterole nobypassrls")
    if password:
        words += sql.SQL(" password {}").format(sql.Literal(password))
    if powers is None or powers[0] or password:
        link.execute(words)

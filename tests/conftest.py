"""Real PostgreSQL for every test that asks: a clone of a migrated template, nothing truncated."""

from __future__ import annotations

import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
import psycopg
import pytest
from django.test.utils import setup_test_environment
from hypothesis import settings
from psycopg import sql
from tests.installed import taken_back

from tahseel.app import translations
from tahseel.kernel import period

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var" / "tests"
os.environ.setdefault("TAHSEEL_ROOT", str(ROOT))
os.environ["TAHSEEL_VAR"] = str(VAR)
os.environ["DJANGO_SETTINGS_MODULE"] = "tahseel.app.settings"
os.environ["PYTHONUTF8"] = "1"


# Before any test folder's own conftest is imported: those import models.
translations.compile_stale()
django.setup()


# A slow machine is no fault of the code: an example may take as long as it takes.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    setup_test_environment()
    period.install_fiscal_year(month=4, day=1)


@pytest.fixture(autouse=True)
def _as_assembled() -> Iterator[None]:
    """A test that installs other keys or rules leaves none of them to those that follow it.

    Processes that a later test starts read the keys on disk: with others in this process they would
    know nobody whom it has written.
    """
    with taken_back():
        yield


@dataclass(frozen=True)
class TestDatabase:
    """A database of one test's own. `app` and `owner` are connection facts of the two roles."""

    __test__ = False
    name: str
    app: dict[str, Any]
    owner: dict[str, Any]
    admin: dict[str, Any]

    def as_owner(self) -> psycopg.Connection[Any]:
        return psycopg.connect(**self.owner, autocommit=True)

    def as_app(self) -> psycopg.Connection[Any]:
        return psycopg.connect(**self.app, autocommit=True)

    def as_admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(**self.admin, autocommit=True)


def _point_django_at(app: dict[str, Any], owner: dict[str, Any]) -> None:
    from django.db import connections

    for alias, info in (("default", app), ("owner", owner)):
        if alias not in connections.settings:
            connections.settings[alias] = connections.configure_settings(
                {
                    "default": dict(connections.settings["default"]),
                    alias: dict(connections.settings["default"]),
                }
            )[alias]
        connections[alias].close()
        connections[alias].settings_dict.update(
            NAME=info["dbname"], USER=info["user"], HOST=info["host"], PASSWORD="", PORT=""
        )


def _migrations_mark() -> str:
    digest = hashlib.sha256()
    for file in sorted((ROOT / "src").rglob("migrations/*.py")):
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    for name in ("sql.py",):
        digest.update((ROOT / "src/tahseel/kernel" / name).read_bytes())
    digest.update((ROOT / "src/tahseel/app/settings.py").read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """The embedded server, shared by every test process; the last one out stops it.

    It need not outlive the machine, so it does not wait for the disk; the tests of the embedded
    server itself run it as it is.
    """
    from tahseel.app.embedded import SETTINGS, EmbeddedServer

    hasty = {**SETTINGS, "fsync": "off", "full_page_writes": "off", "wal_compression": "off"}
    with EmbeddedServer(settings=hasty) as running:
        yield running


@pytest.fixture(scope="session")
def template(server: Any) -> str:
    """A migrated database that tests clone; made once for one state of the migrations."""
    from tahseel.app import database, schema

    name = f"template_{_migrations_mark()}"
    admin = server.conninfo(dbname=name, user="postgres")
    owner = server.conninfo(dbname=name, user=database.OWNER)
    app = server.conninfo(dbname=name, user=database.APP)
    with (VAR / "template.lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        link = psycopg.connect(
            **server.conninfo(dbname="postgres", user="postgres"), autocommit=True
        )
        with link:
            done = link.execute(
                "select datistemplate from pg_database where datname = %s", [name]
            ).fetchone()
            if done and done[0]:
                return name
            if done:
                link.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
            database.prepare(database.Database(admin=admin, owner=owner, app=app, server=None))
            _point_django_at(app, owner)
            schema.migrate()
            from django.db import connections

            connections.close_all()
            link.execute(sql.SQL("alter database {} is_template true").format(sql.Identifier(name)))
    return name


@pytest.fixture
def database(server: Any, template: str) -> Iterator[TestDatabase]:
    """A fresh clone, Django connected to it as `tahseel_app`; what a test commits is gone after."""
    from django.db import connections

    from tahseel.app import database as roles

    name = f"test_{uuid.uuid4().hex}"
    postgres = psycopg.connect(
        **server.conninfo(dbname="postgres", user="postgres"), autocommit=True
    )
    with postgres:
        roles.create_database(postgres, name, template=template)
        found = TestDatabase(
            name=name,
            app=server.conninfo(dbname=name, user=roles.APP),
            owner=server.conninfo(dbname=name, user=roles.OWNER),
            admin=server.conninfo(dbname=name, user="postgres"),
        )
        _point_django_at(found.app, found.owner)
        try:
            yield found
        finally:
            connections.close_all()
            postgres.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))

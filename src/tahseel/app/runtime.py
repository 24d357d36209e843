"""Makes a process ready: translations compiled, database reached, Django set up."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator

import structlog

from tahseel.app import paths, terminal, translations
from tahseel.app.database import Database, open_database

CONNECTION = "TAHSEEL_CONNECTION"
OWNER_CONNECTION = "TAHSEEL_OWNER_CONNECTION"


def announce_database(database: Database) -> None:
    """Tell Django's settings, here and in child processes, where the database is."""
    os.environ[CONNECTION] = json.dumps(database.app)
    os.environ[OWNER_CONNECTION] = json.dumps(database.owner)
    os.environ.setdefault("TAHSEEL_WAKE_SOCKET", str(paths.sockets() / "wake.sock"))


def inherited() -> Database | None:
    """The database that the parent process prepared, if there is one."""
    app, owner = (os.environ.get(name) for name in (CONNECTION, OWNER_CONNECTION))
    if not app or not owner:
        return None
    return Database(
        admin=None, owner=json.loads(owner), app=json.loads(app), server=None, inherited=True
    )


def set_up_django() -> None:
    """Logs go to standard error: what a command answers stands alone on standard output."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tahseel.app.settings")
    translations.compile_stale()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    import django

    django.setup()


@contextlib.contextmanager
def running(*, migrated: bool = True) -> Iterator[Database]:
    """The database is up, Django is set up and the schema is current inside the block.

    A process that another one of ours started finds the database in its environment: its parent
    holds the server and has brought the schema up to date.
    """
    with terminal.waiting("starting the database", moving=False):
        database = inherited() or open_database()
    try:
        announce_database(database)
        set_up_django()
        if migrated and not database.inherited:
            from tahseel.app import schema

            schema.migrate()
        yield database
    finally:
        from django.db import connections

        with contextlib.suppress(Exception):
            connections.close_all()
        database.stop()

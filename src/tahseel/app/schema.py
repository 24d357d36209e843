"""Brings a database's schema up to date, as its owner."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from tahseel.app import terminal
from tahseel.books.ledger import limits
from tahseel.books.ledger import rules as ledger
from tahseel.countries.kuwait import country

MIGRATE_LOCK = 7_480_010


def migrate(*, verbosity: int = 0) -> None:
    """Apply every migration over the owner's connection, and declare the chart's limits.

    Processes that start at once queue.
    """
    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [MIGRATE_LOCK])
        try:
            if pending():
                _apply(verbosity)
            limits.declare(ledger.load_chart(country.content("chart")), using="owner")
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [MIGRATE_LOCK])


def _apply(verbosity: int) -> None:
    with terminal.waiting("bringing the schema up to date"):
        call_command("migrate", database="owner", verbosity=verbosity, interactive=False)


def pending() -> bool:
    """True when some migration has not been applied yet."""
    executor = MigrationExecutor(connections["owner"])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

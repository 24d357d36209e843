"""Every migration has its way back, and the models say nothing that no migration says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation

from tahseel.app import schema

COLUMNS = """
    select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           pg_get_expr(d.adbin, d.adrelid)
      from pg_attribute a join pg_class c on c.oid = a.attrelid
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
       and c.relkind in ('r', 'p', 'v', 'S') order by 1, 2
"""
RULES = """
    select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint
     where connamespace = 'public'::regnamespace and conrelid <> 0 order by 1, 2
"""
TRIGGERS = """
    select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1
"""
INDEXES = "select indexdef from pg_indexes where schemaname = 'public' order by 1"
PRIVILEGES = """
    select c.relname, g.grantee::regrole::text, g.privilege_type
      from pg_class c, aclexplode(c.relacl) g
     where c.relnamespace = 'public'::regnamespace order by 1, 2, 3
"""
OURS = """
    select c.relname from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
       and split_part(c.relname, '_', 1) = any(%s)
"""
FUNCTIONS = """
    select proname from pg_proc p where pronamespace = 'public'::regnamespace
       and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""


def slices() -> list[str]:
    """Labels of our slices with tables, the lowest first."""
    return [
        config.label
        for config in apps.get_app_configs()
        if config.name.startswith("tahseel.") and has_migrations(config)
    ]


def has_migrations(config: AppConfig) -> bool:
    return (Path(config.path) / "migrations").is_dir()


def looks(database: Any) -> dict[str, list[tuple[Any, ...]]]:
    asked = {
        "columns": COLUMNS,
        "rules": RULES,
        "triggers": TRIGGERS,
        "indexes": INDEXES,
        "privileges": PRIVILEGES,
    }
    with database.as_owner() as link:
        return {name: link.execute(query).fetchall() for name, query in asked.items()}


def test_every_migration_goes_back_to_nothing_and_forward_to_the_same_database(
    database: Any,
) -> None:
    before = looks(database)

    for label in reversed(slices()):
        call_command("migrate", label, "zero", database="owner", verbosity=0, interactive=False)
    with database.as_owner() as link:
        left = link.execute(OURS, [slices()]).fetchall()
        functions = link.execute(FUNCTIONS).fetchall()
    schema.migrate()

    assert left == []
    assert functions == []
    after = looks(database)
    for what, rows in before.items():
        assert rows, what
        assert after[what] == rows, what


def test_no_model_says_what_no_migration_says() -> None:
    with translation.override(None):  # a label in Arabic is no other label
        loader = MigrationLoader(None)
        told = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
        changes = told.changes(graph=loader.graph)

    found = {label: [m.operations for m in changed] for label, changed in changes.items()}
    assert found == {}


def test_migrating_a_current_database_changes_nothing(database: Any) -> None:
    before = looks(database)

    schema.migrate()

    assert looks(database) == before

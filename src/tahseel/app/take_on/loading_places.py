"""Buildings and units; the database makes the rows of units."""

from __future__ import annotations

from django.db import connection

from tahseel.app.take_on import places_in_sql as statements
from tahseel.app.take_on import staging
from tahseel.app.take_on.checking import expand
from tahseel.app.take_on.loading import Loading
from tahseel.app.take_on.values import ROOT, Entity
from tahseel.countries.kuwait import country as kuwait
from tahseel.kernel import bulk
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import rules as premises_rules
from tahseel.registry.premises.values import NewPremises


def places(load: Loading) -> None:
    """Premises and units; a building that is on record gets the new units."""
    book = premises_rules.load_areas(kuwait.content("areas"))
    premises.install_areas(actor=load.actor, at=load.at, book=book)
    name, statement = statements.FOUND
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temp table {name} on commit drop as {expand(statement)}",
            {"run": load.run_id, "system": load.mapping.system, "root": ROOT},
        )
        staging.analyse_found(name)
        cursor.execute(statements.BUILDINGS)
        buildings = [
            NewPremises(premises_id, *address.split(staging.BETWEEN))
            for address, premises_id in cursor.fetchall()
        ]
    count = premises.add_lines(
        actor=load.actor,
        at=load.at,
        batch=load.batch,
        premises=buildings,
        units=bulk.Lines(statements.UNITS),
        sectors=bulk.Lines(statements.SECTORS),
        papers=bulk.Lines(statements.PAPERS),
        points=bulk.Lines(statements.POINTS),
    )
    bulk.insert_lines(
        table="app_take_on_reference",
        columns=("key", "id"),
        lines=bulk.Lines("select key, id from app_taken_unit"),
        system=load.mapping.system,
        entity=str(Entity.UNITS),
        run_id=load.run_id,
    )
    load.progress("units", count)

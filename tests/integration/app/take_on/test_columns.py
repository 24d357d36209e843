"""What is staged column by column is what would be staged line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.integration.app.take_on.dirt import DIRT


def staged(folder: Path) -> list[tuple[Any, ...]]:
    """The lines that a dry run stages, with what is sealed opened."""
    from django.db import connection

    from tahseel.app.take_on import mapping, staging
    from tahseel.app.take_on.values import ROOT
    from tahseel.kernel import secrets

    made = mapping.load(folder / "mapping.toml")
    with staging.dry(), connection.cursor() as cursor:
        staging.stage(
            run_id=ROOT, mapping=made, opened=lambda file: file.path.open("rb"),
            progress=lambda *_: None,
        )  # fmt: skip
        cursor.execute(
            "select entity, line, bad, key, ref, person, number, mark, from_day, until_day, fils,"
            " body::jsonb::text, sealed from app_take_on_row order by entity, line"
        )
        rows = cursor.fetchall()
    return [
        (*row[:-1], secrets.unseal(bytes(row[-1]), context=staging.SEAL) if row[-1] else None)
        for row in rows
    ]


@pytest.mark.parametrize("kind", [None, "a negative open item", "an area that is not there"])
def test_both_ways_stage_the_same_lines(
    folder: Path, database: object, monkeypatch: pytest.MonkeyPatch, kind: str | None
) -> None:
    from tahseel.app.take_on import columns

    persons = folder / "persons.csv"
    persons.write_bytes(persons.read_bytes().replace(b"GOV-1", rb"G\OV-1"))
    if kind:
        DIRT[kind](folder)
    taken = []
    block = columns.Columns.block

    def counted(self: Any, *given: Any) -> Any:
        made = block(self, *given)
        taken.append(made is not None)
        return made

    monkeypatch.setattr(columns.Columns, "block", counted)
    by_column = staged(folder)
    monkeypatch.setattr(columns.Columns, "block", lambda *_: None)
    by_line = staged(folder)

    assert by_column == by_line
    assert taken.count(True) >= len(taken) - 1

"""Lines read many at once are what they are read one by one, whatever stands in the files."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tahseel.app.take_on import columns, fields, reading
from tahseel.app.take_on.values import TAKEN, Entity, Fault, FieldKind, FileMap, Row

CUTOVER = date(2026, 4, 1)
Told = tuple[int, Row | None, list[Fault]]
# What a cell of a kind mostly holds, and what it holds in a bad export.
SOUND = {
    FieldKind.DAY: ["31/03/2026", "01/01/2020", "15/06/2019"],
    FieldKind.FILS: ["1.500", "12.345", "0.001", "999999999999.000"],
    FieldKind.COUNT: ["1", "6", "٢"],
    FieldKind.FLAG: ["1", "no", "نعم"],
}
DIRT = ["", " ", "٣", "-1.500", "0.000", "1.5", "12", "31/02/2026", "02/04/2026", "x" * 201, "\0",
        "a\\b", "a\tb", 'say "yes"', "two\nlines", "محمد", "�", " 7 "]  # fmt: skip
TEXTS = {
    "civil_id": ["288010112345", "", "12"],
    "mobile": ["96550000000", "50000000", ""],
    "opening": ["", "0", "12.5"],
    "last_read": ["", "123456", "1234567", "0001"],
    "paci_number": ["10000000", ""],
    "service": ["electricity"],
    "dial_unit": ["kWh"],
    "digits": ["6"],
    "decimals": ["", "0"],
    "certificate": [""],
    "certificate_until": [""],
    "kind": ["flat", "citizen", "bill"],
    "until_day": ["", "01/04/2026"],
}
PLAIN = ["K1", "K2", "a b", "100"]


def cells_of(field: Any) -> st.SearchStrategy[str]:
    sound = TEXTS.get(field.name) or SOUND.get(field.kind) or sorted(field.choices) or PLAIN
    usual = sound if field.required else [*sound, ""]
    return st.integers(0, 60).flatmap(lambda n: st.sampled_from(usual if n else DIRT))


def file_of(entity: Entity, rows: list[tuple[str, ...]], ragged: bool) -> tuple[FileMap, bytes]:
    names = [field.name for field in fields.FIELDS[entity]]
    lines = [";".join(names)]
    for row in rows:
        quoted = ['"' + c.replace('"', '""') + '"' if set(c) & set(';"\n\r') else c for c in row]
        lines.append(";".join(quoted))
    if ragged:
        lines += ["one;two", "", '"']
    made = FileMap(
        entity, Path(f"{entity}.csv"), "utf-8", ";", dates="%d/%m/%Y",
        columns={name: name for name in names},
    )  # fmt: skip
    return made, "\n".join(lines).encode()


def by_columns(made: FileMap, data: bytes, skip: int) -> tuple[list[Told], int]:
    found: list[Told] = []
    blocks = 0
    for part in columns.read(io.BytesIO(data), made, cutover=CUTOVER, skip=skip):
        if not isinstance(part, columns.Block):
            found += part
            continue
        blocks += 1
        names = list(part.columns)
        values = zip(*part.columns.values(), strict=True)
        rows = [dict(zip(names, row, strict=True)) for row in values]
        found += [(line, row, []) for line, row in zip(part.lines, rows, strict=True)]
    return found, blocks


@pytest.mark.parametrize("entity", TAKEN)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_blocks_of_columns_are_the_rows_of_the_lines(entity: Entity, data: Any) -> None:
    line = st.tuples(*map(cells_of, fields.FIELDS[entity]))
    rows = data.draw(st.lists(line, min_size=1, max_size=12))
    made, written = file_of(entity, rows, data.draw(st.booleans()))
    skip = data.draw(st.integers(0, 3))
    size = data.draw(st.integers(1, 4))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(columns, "LINES", size)
        found, _ = by_columns(made, written, skip)

    expected = list(reading.rows(io.BytesIO(written), made, cutover=CUTOVER, skip=skip))
    assert found == expected


def test_sound_lines_are_blocks_and_one_bad_line_leaves_only_its_own_block() -> None:
    rows = [(f"D{n}", f"A{n}", "1.500", "01/01/2020") for n in range(3 * columns.LINES)]
    rows[columns.LINES] = ("D", "A", "0.000", "01/01/2020")
    made, written = file_of(Entity.DEPOSITS, rows, ragged=False)

    found, blocks = by_columns(made, written, 0)

    assert blocks == 2
    assert [line for line, _, faults in found if faults] == [columns.LINES + 2]

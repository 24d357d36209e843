"""Finds what only all lines together show, and compares them with the control totals."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from tahseel.app.take_on import staging
from tahseel.app.take_on.fields import totals_of
from tahseel.app.take_on.values import Compared, Entity, Fault, MappingFile, Total, Value
from tahseel.app.take_on.whole_rules import CHAIN, RULES
from tahseel.countries.kuwait import country as kuwait
from tahseel.kernel.money import Money
from tahseel.registry.premises import rules as premises_rules

TOTALS_MAX = 10_000
HEADING = ["entity", "by", "part", "count", "amount"]
BY = ("", "governorate", "sector")
_NO_ALIAS = "where|group|window|union|order|left|join|cross|using|on|limit"
_NAME = re.compile(rf"@([a-z_]+)(\s+(?!(?:{_NO_ALIAS})\b)[a-z]+\b)?")
# Made a table first: only so may the server use more than one process for what it looks for.
_FIND = "create temp table app_taken_fault (line, facts) on commit drop as {found}"
_INSERT = """
insert into app_take_on_fault (run_id, whole, entity, file, line, field, code, facts)
select %(run)s, true, %(entity)s, %(file)s, line, %(field)s, %(code)s, facts from app_taken_fault
"""
Progress = Callable[[str, int], object]


def check_whole(*, run_id: UUID, mapping: MappingFile, progress: Progress) -> None:
    """Run every rule between lines and compare the totals; what was found before is found anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local work_mem = '64MB'")
        cursor.execute("set local max_parallel_workers_per_gather = 1")  # each builds its own hash
        cursor.execute("set local enable_nestloop = off")  # all lines are read; none is looked up
        cursor.execute(f"set local default_statistics_target = {staging.SAMPLE}")
        staging.analyse()
        _lay_out(run_id)
        cursor.execute("delete from app_take_on_fault where run_id = %s and whole", [run_id])
        for rule in RULES:
            if rule.entity not in mapping.files:
                continue
            values: dict[str, str | UUID] = {
                "run": run_id,
                "system": mapping.system,
                "entity": str(rule.entity),
                "file": mapping.files[rule.entity].path.name,
                "field": rule.field,
                "code": rule.code,
            }
            cursor.execute(_FIND.format(found=expand(rule.statement)), values)
            cursor.execute(_INSERT, values)
            cursor.execute("drop table app_taken_fault")
            progress(rule.code, 1)
        staging.add_faults(run_id, list(_wrong_totals(run_id, mapping)), whole=True)


_PLACE = """
select distinct on (u.key) u.key, area.governorate_id as governorate,
  u.body::json ->> 'sector' as sector
from @units u left join app_taken_area area on area.code = split_part(u.ref, chr(31), 1)
where not u.bad order by u.key, u.line
"""
_HOME = """
select distinct on (a.key) a.key, p.governorate, p.sector
from @accounts a left join app_taken_place p on p.key = a.ref order by a.key, a.line
"""
_MADE = (("app_taken_place", _PLACE), ("app_taken_home", _HOME), ("app_taken_chain", CHAIN))


def _lay_out(run_id: UUID) -> None:
    """For this transaction: areas on record and the country's; where units and accounts are, and
    who was liable one after the other."""
    book = premises_rules.load_areas(kuwait.content("areas"))
    areas = [(area.code, area.governorate) for area in book.areas]
    with connection.cursor() as cursor:
        cursor.execute(
            "create temp table app_taken_area on commit drop as"
            " select code, governorate_id from premises_area"
            " union select * from unnest(%s::text[], %s::text[])",
            [[code for code, _ in areas], [governorate for _, governorate in areas]],
        )
        for name, statement in _MADE:
            made = f"create temp table {name} on commit drop as {expand(statement)}"
            cursor.execute(made, {"run": run_id})
            cursor.execute(f"analyze {name}")


def expand(statement: str) -> str:
    """A rule's statement with the staged lines in place of their names.

    Each gets an alias where it has none: before PostgreSQL 16 there is no other way.
    """
    return _NAME.sub(_staged, statement)


def _staged(name: re.Match[str]) -> str:
    alias = name[2] or f" {name[1]}_lines"
    if name[1] == "chain":
        return f"app_taken_chain{alias}"
    columns = "line, bad, key, ref, person, number, mark, from_day, until_day, fils, body"
    return (
        f"(select {columns} from app_take_on_row"  # noqa: S608 - our words
        f" where run_id = %(run)s and entity = '{Entity(name[1])}'){alias}"
    )


def load_totals(path: Path) -> tuple[list[Total], list[Fault]]:
    """The old system's control totals: entity, by, part, count, amount (KD, three decimals)."""
    found: list[Total] = []
    wrong: list[Fault] = []
    if not path.is_file():
        return [], [Fault("", path.name, 0, "", "file_missing")]
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        if [cell.strip() for cell in next(reader, [])] != HEADING:
            facts: dict[str, Value] = {"column": ", ".join(HEADING)}
            return [], [Fault("", path.name, 1, "", "column_missing", facts)]
        for cells in reader:
            try:
                found.append(_total([cell.strip() for cell in cells], reader.line_num))
            except ValueError:
                line = reader.line_num
                wrong.append(Fault("", path.name, line, "", "control_total_unreadable"))
            if len(found) > TOTALS_MAX:
                break
    return found, wrong


def _total(cells: list[str], line: int) -> Total:
    entity, by, part, count, amount = cells
    if by not in BY or bool(by) != bool(part):
        raise ValueError("by is empty, governorate or sector, with its part")
    fils = Money.parse(amount).fils if amount else None
    return Total(Entity(entity), by, part, int(count), fils, line)


def _wrong_totals(run_id: UUID, mapping: MappingFile) -> Iterator[Fault]:
    totals, wrong = load_totals(mapping.totals)
    yield from wrong
    if wrong and not totals:
        return
    name = mapping.totals.name
    given = {total.entity for total in totals if not total.by}
    for entity in set(mapping.files) - given:
        yield Fault(str(entity), name, 0, "", "control_total_missing")
    unsound = entities_with_faults(run_id)
    found = {e: staged_sums(run_id, e) for e in {t.entity for t in totals} - unsound}
    for total in totals:
        if total.entity in found:
            count, fils = found[total.entity].get((total.by, total.part), (0, 0))
            compared = Compared(total, count, fils)
            if not compared.equal:
                yield _differs(compared, name)


def _differs(compared: Compared, name: str) -> Fault:
    total = compared.total
    expected = "-" if total.fils is None else Money(total.fils).dinars()
    facts: dict[str, Value] = {
        "by": total.by or "all",
        "part": total.part,
        "count": compared.count,
        "expected_count": total.count,
        "amount": Money(compared.fils).dinars(),
        "expected_amount": expected,
    }
    return Fault(str(total.entity), name, total.line, "", "control_total_differs", facts)


def entities_with_faults(run_id: UUID) -> set[Entity]:
    """Entities of which some line is bad by itself: their sums cannot be told yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct entity from app_take_on_fault where run_id = %s and not whole",
            [run_id],
        )
        return {Entity(row[0]) for row in cursor.fetchall() if row[0]}


_SUMS = """
select case when not grouping(p.governorate)::bool then 'governorate'
            when not grouping(p.sector)::bool then 'sector' else '' end,
       coalesce(p.governorate, p.sector, ''), count(*), coalesce(sum(s.fils), 0)::bigint
from @{entity} s left join {place}
group by grouping sets ((), (p.governorate), (p.sector))
"""
_BY_ACCOUNT = "app_taken_home p on p.key = s.ref"
_BY_UNIT = "app_taken_place p on p.key = s.ref"
_NOWHERE = "app_taken_place p on false"
_PLACE_OF = {
    Entity.UNITS: "app_taken_place p on p.key = s.key",
    Entity.METERS: _BY_UNIT,
    Entity.ACCOUNTS: _BY_UNIT,
    Entity.PERSONS: _NOWHERE,
    Entity.INSTALMENTS: _NOWHERE,
    Entity.HOLDS: _NOWHERE,
}


def staged_sums(run_id: UUID, entity: Entity) -> dict[tuple[str, str], tuple[int, int]]:
    """(by, part) -> (lines, fils), of the whole and of every governorate and sector."""
    place = _PLACE_OF.get(entity, _BY_ACCOUNT)
    with connection.cursor() as cursor:
        cursor.execute(expand(_SUMS.format(entity=entity, place=place)), {"run": run_id})
        rows = cursor.fetchall()
    summed = bool(totals_of(entity))
    return {(by, part): (n, fils if summed else 0) for by, part, n, fils in rows if part or not by}

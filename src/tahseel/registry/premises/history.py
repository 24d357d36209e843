"""What the places' own rows tell of a unit: put on record, and its sectors with their days."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_ADD = ("premises.add_unit", "premises.add_many")
_SECTOR = ("premises.set_sector", *_ADD)
ACTS = frozenset(_SECTOR)

WORDS: Words = {
    "premises.unit_added": ("سُجّلت الوحدة ({kind})", "The unit was put on record ({kind})"),
    "premises.sector_began": (
        "القطاع من {from_day}: {sector}",
        "Sector from {from_day}: {sector}",
    ),
}
TERMS: Words = {
    "private": ("سكن خاص", "private housing"),
    "investment": ("استثماري", "investment"),
    "commercial": ("تجاري", "commercial"),
    "government": ("حكومي", "government"),
    "industrial": ("صناعي", "industrial"),
    "agricultural": ("زراعي", "agricultural"),
    "other": ("أخرى", "other"),
    "villa": ("فيلا", "villa"),
    "flat": ("شقة", "flat"),
    "shop": ("محل", "shop"),
    "office": ("مكتب", "office"),
    "building": ("مبنى", "building"),
    "plant": ("منشأة صناعية", "plant"),
    "farm": ("مزرعة", "farm"),
    "chalet": ("شاليه", "chalet"),
    "public": ("مرفق عام", "public building"),
}
_BRANCHES = (
    Branch(
        "premises.unit_added",
        "units",
        _ADD,
        f"""select added_at, {day_of("added_at")}, id, 'unit', id, '', id::text,
          jsonb_build_object('kind', kind)
        from premises_unit where id = any(%(units)s::uuid[])""",
    ),
    Branch(
        "premises.sector_began",
        "units",
        _SECTOR,
        f"""select {dated("s.from_day")}, s.from_day, s.id, 'unit', u.id, '', u.id::text,
          jsonb_build_object('sector', s.sector, 'from_day', s.from_day, 'dwellings', s.dwellings,
            'recorded_at', case when not exists (select from premises_unit_sector b
              where b.unit_id = u.id and b.from_day < s.from_day) then u.added_at end)
        from premises_unit_sector s join premises_unit u on u.id = s.unit_id
        where u.id = any(%(units)s::uuid[])""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

"""What the places' own rows tell of a unit: put on record, its address, sectors and their days."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words
from tahseel.registry.premises import rules

_ADD = (
    "premises.add_unit", "premises.add_many", "premises.add_lines",
    "premises.split_unit", "premises.merge_units",
    "premises.reshape_past",
)  # fmt: skip
_SECTOR = ("premises.set_sector", "premises.rezone_past", *_ADD)
_END = (
    "premises.split_unit", "premises.merge_units", "premises.demolish_units",
    "premises.reshape_past",
)  # fmt: skip
_CERTIFY = ("premises.record_certificate", "premises.certify_past")
_SHARE = ("premises.supply_through", "premises.reshare_past")
_READDRESS = ("premises.correct_address",)
ACTS = frozenset({*_SECTOR, *_END, *_CERTIFY, *_SHARE, *_READDRESS})

WORDS: Words = {
    "premises.unit_added": ("سُجّلت الوحدة ({kind})", "The unit was put on record ({kind})"),
    "premises.sector_began": (
        "القطاع من {from_day}: {sector}",
        "Sector from {from_day}: {sector}",
    ),
    "premises.unit_ended": (
        "لم تعد الوحدة قائمة من {on_day} ({state})، بموجب {reference}",
        "The unit no longer stands from {on_day} on ({state}), by {reference}",
    ),
    "premises.certified": (
        "شهادة {kind} رقم {number} من {from_day} إلى {until_day}",
        "Certificate ({kind}) {number} from {from_day} to {until_day}",
    ),
    "premises.readdressed": (
        "العنوان من {from_day}: {address_ar} (وكان: {before_ar})، بموجب {reference}",
        "Address from {from_day}: {address_en} (before: {before_en}), by {reference}",
    ),
    "premises.supplied_through": (
        "تُغذّى الوحدة من عداد وحدة أخرى ({service})",
        "The unit is supplied through another's meter ({service})",
    ),
}
TERMS: Words = {
    "split": ("قُسِّمت", "split"),
    "merged": ("دُمجت", "merged"),
    "demolished": ("هُدمت", "demolished"),
    "productive_factory": ("مصنع منتج", "productive factory"),
    "productive_farm": ("مزرعة منتجة", "productive farm"),
    "electricity": ("كهرباء", "electricity"),
    "water": ("ماء", "water"),
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


def _in_words(which: str, language: int) -> str:
    """SQL for the address before or after a change, in Arabic (0) or English (1)."""
    parts = (
        f"'{words[language]} ' || nullif(c.{which}->>'{part}', '')"
        for part, words in rules.PART_WORDS.items()
    )
    comma, name = (("'، '", "a.name_ar"), ("', '", "a.name_en"))[language]
    return f"""(select concat_ws({comma}, {name}, {", ".join(parts)})
      from premises_area a where a.code = c.{which}->>'area')"""


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
    Branch(
        "premises.unit_ended",
        "units",
        _END,
        """select a.recorded_at, a.on_day, u.id, 'unit', u.id, a.recorded_by, u.id::text,
          jsonb_build_object('state', u.state, 'on_day', a.on_day, 'reference', a.reference)
        from premises_unit u join premises_unit_act a on a.id = u.ended_by_id
        where u.id = any(%(units)s::uuid[])""",
    ),
    Branch(
        "premises.certified",
        "units",
        _CERTIFY,
        """select c.recorded_at, c.valid_from, c.id, 'unit', c.unit_id, '', c.unit_id::text,
          jsonb_build_object('kind', c.kind, 'number', c.number, 'from_day', c.valid_from,
            'until_day', coalesce(c.valid_until::text, '—'))
        from premises_certificate c where c.unit_id = any(%(units)s::uuid[])""",
    ),
    Branch(
        "premises.readdressed",
        "units",
        _READDRESS,
        f"""select c.recorded_at, c.from_day, c.id, 'unit', u.id, c.recorded_by,
          c.premises_id::text, jsonb_build_object('from_day', c.from_day,
            'reference', c.reference,
            'address_ar', {_in_words("after", 0)}, 'before_ar', {_in_words("before", 0)},
            'address_en', {_in_words("after", 1)}, 'before_en', {_in_words("before", 1)})
        from premises_unit u join premises_address_change c on c.premises_id = u.premises_id
        where u.id = any(%(units)s::uuid[])""",
    ),
    Branch(
        "premises.supplied_through",
        "units",
        _SHARE,
        f"""select {dated("f.from_day")}, f.from_day, f.id, 'unit', f.unit_id, '', f.unit_id::text,
          jsonb_build_object('service', f.service)
        from premises_feed f where f.unit_id = any(%(units)s::uuid[])""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

"""What metrology tells of a meter: drawn into a sample, certified with its lot, ordered down."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_FORM = ("metrology.form_lot",)
_DECIDE = ("metrology.record_test", "metrology.pass_over")
ACTS = frozenset(_FORM)

WORDS: Words = {
    "metrology.drawn": (
        "سُحب العداد في عينة دفعة {make} لسنة {year} (رقم {rank} من {size})",
        "Drawn into the sample of the lot {make} of {year} (number {rank} of {size})",
    ),
    "metrology.extended": (
        "مُدّدت شهادة المعايرة حتى {until_day} بقبول الدفعة",
        "Certified until {until_day}: its lot was accepted",
    ),
    "metrology.ordered_down": (
        "يجب استبدال العداد حتى {until_day} بقرار العينة",
        "To be exchanged until {until_day}: the sample of its lot decided so",
    ),
}
TERMS: Words = {}
_BRANCHES = (
    Branch(
        "metrology.drawn",
        "meters",
        _FORM,
        f"""select o.formed_at, {day_of("o.formed_at")}, md5(o.id::text || l.meter_id::text)::uuid,
          'meter', l.meter_id, o.formed_by, o.id::text,
          jsonb_build_object('make', o.make, 'year', o.year, 'rank', l.rank, 'size', o.size)
        from metrology_lot_meter l join metrology_lot o on o.id = l.lot_id
        left join metrology_lot_result r on r.lot_id = o.id and r.meter_id = l.meter_id
        where l.meter_id = any(%(meters)s::uuid[]) and (l.rank <= o.sample or r.lot_id is not null)
        """,
    ),
    Branch(
        "metrology.extended",
        "meters",
        _DECIDE,
        f"""select c.recorded_at, {day_of("c.recorded_at")}, c.id, 'meter', c.meter_id,
          c.recorded_by, '', jsonb_build_object('until_day', c.until_day)
        from metrology_certification c
        where c.basis = 'lot' and c.meter_id = any(%(meters)s::uuid[])""",
    ),
    Branch(
        "metrology.ordered_down",
        "meters",
        _DECIDE,
        f"""select e.ordered_at, {day_of("e.ordered_at")}, e.id, 'meter', e.meter_id, '', '',
          jsonb_build_object('until_day', e.due_on)
        from metrology_exchange_order e where e.meter_id = any(%(meters)s::uuid[])""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

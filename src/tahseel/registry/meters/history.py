"""What the devices' own rows tell: put on record, hung at a service point, taken down."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, dated, day_of, made
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_ADD = ("meters.add_meter", "meters.add_many", "meters.add_lines", "meters.exchange")
_INSTALL = ("meters.install_meter", "meters.exchange", "meters.add_many", "meters.add_lines")
_REMOVE = ("meters.remove_meter", "meters.exchange")
ACTS = frozenset({*_ADD, *_INSTALL, *_REMOVE})

WORDS: Words = {
    "meters.added": (
        "سُجّل العداد {serial} ({service})",
        "Meter {serial} was put on record ({service})",
    ),
    "meters.installed": (
        "رُكّب العداد {serial} ({service})، وقراءته {reading}",
        "Meter {serial} was installed ({service}), its dial at {reading}",
    ),
    "meters.removed": (
        "رُفع العداد {serial} ({service})، وقراءته {reading}",
        "Meter {serial} was taken down ({service}), its dial at {reading}",
    ),
    "meters.behind": (
        "وُضع العداد {serial} خلف عداد رئيسي",
        "Meter {serial} was put behind a main meter",
    ),
    "meters.not_behind": (
        "لم يعد العداد {serial} خلف عداد رئيسي",
        "Meter {serial} is no longer behind a main meter",
    ),
}
TERMS: Words = {
    "electricity": ("كهرباء", "electricity"),
    "water": ("ماء", "water"),
}
_DIALS = "(select string_agg(value, ' / ' order by key) from jsonb_each_text(i.{column}::jsonb))"
_HUNG = """
jsonb_build_object('serial', m.serial, 'service', m.service, 'reading', coalesce({dials}, '—'),
  'recorded_at', {made})
from meters_installation i join meters_meter m on m.id = i.meter_id
"""
# The device that hung at the point on the first day, or on the last.
_BEHIND = """
select {at}, b.{day}, b.id, 'meter', m.id, {actor}, b.service_point_id::text,
  jsonb_build_object('serial', m.serial)
from meters_behind b join meters_installation i on i.service_point_id = b.service_point_id
  and i.installed_on <= b.{day} and (i.removed_on is null or i.removed_on > b.{day})
join meters_meter m on m.id = i.meter_id
where m.id = any(%(meters)s::uuid[]) and b.{day} is not null
"""
_AT_POINTS = """
i.service_point_id = any(%(points)s::uuid[]) and not i.meter_id = any(%(meters)s::uuid[])
and (%(until)s::date is null or i.installed_on < %(until)s::date)
and (%(since)s::date is null or i.removed_on is null or i.removed_on > %(since)s::date)
"""
_OF_METERS = "i.meter_id = any(%(meters)s::uuid[])"


def _hung(where: str) -> str:
    told = _HUNG.format(dials=_DIALS.format(column="opening"), made=made("i.id"))
    return f"""select {dated("i.installed_on")}, i.installed_on, i.id, 'meter', m.id, '',
      i.id::text, {told} where {where}"""


def _taken(where: str) -> str:
    told = _HUNG.format(dials=_DIALS.format(column="closing"), made="null")
    return f"""select {dated("i.removed_on")}, i.removed_on, i.id, 'meter', m.id, '',
      m.id::text, {told}
      where i.removed_on is not null and {where}"""


def _behind(day: str, actor: str) -> str:
    return _BEHIND.format(at=dated(f"b.{day}"), day=day, actor=actor)


_BRANCHES = (
    Branch(
        "meters.added",
        "meters",
        _ADD,
        f"""select added_at, {day_of("added_at")}, id, 'meter', id, '', id::text,
          jsonb_build_object('serial', serial, 'service', service)
        from meters_meter where id = any(%(meters)s::uuid[])""",
    ),
    Branch("meters.installed", "meters", _INSTALL, _hung(_OF_METERS)),
    Branch("meters.installed", "points", _INSTALL, _hung(_AT_POINTS)),
    Branch("meters.behind", "meters", (), _behind("from_day", "b.recorded_by")),
    Branch("meters.not_behind", "meters", (), _behind("until_day", "''")),
    Branch("meters.removed", "meters", _REMOVE, _taken(_OF_METERS)),
    Branch("meters.removed", "points", _REMOVE, _taken(_AT_POINTS)),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

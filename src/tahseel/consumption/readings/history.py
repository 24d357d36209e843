"""What the readings tell of a meter: each dial as it was read, and corrections as new versions."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_STORE = ("readings.store_register_reads", "readings.import_file", "readings.replay_parked")
_LINK = ("readings.link_usage_point",)
ACTS = frozenset({*_STORE, *_LINK})

WORDS: Words = {
    "readings.read": (
        "قراءة السجل {register}: {dial} ({quality})",
        "Register {register} was read: {dial} ({quality})",
    ),
    "readings.linked": (
        "رُبطت نقطة الاستخدام {usage_point} بالعداد",
        "Usage point {usage_point} was linked to the meter",
    ),
}
TERMS: Words = {
    "actual": ("فعلية", "actual"),
    "estimated": ("تقديرية", "estimated"),
    "self_read": ("ذاتية", "self-read"),
}
_BRANCHES = (
    Branch(
        "readings.read",
        "meters",
        _STORE,
        f"""select r.at, {day_of("r.at")},
          md5(r.meter_id::text || r.register || r.at::text || r.version)::uuid,
          'meter', r.meter_id, r.actor, '',
          jsonb_build_object('register', r.register, 'quality', r.quality, 'version', r.version,
            'dial', r.value / 1000 || '.' || lpad((r.value %% 1000)::text, 3, '0'),
            'recorded_at', r.recorded_at)
        from readings_register_read r where r.meter_id = any(%(meters)s::uuid[])""",
    ),
    Branch(
        "readings.linked",
        "meters",
        _LINK,
        f"""select linked_at, {day_of("linked_at")}, md5(usage_point)::uuid, 'meter', meter_id,
          actor, meter_id::text, jsonb_build_object('usage_point', usage_point)
        from readings_usage_point where meter_id = any(%(meters)s::uuid[])""",
    ),
)


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

"""How a thing came here from another system: by which take-on, under which old number."""

from __future__ import annotations

from tahseel.kernel import chronicle
from tahseel.kernel.chronicle import Branch, day_of
from tahseel.kernel.history import PAGE_MAX, About, Mark, Step, Words

_LOAD = ("take_on.load",)
ACTS = frozenset({*_LOAD, "take_on.sign_off"})
WORDS: Words = {
    "take_on.loaded": (
        "رُحّل من النظام السابق {system}، ورقمه فيه {key}",
        "Taken on from the old system {system}, its number there {key}",
    ),
}
TERMS: Words = {}
_KINDS = {"customers": "customer", "units": "unit", "meters": "meter", "accounts": "account"}


def _taken(of: str, kind: str) -> Branch:
    return Branch(
        "take_on.loaded",
        of,
        _LOAD,
        f"""select n.loaded_at, {day_of("n.loaded_at")}, r.id, '{kind}', r.id, '',
          r.run_id::text, jsonb_build_object('system', r.system, 'key', r.key)
        from app_take_on_reference r join app_take_on_run n on n.id = r.run_id
        where r.id = any(%({of})s::uuid[]) and n.loaded_at is not null
          and (%(only)s::uuid is null or r.id = %(only)s::uuid)""",
    )


_BRANCHES = tuple(_taken(of, kind) for of, kind in _KINDS.items())


def steps(about: About, *, before: Mark | None = None, limit: int = PAGE_MAX) -> list[Step]:
    """The newest steps before a mark, newest first."""
    return chronicle.tell(_BRANCHES, about, before=before, limit=limit)

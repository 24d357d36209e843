"""The ids that lines stand for, as expressions of SQL with `system` and `root` as values."""

from __future__ import annotations

from tahseel.app.take_on.values import Entity
from tahseel.kernel.ids import derived_id_in_sql


def id_of(entity: Entity | str, key: str) -> str:
    """`MappingFile.id_of`."""
    said = f"%(system)s::text || chr(31) || '{entity}' || chr(31) || {key}"
    return derived_id_in_sql("%(root)s::uuid", said)


def follows(parent: str, *parts: str) -> str:
    """`derived_id` of expressions."""
    return derived_id_in_sql(parent, " || chr(31) || ".join(parts))


def day(expression: str) -> str:
    """A day as `isoformat` writes it, whatever the server's settings."""
    return f"to_char({expression}, 'YYYY-MM-DD')"

"""Telling a story from tables: each code has its own statement, and one query asks them all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.kernel.history import PAGE_MAX, About, Act, Mark, Step, Thing

_LAST = Mark(datetime.max.replace(tzinfo=UTC), UUID(int=(1 << 128) - 1), "\U0010ffff")
_BRANCH = """
(select %(code_{n})s::text collate "C" as code, b.at, b.day, b.id, b.kind, b.subject, b.actor,
   b.act, b.facts from ({statement}) b (at, day, id, kind, subject, actor, act, facts)
 where (b.at, b.id, %(code_{n})s::text collate "C")
     < (%(before_at)s::timestamptz, %(before_id)s::uuid, %(before_code)s::text)
 order by b.at desc, b.id desc limit %(limit)s)
"""
LOCAL = "'Asia/Kuwait'"


@dataclass(frozen=True, slots=True)
class Branch:
    """How the steps of one code are found.

    of: which ids of `About` the statement asks for; without them it is left out. acts: actions of
    which one wrote the leaf. statement: gives at, day, id, kind and id of what the step is about,
    the actor's id or '', the id by which the leaf is found or '', and the facts as jsonb; a fact
    `recorded_at` says when it was recorded, where `at` does not. It may use every field of `About`
    by name, ids as arrays.
    """

    code: str
    of: str
    acts: tuple[str, ...]
    statement: str


def dated(column: str) -> str:
    """The beginning of a day in Kuwait, as `at` of what is only dated."""
    return f"{column}::timestamp at time zone {LOCAL}"


def day_of(column: str) -> str:
    """The day of an instant in Kuwait."""
    return f"({column} at time zone {LOCAL})::date"


def made(column: str) -> str:
    """When a row of a version-7 id was made, for the fact `recorded_at`; null for other ids."""
    stamp = f"('x' || substr(replace({column}::text, '-', ''), 1, 12))::bit(48)::bigint"
    return f"case when substr({column}::text, 15, 1) = '7' then to_timestamp({stamp} / 1000.0) end"


def tell(
    branches: Sequence[Branch], about: About, *, before: Mark | None, limit: int = PAGE_MAX
) -> list[Step]:
    """The newest `limit` steps before a mark, newest first, with one query."""
    asked = [branch for branch in branches if getattr(about, branch.of)]
    if not asked:
        return []
    mark = before or _LAST
    values: dict[str, Any] = {
        **_values(about),
        **{f"code_{n}": branch.code for n, branch in enumerate(asked)},
        "before_at": mark.at,
        "before_id": mark.id,
        "before_code": mark.code,
        "limit": min(limit, PAGE_MAX),
    }
    parts = [_BRANCH.format(n=n, statement=one.statement) for n, one in enumerate(asked)]
    union = " union all ".join(parts)
    acts = {branch.code: branch.acts for branch in asked}
    with connection.cursor() as cursor:
        cursor.execute(
            "select code, at, day, id, kind, subject, actor, act, facts::text"  # noqa: S608 - ours
            f" from ({union}) told order by at desc, id desc, code desc limit %(limit)s",
            values,
        )
        return [_step(row, acts[row[0]]) for row in cursor.fetchall()]


def _values(about: About) -> dict[str, Any]:
    kinds = ("customers", "units", "points", "meters", "accounts")
    return {
        **{kind: sorted(getattr(about, kind)) for kind in kinds},
        "only": about.only,
        "since": about.since,
        "until": about.until,
        "told": sorted(about.told),
    }


def _step(row: tuple[Any, ...], acts: tuple[str, ...]) -> Step:
    code, at, day, id_, kind, subject, actor, act, facts = row
    return Step(
        at=at,
        day=day,
        code=code,
        id=id_,
        subject=Thing(kind, subject),
        facts=json.loads(facts),
        actor=actor,
        act=Act(acts, act) if acts else None,
    )

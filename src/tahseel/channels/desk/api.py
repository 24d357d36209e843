"""What came to a record while a merge held, as JSON: the same query and guard as the page's."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.utils import translation
from ninja import Path, Router, Schema

from tahseel.channels.desk import came, people
from tahseel.kernel.errors import NotFound
from tahseel.registry.customers import queries
from tahseel.trust.access.guards import GuardedRequest
from tahseel.trust.audit.operations import record_read

router = Router(tags=["customers"])


class CameOut(Schema):
    """A row. what: the column by which it hangs; key: of its table; account: its number, or empty.

    state: here (with the record that stayed), moved, gone, or stays (a receipt keeps its payer).
    """

    position: int
    what: str
    name_ar: str
    name_en: str
    key: list[str]
    state: str
    label: str
    account: str
    day: date | None


class SinceOut(Schema):
    """A merge that was taken back, and what came in between, in the order in which it is kept."""

    merge: UUID
    merged: UUID
    into: UUID
    made_at: datetime
    undone_at: datetime
    rows: list[CameOut]


class RefusedOut(Schema):
    """Why not, in both languages."""

    code: str
    text_ar: str
    text_en: str
    facts: dict[str, str | int | bool | None]


@router.get(
    "/merges/{id}/since",
    response={200: SinceOut, **dict.fromkeys((401, 403, 404, 422), RefusedOut)},
    operation_id="cameSince",
    summary="What came to a record while a merge held, and where it is now",
)
def came_since(
    request: HttpRequest,
    id: Path[UUID],  # noqa: A002 - the id of the merge
) -> SinceOut:
    """Of a merge that was taken back. The read is recorded before it is answered."""
    known = cast("GuardedRequest", request)
    merge = queries.merge_by_id(merge_id=id)
    if merge is None or merge.undone_at is None:
        raise NotFound
    for customer_id in (merge.merged_id, merge.into_id):
        record_read(
            actor=known.actor, purpose=people.reading(known)["purpose"],
            subject=str(customer_id), at=known.at, facts={"of": "came_since"},
        )  # fmt: skip
    rows = queries.came_since(merge_id=id)
    with translation.override("ar"):
        arabic = {one.row.position: one.name for one in came.told(rows)}
    with translation.override("en"):
        told = came.told(rows)
    return SinceOut(
        merge=merge.id,
        merged=merge.merged_id,
        into=merge.into_id,
        made_at=merge.made_at,
        undone_at=merge.undone_at,
        rows=[_out(one, arabic[one.row.position]) for one in told],
    )


came_since.roles = people.READERS  # type: ignore[attr-defined]  # for the guard of the route


def _out(one: came.CameTold, name_ar: str) -> CameOut:
    row = one.row
    return CameOut(
        position=row.position,
        what=row.name,
        name_ar=name_ar,
        name_en=one.name,
        key=list(row.key),
        state=row.state,
        label=row.label,
        account=one.number,
        day=row.day,
    )

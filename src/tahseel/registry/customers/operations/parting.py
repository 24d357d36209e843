"""After a merge was taken back: what came in between is moved to whom it belongs, by two people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.registry.customers import events, since, telling
from tahseel.registry.customers.models import Customer, Merge
from tahseel.registry.customers.operations.locking import locked
from tahseel.registry.customers.operations.merging import MergeCollides, MergedAlready
from tahseel.registry.customers.values import Came
from tahseel.trust.access.rules import holders, require_duty
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Payload
from tahseel.trust.audit.operations import audited, note

MOVE_SINCE = "customers.move_since"
ROWS_MAX = 500


class MergeNotTakenBack(NotFound):
    """There is no such merge that was taken back."""

    code = "merge_not_taken_back"
    text_ar = "لا يوجد دمج بهذا الرقم تم التراجع عنه"
    text_en = "There is no such merge that was taken back"


class NothingToSort(Refusal):
    """None was chosen, or one no longer hangs on the record that stayed."""

    code = "nothing_to_sort"
    text_ar = "لم يُختر ما يُنقل، أو لم يعد بعضه على السجل الباقي ({positions})"
    text_en = "Nothing was chosen, or some no longer hangs on the record that stayed ({positions})"
    http_status = 409


def propose_move_since(
    *,
    actor: Actor,
    at: datetime,
    approval_id: UUID,
    merge_id: UUID,
    positions: Sequence[int],
    reason: str,
) -> UUID:
    """Ask that some of what came in between be moved to the record that came back.

    Returns the approval's id. Raises MergeNotTakenBack, NothingToSort, MergedAlready, what
    `submit` raises.
    """
    check_move_since(actor=actor, at=at, merge_id=merge_id, positions=positions)
    payload = {
        "merge": str(merge_id), "positions": sorted(set(positions)), "maker": actor.id,
        "reason": reason,
    }  # fmt: skip
    return approvals.submit(
        actor=actor, at=at, operation=MOVE_SINCE, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


@audited("customers.check_move_since", subject="merge_id")
def check_move_since(
    *, actor: Actor, at: datetime, merge_id: UUID, positions: Sequence[int]
) -> None:
    """Refuse what may not be moved; changes nothing. Raises as `propose_move_since`."""
    require_duty(actor, "customers.check_move_since")
    merge = _require(merge_id, positions)
    note(merged=merge.merged_id, into=merge.into_id, positions=list(positions))


@audited("customers.move_since", subject="approval_id")
def move_since_approved(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> int:
    """What runs once the second person agrees; returns how many rows moved.

    Raises as `propose_move_since`, and MergeCollides: then nothing has moved.
    """
    require_duty(actor, "customers.move_since")
    positions = [int(one) for one in payload["positions"]]
    merge = _require(UUID(str(payload["merge"])), positions)
    try:
        with transaction.atomic():
            moved = since.move(
                merge_id=merge.id, positions=positions, from_id=merge.into_id,
                into_id=merge.merged_id,
            )  # fmt: skip
            bulk.settle_constraints()
    except bulk.BROKEN_RULES as broken:
        raise MergeCollides(rule=bulk.rule_broken(broken)) from broken
    for position, _name in moved:
        since.note_moved(merge_id=merge.id, position=position, at=at, by=actor.id)
    went = [position for position, _ in moved]
    since.carry_on(merge_id=merge.id, positions=went, stayed_id=merge.merged_id)
    note(
        merge=merge.id,
        merged=merge.merged_id,
        into=merge.into_id,
        moved=[f"{name} {position}" for position, name in moved],
        asked_by=str(payload["maker"]),
    )
    events.unmerged(merged_id=merge.merged_id, from_id=merge.into_id, at=at)
    return len(moved)


def _require(merge_id: UUID, positions: Sequence[int]) -> Merge:
    """The merge, both records locked; every chosen row hangs on the one that stayed."""
    merge = Merge.objects.filter(pk=merge_id, undone_at__isnull=False).first()
    if merge is None:
        raise MergeNotTakenBack()
    ids = sorted((merge.merged_id, merge.into_id))
    records: list[Customer] = [locked(one, merged=True) for one in ids]
    if any(one.merged_into_id for one in records):
        raise MergedAlready()
    wanted = set(positions)
    rows = since.rows(merge_id=merge_id, into_id=merge.into_id)
    here = {row.position for row in rows if row.state is Came.HERE}
    if not wanted or len(wanted) > ROWS_MAX or wanted - here:
        raise NothingToSort(positions=", ".join(str(one) for one in sorted(wanted - here)))
    return merge


def register() -> None:
    """Called once by `app`: what runs when a second person agrees."""
    approvals.register(
        MOVE_SINCE, move_since_approved, roles=holders(MOVE_SINCE),
        makers=holders("customers.check_move_since"), in_words=telling.move_since_in_words,
    )  # fmt: skip

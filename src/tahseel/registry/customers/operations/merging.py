"""Two records of one person become one, and are told apart again. Two people act: maker, checker.

What hangs on the record that goes is moved to the one that stays (`rules.hanging`), and the key of
every moved row is kept, so that a merge that was wrong is taken back to the last row. What was
written for good keeps the name under which it was written: bills, payments, notices, the log.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotFound, Refusal
from tahseel.kernel.ids import derived_id
from tahseel.registry.customers import events, moving, rules, since, telling
from tahseel.registry.customers.models import Customer, Merge
from tahseel.registry.customers.opening import open_civil_id
from tahseel.registry.customers.operations.locking import locked
from tahseel.registry.customers.values import CustomerKind, IdentityState
from tahseel.trust.access.rules import holders, require_duty
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.values import Payload
from tahseel.trust.audit.operations import audited, note

MERGE, UNMERGE = "customers.merge", "customers.unmerge"


class MergeOfItself(Refusal):
    """There is only one record here."""

    code = "merge_of_itself"
    text_ar = "لا يدمج السجل في نفسه"
    text_en = "A record is not merged into itself"


class MergeOfTwoPeople(Refusal):
    """Both identities are proved and differ: these are two people."""

    code = "merge_of_two_people"
    text_ar = (
        "هذان شخصان مختلفان: هوية كل منهما متحقق منها"
        " (الرقم المدني المنتهي بـ {stays} والرقم المنتهي بـ {goes})"
    )
    text_en = (
        "These are two people: both identities are proved (civil ids ending in {stays} and {goes})"
    )


class MergeOfKinds(Refusal):
    """A person is no company."""

    code = "merge_of_kinds"
    text_ar = "لا يدمج سجل من فئة {goes} في سجل من فئة {stays}"
    text_en = "A record of kind {goes} is not merged into one of kind {stays}"


class MergeWrongWay(Refusal):
    """The better proved record stays."""

    code = "merge_wrong_way"
    text_ar = "يبقى السجل ذو الرقم المدني أو الهوية المتحقق منها؛ ادمج في الاتجاه الآخر"
    text_en = "The record with the civil id or the proved identity stays; merge the other way round"


class MergeOfDeadAndLiving(Refusal):
    """One is recorded as dead, the other is not, or on another day."""

    code = "merge_of_dead_and_living"
    text_ar = "أحد السجلين لمتوفى ({died_on}) والآخر ليس كذلك؛ صحح واقعة الوفاة أولاً"
    text_en = "One record is of a dead person ({died_on}), the other not; correct the death first"


class MergedAlready(Refusal):
    """One of the two was merged before."""

    code = "merged_already"
    text_ar = "أحد السجلين مدموج من قبل"
    text_en = "One of the two records was merged before"
    http_status = 409


class MergeCollides(Refusal):
    """Both records have what only one person may have once."""

    code = "merge_collides"
    text_ar = "للسجلين بيانات لا تجتمع لشخص واحد ({rule})"
    text_en = "The two records hold what one person cannot hold twice ({rule})"
    http_status = 409


class MergeUnknown(NotFound):
    """No such merge, or it was taken back."""

    code = "merge_unknown"
    text_ar = "لا يوجد دمج بهذا الرقم أو تم التراجع عنه"
    text_en = "There is no such merge, or it was taken back"


class MergedFurther(Refusal):
    """The record that stayed was merged itself since: the later merge is taken back first."""

    code = "merged_further"
    text_ar = "السجل الباقي دُمج بعد ذلك في سجل آخر؛ يتم التراجع عن الدمج الأحدث أولاً"
    text_en = "The record that stayed was merged itself since; take the later merge back first"
    http_status = 409


def propose_merge(
    *, actor: Actor, at: datetime, approval_id: UUID, merged_id: UUID, into_id: UUID, reason: str
) -> UUID:
    """Ask that the record `merged_id` be found to be `into_id`; returns the approval's id.

    What stands against it is told at once. Raises MergeOfItself, MergeOfTwoPeople, MergeOfKinds,
    MergeWrongWay, MergeOfDeadAndLiving, MergedAlready, CustomerUnknown, what `submit` and the
    guards of the other slices raise.
    """
    check_merge(actor=actor, at=at, merged_id=merged_id, into_id=into_id)
    payload = {"merged": str(merged_id), "into": str(into_id), "maker": actor.id, "reason": reason}
    return approvals.submit(
        actor=actor, at=at, operation=MERGE, payload=payload, reason=reason, approval_id=approval_id
    )


@audited("customers.check_merge", subject="merged_id")
def check_merge(*, actor: Actor, at: datetime, merged_id: UUID, into_id: UUID) -> None:
    """Refuse what may not be merged, with the facts; changes nothing. Raises as `propose_merge`."""
    require_duty(actor, "customers.check_merge")
    note(into=into_id)
    _require_one_person(*_two(merged_id, into_id))


@audited("customers.merge", subject="approval_id")
def merge_approved(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> UUID:
    """What runs once the second person agrees; returns the merge's id. Raises as `propose_merge`,
    and MergeCollides when the rows cannot stand together: then nothing has moved.
    """
    require_duty(actor, "customers.merge")
    merged_id, into_id = UUID(str(payload["merged"])), UUID(str(payload["into"]))
    goes, stays = _two(merged_id, into_id)
    _require_one_person(goes, stays)
    merge_id = derived_id(approval_id, "merge")
    merge = Merge.objects.create(
        id=merge_id, merged=goes, into=stays, reason=str(payload["reason"]), made_at=at,
        made_by=str(payload["maker"]), approved_by=actor.id, rows=0,
    )  # fmt: skip
    try:
        with transaction.atomic():
            since.keep_own(merge_id=merge_id, customer_id=into_id)
            merge.rows = moving.move_all(merge_id=merge_id, from_id=merged_id, into_id=into_id)
            bulk.settle_constraints()
    except bulk.BROKEN_RULES as broken:
        raise MergeCollides(rule=bulk.rule_broken(broken)) from broken
    goes.merged_into = stays
    goes.save(update_fields=["merged_into"])
    merge.save(update_fields=["rows"])
    note(merge=merge_id, merged=merged_id, into=into_id, rows=merge.rows)
    events.merged(merged_id=merged_id, into_id=into_id, at=at)
    return merge_id


def propose_unmerge(
    *, actor: Actor, at: datetime, approval_id: UUID, merge_id: UUID, reason: str
) -> UUID:
    """Ask that a merge be taken back; returns the approval's id.

    Raises MergeUnknown, MergedFurther, what `submit` raises.
    """
    check_unmerge(actor=actor, at=at, merge_id=merge_id)
    payload = {"merge": str(merge_id), "maker": actor.id, "reason": reason}
    return approvals.submit(
        actor=actor, at=at, operation=UNMERGE, payload=payload, reason=reason,
        approval_id=approval_id,
    )  # fmt: skip


@audited("customers.check_unmerge", subject="merge_id")
def check_unmerge(*, actor: Actor, at: datetime, merge_id: UUID) -> None:
    """Refuse what may not be taken back; changes nothing. Raises as `propose_unmerge`."""
    require_duty(actor, "customers.check_unmerge")
    merge = _standing_merge(merge_id)
    note(merged=merge.merged_id, into=merge.into_id)


@audited("customers.unmerge", subject="approval_id")
def unmerge_approved(*, actor: Actor, at: datetime, approval_id: UUID, payload: Payload) -> int:
    """What runs once the second person agrees: every moved row goes back; returns how many.

    What came to the record that stayed after the merge stays there, and is kept as a list of which
    two people may still move each (`parting`). Raises as `propose_unmerge`.
    """
    require_duty(actor, "customers.unmerge")
    merge = _standing_merge(UUID(str(payload["merge"])))
    goes, stays = _two(merge.merged_id, merge.into_id)
    rows = moving.move_back(merge_id=merge.id, from_id=stays.id, into_id=goes.id)
    bulk.settle_constraints()
    goes.merged_into = None
    goes.save(update_fields=["merged_into"])
    merge.undone_at, merge.undone_by = at, actor.id
    merge.undone_reason = str(payload["reason"])
    merge.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    came = since.keep_since(merge_id=merge.id, customer_id=stays.id)
    note(merge=merge.id, merged=goes.id, into=stays.id, rows=rows, of=merge.rows, came=came)
    events.unmerged(merged_id=goes.id, from_id=stays.id, at=at)
    return rows


def _two(merged_id: UUID, into_id: UUID) -> tuple[Customer, Customer]:
    """Both records, locked in one order, the one that goes first."""
    if merged_id == into_id:
        raise MergeOfItself()
    found = {
        customer_id: locked(customer_id, merged=True)
        for customer_id in sorted((merged_id, into_id))
    }
    return found[merged_id], found[into_id]


def _require_one_person(goes: Customer, stays: Customer) -> None:
    if goes.merged_into_id or stays.merged_into_id:
        raise MergedAlready()
    if not rules.may_be_one(CustomerKind(goes.kind), CustomerKind(stays.kind)):
        raise MergeOfKinds(goes=goes.kind, stays=stays.kind)
    proved = [one.identity == IdentityState.VERIFIED for one in (goes, stays)]
    numbers = [open_civil_id(one) for one in (goes, stays)]
    if all(proved) and all(numbers) and numbers[0] != numbers[1]:
        last = [rules.last_four(number) if number else "" for number in numbers]
        raise MergeOfTwoPeople(goes=last[0], stays=last[1])
    if (numbers[0] and not numbers[1]) or (proved[0] and not proved[1]):
        raise MergeWrongWay()
    if goes.died_on is not None and goes.died_on != stays.died_on:
        raise MergeOfDeadAndLiving(died_on=goes.died_on.isoformat())
    if goes.died_on is None and stays.died_on is not None and numbers[0]:
        raise MergeOfDeadAndLiving(died_on=stays.died_on.isoformat())
    for guard in rules.merge_guards():
        guard(goes_id=goes.id, stays_id=stays.id)


def _standing_merge(merge_id: UUID) -> Merge:
    merge = Merge.objects.select_for_update().filter(pk=merge_id, undone_at__isnull=True).first()
    if merge is None:
        raise MergeUnknown()
    if Customer.objects.filter(pk=merge.into_id, merged_into__isnull=False).exists():
        raise MergedFurther()
    return merge


def register() -> None:
    """Called once by `app`: what runs when a second person agrees."""
    approvals.register(
        MERGE, merge_approved, roles=holders(MERGE), makers=holders("customers.check_merge"),
        in_words=telling.merge_in_words,
    )  # fmt: skip
    approvals.register(
        UNMERGE, unmerge_approved, roles=holders(UNMERGE),
        makers=holders("customers.check_unmerge"), in_words=telling.unmerge_in_words,
    )  # fmt: skip

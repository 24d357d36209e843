"""What waits for whom, in words. Whoever neither asked nor may decide sees nothing of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from tahseel.channels.approving.values import Person, Row, Touched, Worklist
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import Bill
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money
from tahseel.registry.premises import rules as premises
from tahseel.registry.premises.values import BACKDATED, PriceChange
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply import rules as supply_rules
from tahseel.registry.supply.values import PAST
from tahseel.trust.access import queries as access
from tahseel.trust.approvals import queries as approvals
from tahseel.trust.approvals.values import ApprovalState, ApprovalView, Proposal

ROWS_MAX = 50
DECIDED_MAX = 20
BILLS_MAX = 200
READERS = ("auditor",)
UNKNOWN = Proposal("عملية لم تعد معروفة", "An operation that is no longer known")


def worklist(*, actor: Actor, at: datetime) -> Worklist:
    """Everything that this actor may see, the oldest waiting first."""
    waiting = [view for view in approvals.waiting(as_of=at) if may_see(actor, view)][:ROWS_MAX]
    decided = [view for view in approvals.decided() if may_see(actor, view)][:DECIDED_MAX]
    rows = {row.view.id: row for row in _rows([*waiting, *decided], actor, at)}
    shown = [rows[view.id] for view in waiting]
    return Worklist(
        yours=tuple(row for row in shown if row.may_decide),
        others=tuple(row for row in shown if not row.may_decide),
        decided=tuple(rows[view.id] for view in decided),
    )


def one(*, actor: Actor, at: datetime, approval_id: UUID) -> Row:
    """One approval. Raises NotFound, and NotAllowed for whoever may not see it."""
    view = approvals.by_id(approval_id)
    if not may_see(actor, view):
        raise NotAllowed(needs="maker, checker or auditor")
    return _rows([view], actor, at)[0]


def may_see(actor: Actor, view: ApprovalView) -> bool:
    """The maker, whoever decided or may decide, and the auditor."""
    mine = actor.id in (view.maker_id, view.checker_id)
    return mine or actor.has(*READERS) or approvals.may_decide(actor, view)


def touched(view: ApprovalView) -> Touched | None:
    """The bills whose days a change of price or of who owes them reaches; None for another one."""
    if view.operation == PAST:
        changes = supply_rules.changes_of(view.payload)
        return _shown([bill for change in changes for bill in billing.touched_by(change)])
    if view.operation not in BACKDATED:
        return None
    return touched_by(premises.proposed_change(operation=view.operation, payload=view.payload))


def touched_by(change: PriceChange) -> Touched:
    """The bills of every account on the units whose price changes."""
    return _shown(billing.priced_by(change))


def _shown(bills: Sequence[Bill]) -> Touched:
    refs = supply.accounts(account_ids={bill.account_id for bill in bills})
    return Touched(
        rows=tuple((refs[bill.account_id].number, bill) for bill in bills[:BILLS_MAX]),
        count=len(bills),
        total=Money(sum(bill.total.fils for bill in bills)),
    )


def _rows(views: Iterable[ApprovalView], actor: Actor, at: datetime) -> list[Row]:
    listed = list(views)
    ids = {one for view in listed for one in (view.maker_id, view.checker_id) if one}
    labels = access.labels_of(ids)
    return [_row(view, labels, actor, at) for view in listed]


def _row(view: ApprovalView, labels: dict[str, tuple[str, str]], actor: Actor, at: datetime) -> Row:
    maker = labels.get(view.maker_id, (view.maker_label, view.maker_label))
    checker = labels.get(view.checker_id or "", (view.checker_id or "", view.checker_id or ""))
    open_now = view.state is ApprovalState.PENDING and at < view.expires_at
    return Row(
        view=view,
        proposal=_proposal(view, actor, at),
        maker=Person(*maker),
        checker=Person(*checker) if view.checker_id else None,
        own=actor.id == view.maker_id,
        may_decide=open_now and approvals.may_decide(actor, view),
        lapsed=view.state is ApprovalState.PENDING and not open_now,
    )


def _proposal(view: ApprovalView, actor: Actor, at: datetime) -> Proposal:
    try:
        return approvals.proposal(actor=actor, at=at, view=view)
    except LookupError:
        return UNKNOWN

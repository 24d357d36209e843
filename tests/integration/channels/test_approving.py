"""The work-list: one asks, another answers; denied means refused, unchanged, unsent, audited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tahseel.app import clock
from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.money import Money
from tahseel.trust.access import queries as access
from tahseel.trust.approvals import operations, queries, rules
from tahseel.trust.approvals.models import Approval
from tahseel.trust.approvals.values import Detail, Proposal

pytestmark = pytest.mark.usefixtures("_operation")
Leaves = Callable[..., list[dict[str, Any]]]
LIST = "/approvals/"
done: list[str] = []
fail: list[Refusal] = []


class AlreadyPaid(Refusal):
    code = "already_paid"
    text_ar = "سُددت المطالبة"
    text_en = "The claim is paid already"


def write_off(*, actor: Actor, at: Any, approval_id: UUID, payload: Any) -> None:
    if fail:
        raise fail[0]
    done.append(actor.id)


def in_words(*, actor: Actor, at: Any, payload: Any) -> Proposal:
    return Proposal(
        "شطب مطالبة",
        "Write a claim off",
        (Detail("المبلغ", "Amount", Money(payload["fils"])),),
    )


@pytest.fixture
def _operation(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_registered", dict(rules._registered))
    done.clear()
    fail.clear()
    operations.register(
        "test.write_off",
        write_off,
        roles=["office_head", "revenue_manager"],
        makers=["clerk", "office_head"],
        in_words=in_words,
    )


def user(username: str) -> Actor:
    return access.actor_for(access.user_named(username))


def ask(username: str = "clerk", *, ago: timedelta = timedelta(minutes=1)) -> UUID:
    return operations.submit(
        actor=user(username),
        at=clock.now() - ago,
        operation="test.write_off",
        payload={"fils": 45_250},
        reason="Burst pipe behind the meter",
    )


def unsent() -> bool:
    """Nothing but the request itself was announced."""
    outbox.sequence_pending(at=clock.now())
    told = {event.name for event in outbox.events_after(0)}
    return not {name for name in told if name.startswith("approvals:")} - {
        "approvals:approval:submitted"
    }


def test_whoever_may_decide_reads_what_who_and_why(sign_in: Any) -> None:
    approval = ask()

    page = sign_in("office_head").get(LIST).content.decode()
    told = sign_in("office_head").get(f"{LIST}{approval}/").content.decode()

    assert "Write a claim off" in page
    for words in ("Write a claim off", "45.250", "Clerk", "Burst pipe behind the meter"):
        assert words in told
    assert 'id="approve"' in told
    assert queries.by_id(approval).payload_hash.hex() in told


def test_the_same_page_is_arabic_for_whoever_reads_arabic(sign_in: Any) -> None:
    approval = ask()

    told = sign_in("office_head", language="ar").get(f"{LIST}{approval}/").content.decode()

    assert "شطب مطالبة" in told
    assert "المُعِدّ" in told
    assert "Write a claim off" not in told


def test_approving_does_it_once_and_tells_so(sign_in: Any, leaves: Leaves) -> None:
    approval, head = ask(), sign_in("office_head")

    first = head.post(f"{LIST}{approval}/approve/")
    said = head.get(LIST).content
    again = head.post(f"{LIST}{approval}/approve/")

    assert first.status_code == 302
    assert again.status_code == 409
    assert done == [user("office_head").id]
    assert queries.by_id(approval).state == "approved"
    assert b"Approved, and done." in said
    assert [leaf["outcome"] for leaf in leaves("approvals.approve")] == ["done", "refused"]


def test_rejecting_needs_a_reason_which_the_maker_reads(sign_in: Any) -> None:
    approval, head = ask(), sign_in("office_head")

    silent = head.post(f"{LIST}{approval}/reject/", {"reason": "  "})
    said = head.post(f"{LIST}{approval}/reject/", {"reason": "No photograph of the pipe"})

    assert silent.status_code == 422
    assert b'aria-invalid="true"' in silent.content
    assert said.status_code == 302
    assert queries.by_id(approval).state == "rejected"
    assert done == []
    told = sign_in("clerk").get(f"{LIST}{approval}/").content.decode()
    assert "No photograph of the pipe" in told


def test_a_maker_is_shown_no_answer_and_a_forged_one_is_denied(
    sign_in: Any, leaves: Leaves
) -> None:
    approval, maker = ask("office_head"), sign_in("office_head")

    page = maker.get(f"{LIST}{approval}/").content.decode()
    forged = maker.post(f"{LIST}{approval}/approve/")

    assert 'id="approve"' not in page
    assert 'id="withdraw"' in page
    assert forged.status_code == 403
    assert "may not approve it" in forged.content.decode()
    assert (queries.by_id(approval).state, done) == ("pending", [])
    assert unsent()
    assert [leaf["outcome"] for leaf in leaves("approvals.approve")] == ["denied"]


@pytest.mark.parametrize("username", ["auditor", "take_on_officer"])
@pytest.mark.parametrize("answer", ["approve", "reject"])
def test_whoever_lacks_the_role_of_the_operation_decides_nothing(
    username: str, answer: str, sign_in: Any, leaves: Leaves
) -> None:
    approval = ask()

    told = sign_in(username).post(f"{LIST}{approval}/{answer}/", {"reason": "because"})

    assert told.status_code == 403
    assert (queries.by_id(approval).state, done) == ("pending", [])
    assert unsent()
    assert [leaf["outcome"] for leaf in leaves(f"approvals.{answer}")] == ["denied"]


def test_a_stranger_to_a_request_does_not_see_it(sign_in: Any, leaves: Leaves) -> None:
    approval = ask("office_head")

    listed = sign_in("clerk").get(LIST)
    told = sign_in("clerk").get(f"{LIST}{approval}/")

    assert b"Write a claim off" not in listed.content
    assert told.status_code == 403
    assert b"Burst pipe" not in told.content
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"]


@pytest.mark.parametrize("username", ["exit_officer", "resident"])
def test_the_list_is_for_those_who_ask_and_decide(username: str, sign_in: Any) -> None:
    ask()

    assert sign_in(username).get(LIST).status_code == 403


def test_what_the_operation_refuses_is_shown_and_goes_on_waiting(sign_in: Any) -> None:
    approval = ask()
    fail.append(AlreadyPaid())

    told = sign_in("revenue_manager").post(f"{LIST}{approval}/approve/")

    assert told.status_code == 422
    assert "The claim is paid already" in told.content.decode()
    assert queries.by_id(approval).state == "pending"
    assert unsent()


def test_the_maker_takes_a_request_back(sign_in: Any) -> None:
    approval = ask()

    other = sign_in("office_head").post(f"{LIST}{approval}/withdraw/")
    own = sign_in("clerk").post(f"{LIST}{approval}/withdraw/")

    assert (other.status_code, own.status_code) == (403, 302)
    assert queries.by_id(approval).state == "withdrawn"


def test_what_lapsed_waits_for_nobody(sign_in: Any) -> None:
    approval = ask(ago=timedelta(days=8))
    head = sign_in("office_head")

    listed = head.get(LIST).content
    told = head.post(f"{LIST}{approval}/approve/")

    assert b"Nothing waits for you" in listed
    assert told.status_code == 409
    assert (Approval.objects.get().state, done) == ("pending", [])


def test_every_operation_of_two_people_is_told_in_words() -> None:
    told = {one.name: one.in_words for one in rules.all_registered()}

    silent = [name for name, words in told.items() if words is rules._as_it_is]
    assert told
    assert not silent, f"give register(..., in_words=...) for {silent}"

"""A bill that is held back: on its list, on the account, and issued by a head who says why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.integration.channels.world import JOB

from tahseel.charging.billing import operations, queries
from tahseel.charging.billing import operations as billing
from tahseel.charging.billing.values import Held
from tahseel.consumption.exceptions import operations as exceptions
from tahseel.consumption.exceptions.values import OrderKind
from tahseel.consumption.readings import storing
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.money import format_money
from tahseel.kernel.period import start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.supply import queries as supply
from tahseel.trust.approvals.models import Approval

LIST = "/desk/bills/held/"
USUAL = {Service.ELECTRICITY: 5_000_000, Service.WATER: 12_500}


@pytest.fixture
def held(world: Any, request: pytest.FixtureRequest) -> Held:
    """The resident's next month: ten times the electricity, or as often as the test says."""
    account_id = world.accounts[world.resident]
    month = queries.bills(account_id)[0].month.next()
    times = getattr(request, "param", 10)
    [account] = supply.billable_accounts(month=month, account_ids=[account_id])
    rows = [
        Determinant(
            account_id=account_id, meter_id=hung.meter_id, month=month, version=1,
            service=hung.service, method=Method.REGISTER, days=month.period.days,
            quantity=USUAL[hung.service] * (times if hung.service is Service.ELECTRICITY else 1),
            from_at=start_of(month.period.start), to_at=start_of(month.period.end),
            from_value=0, to_value=1, estimated_share=Decimal(0),
        )
        for hung in account.meters
    ]  # fmt: skip
    storing.determinants(rows, at=world.now)
    operations.run(
        actor=JOB, at=world.now, month=month, issued_on=world.today, account_ids=[account_id]
    )
    [found] = queries.held_back()
    return found


def address(world: Any) -> str:
    return f"/desk/accounts/{world.number(world.resident)}/acts/release/"


def told(held: Held, reason: str = "a workshop was opened") -> dict[str, str]:
    return {"approval_id": str(uuid4()), "held": str(held.id), "reason": reason}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ("موقوفة قبل الإصدار", "اشتباه في الوحدة أو المعامل", "المبلغ محل الشك")),
        ("en", ("Held before the issue", "Unit or multiplier suspect", "Money in doubt")),
    ],
)
def test_the_list_tells_what_it_would_be_what_was_usual_and_why(
    sign_in: Any, world: Any, held: Held, language: str, words: tuple[str, ...]
) -> None:
    clerk = sign_in("clerk", language=language)

    shown = clerk.get(LIST).content.decode()
    account = clerk.get(f"/desk/accounts/{world.number(world.resident)}/").content.decode()

    assert all(word in shown for word in words)
    assert world.number(world.resident) in shown
    assert all(one.dinars() in shown for one in (held.total, held.stake))
    assert "×10" in shown
    assert "acts/release" not in shown + account
    assert 'id="held"' in account
    assert LIST in clerk.get("/desk/bills/").content.decode()


def test_a_head_has_it_issued_with_a_reason(sign_in: Any, world: Any, held: Held) -> None:
    head = sign_in("office_head")
    leads = head.get(LIST).content.decode()

    asked = head.get(address(world)).content.decode()
    unsaid = head.post(address(world), told(held, reason=""))
    standing = queries.held_back()
    done = head.post(address(world), told(held))

    assert f"{address(world)}?held={held.id}" in leads
    assert held.total.dinars() in asked
    assert (unsaid.status_code, standing) == (422, [held])
    assert (done.status_code, queries.held_back()) == (302, [])
    assert queries.bills(held.account_id)[0].total == held.total


@pytest.mark.parametrize("held", [110], indirect=True)
def test_a_large_one_waits_for_a_manager(sign_in: Any, world: Any, held: Held) -> None:
    head, manager = sign_in("office_head"), sign_in("revenue_manager")

    asked = head.post(address(world), told(held))
    waits = Approval.objects.get()
    own = head.post(f"/approvals/{waits.id}/approve/", {"reason": "seen"})
    listed = head.get(LIST).content.decode()
    shown = manager.get(f"/approvals/{waits.id}/").content.decode()
    still = queries.held_back()
    done = manager.post(f"/approvals/{waits.id}/approve/", {"reason": "seen"})

    assert (asked.status_code, own.status_code, done.status_code) == (302, 403, 302)
    assert f"/approvals/{waits.id}/" in listed
    assert format_money(held.total) in shown
    assert (still, queries.held_back()) == ([held], [])
    assert queries.bills(held.account_id)[0].total == held.total


@pytest.mark.parametrize("who", ["clerk", "auditor", "exit_officer", "resident"])
def test_who_may_not_issue_it_neither_sees_the_way_nor_goes_it(
    sign_in: Any, world: Any, held: Held, who: str
) -> None:
    client = sign_in(who)
    before = queries.bills(held.account_id)

    seen = client.get(LIST)
    answer = client.post(address(world), told(held))

    assert answer.status_code == 403
    assert seen.status_code == (200 if who in ("clerk", "auditor") else 403)
    assert "acts/release" not in seen.content.decode()
    assert (queries.held_back(), queries.bills(held.account_id)) == ([held], before)
    assert Approval.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ("ما رصدته الفحوص", "إرسال فريق", "إعادة النظر فيها", "الفريق في الميدان")),
        ("en", ("What the checks saw", "Send a crew", "Look at it again", "Crew is out")),
    ],
)
def test_a_held_bill_is_sent_to_the_field_and_the_result_comes_back_to_its_page(
    sign_in: Any, world: Any, held: Held, language: str, words: tuple[str, ...]
) -> None:
    page = f"{LIST}{world.number(world.resident)}/{held.id}/"
    head = sign_in("office_head", language=language)
    before = head.get(page).content.decode()
    meter = queries.held_meters(held=held)[0]
    order = {"order_id": str(uuid4()), "meter": str(meter), "kind": "test", "task": "read it again"}

    sent = head.post(f"{page}send/", order)
    unsaid = head.post(f"{page}send/", order | {"order_id": str(uuid4()), "task": ""})
    out = head.get(page).content.decode()
    crew = Actor(ActorKind.STAFF, "inspector-9", "inspector", frozenset({"inspector"}))
    exceptions.report_order(
        actor=crew, at=world.now, order_id=UUID(order["order_id"]), done=True,
        done_on=world.today, result="the workshop is real",
    )  # fmt: skip
    after = head.get(page).content.decode()
    listed = head.get(LIST).content.decode()

    assert words[0] in before
    assert words[2] in before
    assert words[1] not in out.split('id="orders"')[1]
    assert (sent.status_code, unsaid.status_code) == (302, 422)
    assert words[3] in out
    assert "the workshop is real" in after
    assert "read it again" in after
    assert page in listed


def test_the_crew_reports_on_the_page_of_its_order(sign_in: Any, world: Any, held: Held) -> None:
    meter, order_id = queries.held_meters(held=held)[0], uuid4()
    clerk = Actor(ActorKind.STAFF, "clerk-9", "clerk", frozenset({"clerk"}))
    billing.send_to_field(
        actor=clerk, at=world.now, order_id=order_id, account_id=held.account_id,
        held_id=held.id, meter_id=meter, kind=OrderKind.INVESTIGATE, task="look",
    )  # fmt: skip
    head = sign_in("office_head")
    page = f"/orders/{order_id}/"

    shown, listed = head.get(page), head.get("/exceptions/")
    refused = head.post(f"{page}report/", {"report-done": "yes"})
    called_back = head.post(f"{page}withdraw/", {"withdraw-reason": "it was paid"})

    assert "look" in shown.content.decode()
    assert page in listed.content.decode()
    assert (refused.status_code, called_back.status_code) == (403, 302)
    assert "Called back" in head.get(page).content.decode()
    assert head.get(f"/orders/{uuid4()}/").status_code == 404


def test_looking_again_says_what_became_of_it_and_a_clerk_may_not(
    sign_in: Any, world: Any, held: Held
) -> None:
    page = f"{LIST}{world.number(world.resident)}/{held.id}/"

    refused = sign_in("clerk").post(f"{page}again/")
    head = sign_in("office_head")
    looked = head.post(f"{page}again/", follow=True)

    assert refused.status_code == 403
    assert "is still odd" in looked.content.decode()
    assert head.get(f"{LIST}{world.number(world.resident)}/{uuid4()}/").status_code == 404

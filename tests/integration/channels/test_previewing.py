"""A run is tried on a page: what it would do, by name, and nothing is written."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from tahseel.charging.billing import queries
from tahseel.kernel.actor import Actor, ActorKind
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals.models import Approval

PAGE = "/desk/bills/runs/preview/"
TABLES = ("billing_bill", "billing_run", "billing_held", "billing_parked", "ledger_entry")


def counts() -> list[int]:
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"select count(*) from {table}")
            found.append(int(cursor.fetchone()[0]))
    return found


@pytest.mark.parametrize(
    ("language", "words"),
    [("ar", ("جرّب دورة فوترة", "معلّق")), ("en", ("Try a run", "Parked"))],
)
def test_a_month_without_reads_would_park_everybody_by_name_and_writes_nothing(
    sign_in: Any, world: Any, language: str, words: tuple[str, ...]
) -> None:
    month, before = queries.runs()[0].month.next(), counts()

    shown = sign_in("revenue_manager", language=language).get(f"{PAGE}?month={month}")

    text = shown.content.decode()
    assert all(word in text for word in words)
    assert world.number(world.resident) in text
    assert counts() == before


def test_a_list_of_accounts_is_tried_alone(sign_in: Any, world: Any) -> None:
    month, number = queries.runs()[0].month.next(), world.number(world.resident)
    manager = sign_in("revenue_manager", language="en")

    text = manager.get(f"{PAGE}?month={month}&numbers={number}").content.decode()

    assert text.count('data-label="What would become of it"') == 1


@pytest.mark.parametrize("asked", ["month=moon", "month=2026-07&numbers=000"])
def test_what_cannot_be_tried_is_refused_with_words(sign_in: Any, world: Any, asked: str) -> None:
    text = sign_in("revenue_manager", language="en").get(f"{PAGE}?{asked}").content.decode()

    assert "Give a month such as 2026-07." in text or "No account has these numbers: 000" in text
    assert 'id="named"' not in text


def test_more_accounts_than_a_page_waits_for_are_refused(
    sign_in: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tahseel.channels.accounts.previewing.ACCOUNTS_MAX", 0)

    text = sign_in("revenue_manager", language="en").get(f"{PAGE}?month=2026-07").content.decode()

    assert "choose a governorate" in text


def test_a_clerk_and_a_customer_may_not_try_a_run(sign_in: Any, world: Any) -> None:
    assert sign_in("clerk").get(PAGE).status_code == 403
    assert sign_in("resident").get(PAGE).status_code == 403


def ask(client: Any, month: Any, **more: str) -> Any:
    told = {"month": str(month), "approval_id": str(uuid4()), "hour": "-1", "reason": "it is read"}
    return client.post("/desk/bills/runs/ask/", told | more)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ar", ("طلب تشغيل هذه الدورة", "بانتظار البدء", "إلغاء الدورة", "أُلغيت")),
        ("en", ("Ask for this run", "Waits to begin", "Call the run off", "Called off")),
    ],
)
def test_a_run_is_asked_for_on_the_page_agreed_to_and_called_off(
    sign_in: Any, world: Any, language: str, words: tuple[str, ...]
) -> None:
    month = queries.runs()[0].month.next()
    manager = sign_in("revenue_manager", language=language)
    form = manager.get(f"{PAGE}?month={month}").content.decode()

    request = ask(manager, month)
    approval_id = request["Location"].strip("/").split("/")[-1]
    before = queries.ordered_runs()
    deputy = Actor(ActorKind.STAFF, "deputy-1", "deputy", frozenset({"revenue_manager"}))
    approvals.approve(actor=deputy, at=world.now, approval_id=UUID(approval_id))
    address = f"/desk/bills/runs/{approval_id}/"
    waits, listed = manager.get(address), manager.get("/desk/bills/runs/")
    clerk = sign_in("clerk", language=language)
    refused = clerk.post(f"{address}cancel/", {"reason": "no"})
    unsaid = manager.post(f"{address}cancel/", {"reason": ""})
    manager.post(f"{address}cancel/", {"reason": "reads came late"})
    after = manager.get(address)

    assert words[0] in form
    assert (request.status_code, before) == (302, [])
    assert all(word in waits.content.decode() for word in words[1:3])
    assert 'hx-trigger="load delay:2s' in waits.content.decode()
    assert address in listed.content.decode()
    assert (refused.status_code, unsaid.status_code) == (403, 422)
    assert words[3] in after.content.decode()
    assert "reads came late" in after.content.decode()
    assert "hx-get" not in manager.get(f"{address}course/").content.decode()
    assert clerk.get(address).status_code == 200
    assert words[2] not in clerk.get(address).content.decode()


def test_asking_is_for_the_revenue_manager_and_a_refusal_shows_the_form_again(
    sign_in: Any, world: Any
) -> None:
    month, manager = queries.runs()[0].month.next(), sign_in("revenue_manager", language="en")

    others = [ask(sign_in(who), month).status_code for who in ("clerk", "office_head", "auditor")]
    unsaid = ask(manager, month, reason="")
    early = ask(manager, month.next().next().next())

    assert others == [403, 403, 403]
    assert 'id="ask"' not in sign_in("office_head").get(f"{PAGE}?month={month}").content.decode()
    assert (unsaid.status_code, early.status_code) == (422, 422)
    assert 'id="ask"' in unsaid.content.decode()
    assert "is not over" in early.content.decode()
    assert Approval.objects.count() == 0
    assert manager.get(f"/desk/bills/runs/{uuid4()}/").status_code == 404

"""The exit officer's screen and the counter's search: who may, what is shown, what is recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.world import CIVIL_ID, NEIGHBOUR_CIVIL_ID, STAFF

from tahseel.books.claims import queries as claims
from tahseel.books.payments import operations as payments
from tahseel.books.payments.values import Received
from tahseel.channels.desk import border
from tahseel.channels.desk.views import WATCH_COOKIE
from tahseel.kernel.errors import Fault
from tahseel.kernel.ids import new_id
from tahseel.recovery.clearance import queries as clearance
from tahseel.recovery.clearance.models import Release

Leaves = Callable[..., list[dict[str, Any]]]
BORDER, WATCH, FIND = "/border/", "/border/watch/", "/desk/"


def check(client: Any, civil_id: str = CIVIL_ID, gate: str = "exit") -> Any:
    """The form posted, and the page to which it leads."""
    sent = client.post(BORDER, {"civil_id": civil_id, "gate": gate})
    assert (sent.status_code, sent.headers["Location"]) == (302, BORDER)
    return client.get(BORDER)


def token(page: Any) -> str:
    found = re.search(r'name="watch" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def settle(world: Any) -> None:
    """The resident pays everything at a counter."""
    from tahseel.app import clock

    account_id = world.accounts[world.resident]
    for claim in claims.open_claims(account_id):
        at = clock.now()
        received = Received(
            id=new_id(at), account_id=account_id, customer_id=world.resident, amount=claim.amount,
            tender="cash", received_at=at, business_date=world.today,
        )  # fmt: skip
        payments.record_received(actor=border_clerk(), at=at, received=received)


def border_clerk() -> Any:
    from tests.integration.channels.world import CLERK

    return CLERK


@pytest.mark.usefixtures("projector")
def test_the_officer_sees_held_with_amount_and_reason_and_no_name(
    sign_in: Any, leaves: Leaves
) -> None:
    page = check(sign_in("exit_officer"))
    text = page.content.decode()

    assert 'data-answer="held"' in text
    assert "58.138" in text
    assert "2 electricity and water bills are overdue" in text
    assert "Link between the electricity and water ministry" in text
    assert re.search(r"/pay/H-\d{4}-[0-9A-Z]+/", text)
    assert "Kumar" not in text
    assert CIVIL_ID not in text
    reads = [leaf for leaf in leaves() if leaf["purpose"] == "clearance_check"]
    assert any(leaf["subject"] == f"{'•' * 8}0015" for leaf in reads)
    assert CIVIL_ID not in str(leaves())


@pytest.mark.usefixtures("projector")
@pytest.mark.parametrize(("civil_id", "gate"), [(NEIGHBOUR_CIVIL_ID, "exit")])
def test_who_owes_nothing_is_clear(sign_in: Any, civil_id: str, gate: str) -> None:
    page = check(sign_in("exit_officer"), civil_id, gate)

    assert b'data-answer="clear"' in page.content
    assert b"hx-post" not in page.content


@pytest.mark.usefixtures("projector")
@pytest.mark.parametrize("typed", ["285010100016", "28501010001", "abc", ""])
def test_a_wrong_number_is_told_and_not_asked(sign_in: Any, typed: str, leaves: Leaves) -> None:
    page = sign_in("exit_officer").post(BORDER, {"civil_id": typed, "gate": "exit"})

    assert page.status_code == 200
    assert b'aria-invalid="true"' in page.content
    assert WATCH_COOKIE not in page.cookies
    assert not [leaf for leaf in leaves() if leaf["purpose"] == "clearance_check"
                and leaf["actor"]["kind"] == "staff"]  # fmt: skip


def test_the_watch_answers_clear_with_the_measured_course(
    world: Any, sign_in: Any, projector: Any
) -> None:
    officer = sign_in("exit_officer")
    page = check(officer)
    settle(world)
    projector.drain()

    told = officer.post(WATCH, {"watch": token(page)}, headers={"HX-Request": "true"})
    text = told.content.decode()

    assert told.headers["HX-Retarget"] == "#answer"
    assert 'data-answer="clear"' in text
    assert re.search(r'data-clear-ms="\d+"', text)
    assert text.count('data-state="done"') == 5  # a counter captures nothing
    row = Release.objects.filter(customer_id=world.resident).first()
    assert row is not None
    assert row.answered_at is not None
    assert row.applied_at <= row.answered_at

    again = officer.get(BORDER).content.decode()
    assert 'data-answer="clear"' in again
    assert "data-clear-ms" in again


@pytest.mark.usefixtures("projector")
def test_an_unchanged_answer_replaces_only_the_watcher(
    sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(border, "WATCH_SECONDS_MAX", 0.03)
    officer = sign_in("exit_officer")

    told = officer.post(WATCH, {"watch": token(check(officer))})

    assert "HX-Retarget" not in told.headers
    assert b'id="watcher"' in told.content
    assert b"data-answer" not in told.content


@pytest.mark.usefixtures("projector")
def test_when_all_places_are_taken_the_page_asks_later(
    sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = sign_in("exit_officer")
    page = check(officer)
    taken = [border._watchers.acquire(blocking=False) for _ in range(border.WATCHERS_MAX)]
    try:
        told = officer.post(WATCH, {"watch": token(page)})
    finally:
        for one in taken:
            if one:
                border._watchers.release()

    assert all(taken)
    assert b"load delay:2s" in told.content


def test_a_silent_gateway_is_said_to_be_silent(
    sign_in: Any, projector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = sign_in("exit_officer")
    page = check(officer)

    def silent(**_: Any) -> None:
        raise Fault("the clearance gateway does not answer", retry=True)

    monkeypatch.setattr(clearance.client, "check", silent)
    whole, part = officer.get(BORDER), officer.post(WATCH, {"watch": token(page)})

    assert whole.status_code == 503
    for told in (whole, part):
        assert b"does not answer" in told.content
        assert b"data-answer" not in told.content
        assert b"load delay:2s" in told.content


@pytest.mark.usefixtures("projector")
def test_a_watch_of_another_officer_or_an_old_one_ends(sign_in: Any, world: Any) -> None:
    from tahseel.kernel.actor import Actor, ActorKind

    other = Actor(ActorKind.STAFF, "somebody-else", "else", frozenset({"exit_officer"}))
    officer = sign_in("exit_officer")
    mine = token(check(officer))

    with pytest.raises(border.WatchEnded):
        border.look(actor=other, at=world.now, token=mine)
    with pytest.raises(border.WatchEnded):
        border.look(actor=other, at=world.now + timedelta(hours=1), token=mine)
    told = officer.post(WATCH, {"watch": "bm90IG91cnM="})

    assert b"no longer watched" in told.content
    officer.cookies[WATCH_COOKIE] = "broken"
    assert officer.get(BORDER).status_code == 200


@pytest.mark.parametrize("role", [r for r in STAFF if r != "exit_officer"] + ["resident"])
@pytest.mark.parametrize("path", [BORDER, WATCH])
def test_the_border_is_closed_to_every_other_role(
    sign_in: Any, leaves: Leaves, monkeypatch: pytest.MonkeyPatch, role: str, path: str
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(clearance.client, "check", lambda **facts: asked.append(facts))
    held = clearance.count_open()

    told = sign_in(role).post(path, {"civil_id": CIVIL_ID, "gate": "exit"})

    assert told.status_code == 403
    assert WATCH_COOKIE not in told.cookies
    assert asked == []
    assert clearance.count_open() == held
    denied = leaves("access.open_page")
    assert [leaf["outcome"] for leaf in denied] == ["denied"]
    assert CIVIL_ID not in str(denied)


@pytest.mark.parametrize("path", [BORDER, FIND, "/accounts/"])
def test_without_a_sign_in_every_closed_page_leads_to_the_door(sign_in: Any, path: str) -> None:
    told = sign_in().get(path)

    assert told.status_code == 302
    assert told.headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("text", ["كومار", "kumar", CIVIL_ID])
@pytest.mark.parametrize("role", ["clerk", "auditor"])
def test_the_counter_finds_a_customer_and_the_search_is_recorded(
    world: Any, sign_in: Any, leaves: Leaves, role: str, text: str
) -> None:
    page = sign_in(role).post(FIND, {"text": text})

    assert f"/accounts/{world.number(world.resident)}/" in page.content.decode()
    assert CIVIL_ID.encode() not in page.content.replace(b'value="285010100015"', b"")
    purpose = "audit" if role == "auditor" else "customer_service"
    reads = [leaf for leaf in leaves() if leaf["purpose"] == purpose]
    assert reads
    assert CIVIL_ID not in str(reads)


@pytest.mark.parametrize("role", ["exit_officer", "security_officer", "resident"])
def test_the_search_is_closed_to_others(sign_in: Any, leaves: Leaves, role: str) -> None:
    page = sign_in(role).post(FIND, {"text": "كومار"})

    assert page.status_code == 403
    assert "كومار" not in page.content.decode()
    assert [leaf["outcome"] for leaf in leaves("access.open_page")] == ["denied"]

"""The counter's pages of what the registries of the State told and what waits for a head."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.world import CIVIL_ID

from tahseel.app import clock
from tahseel.kernel.actor import system
from tahseel.kernel.ids import new_id
from tahseel.registry.customers import queries as customers
from tahseel.registry.feeds import operations
from tahseel.registry.feeds.models import Batch, FeedRecord
from tahseel.registry.feeds.values import BATCH_SEAL, FACTS_SEAL, Standing
from tahseel.trust.audit import sequencer

JOB = system("registry-feeds")


@pytest.fixture
def record(world: Any) -> Any:
    """The resident's death was told and applied, then withdrawn; the withdrawal waits."""
    stored(world, version=1, state="issued")
    return stored(world, version=2, state="withdrawn")


def stored(world: Any, *, version: int, state: str) -> Any:
    """A version as a page brings it, looked at once."""
    import json

    from tahseel.kernel import secrets
    from tahseel.registry.customers.values import CIVIL_ID_INDEX

    died_on = (world.today - timedelta(days=5)).isoformat()
    facts = {"civil_id": CIVIL_ID, "died_on": died_on, "certificate": "C-7"}
    body, at = json.dumps({"facts": facts}).encode(), world.now
    batch = Batch.objects.create(
        id=new_id(at), registry="paci", after=str(version), following=str(version),
        sha256=hashlib.sha256(body + bytes([version])).digest(),
        body_cipher=secrets.seal(body, context=BATCH_SEAL), records=1, fresh=1, received_at=at,
    )  # fmt: skip
    row = FeedRecord.objects.create(
        id=new_id(at), batch_id=batch.id, registry="paci", number="DTH-1", version=version,
        kind="death", state=state, published_on=world.today - timedelta(days=1),
        facts_cipher=secrets.seal(body, context=FACTS_SEAL),
        sha256=hashlib.sha256(body).digest(), place=None, received_at=at,
        person_index=secrets.blind_index(CIVIL_ID, purpose=CIVIL_ID_INDEX),
        standing=str(Standing.RECEIVED), reason="", detail="", attempts=0, decided_by="",
    )  # fmt: skip
    operations.apply_record(actor=JOB, at=at, record_id=row.id)
    return row


def page_of(record: Any) -> str:
    return f"/desk/records/{record.id}/"


def is_dead(world: Any) -> bool:
    return bool(customers.deaths(customer_ids=[world.resident]))


def test_what_waits_is_listed_without_a_name_and_shown_with_its_person(
    world: Any, sign_in: Any, record: Any
) -> None:
    clerk, arabic = sign_in("clerk"), sign_in("auditor", language="ar")

    listed = clerk.get("/desk/records/").content.decode()
    shown = clerk.get(page_of(record)).content.decode()
    in_arabic = arabic.get(page_of(record)).content.decode()

    assert page_of(record) in listed
    assert "The registry took it back after it was applied here" in listed
    assert "Saleem" not in listed
    assert "Saleem Kumar" in shown
    assert "سحبته الجهة بعد تطبيقه هنا" in in_arabic
    assert CIVIL_ID not in listed + shown + in_arabic
    assert 'value="take_back"' not in shown + in_arabic


def test_a_head_takes_the_death_back_on_the_page_and_the_story_tells_it(
    world: Any, sign_in: Any, record: Any
) -> None:
    head = sign_in("office_head")
    offered = 'value="take_back"' in head.get(page_of(record)).content.decode()

    done = head.post(page_of(record), {"answer": "take_back", "reason": "stood at the counter"})
    sequencer.sequence_pending(at=clock.now())
    story = head.get(f"/timeline/customer/{world.resident}/").content.decode()
    again = head.post(page_of(record), {"answer": "take_back", "reason": "twice"})

    assert offered
    assert done.headers["Location"] == f"/desk/customers/{world.resident}/"
    assert not is_dead(world)
    assert "Take a withdrawn death back" in story
    assert again.status_code == 409


def test_a_head_dismisses_the_withdrawal_and_the_death_stands(
    world: Any, sign_in: Any, record: Any
) -> None:
    head = sign_in("office_head")

    empty = head.post(page_of(record), {"answer": "dismiss", "reason": " "})
    done = head.post(page_of(record), {"answer": "dismiss", "reason": "the certificate is here"})
    listed = head.get("/desk/records/").content.decode()

    assert empty.status_code == 422
    assert done.headers["Location"] == "/desk/records/"
    assert is_dead(world)
    assert page_of(record) not in listed


@pytest.mark.parametrize("role", ["clerk", "auditor"])
def test_nobody_but_a_head_decides(
    world: Any, sign_in: Any, record: Any, leaves: Any, role: str
) -> None:
    tried = sign_in(role).post(page_of(record), {"answer": "take_back", "reason": "why not"})

    assert tried.status_code == 403
    assert is_dead(world)
    assert FeedRecord.objects.get(pk=record.id).standing == "parked"
    assert leaves()[-1]["outcome"] == "denied"

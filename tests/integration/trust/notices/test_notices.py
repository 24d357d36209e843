"""What was told, what became of it, and since when the law takes it for told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from tahseel.countries.kuwait import country
from tahseel.kernel import outbox
from tahseel.kernel.actor import Actor, ActorKind, Purpose, system
from tahseel.kernel.errors import Fault, NotFound, Refusal
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.kernel.states import WrongState
from tahseel.trust.audit import queries as audit
from tahseel.trust.notices import operations, queries, rules, values
from tahseel.trust.notices.models import Delivery, Notice
from tahseel.trust.notices.values import NewDelivery, NewNotice

pytestmark = pytest.mark.usefixtures("database", "_channels")
AT = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
JOB = system("collections")
CLERK = Actor(ActorKind.STAFF, "u1", "x", frozenset({"clerk"}))
PERSON = UUID("019bcafe-0000-7000-8000-00000000c001")
PROOF = {"message_id": "S-1"}


@pytest.fixture
def _channels() -> None:
    values.install_channels(rules.load_channels(country.data("channels")))


def notice(channel: str = "sahel", **change: Any) -> NewNotice:
    wanted: dict[str, Any] = {
        "id": new_id(AT),
        "kind": "arrears",
        "channel": channel,
        "recipient_customer_id": PERSON,
        "subject": "claim:1",
        "body_ar": "عليكم ١٥٫٧٥٠ د.ك",
        "body_en": "You owe KD 15.750",
        "address": "+96599887766",
        "reference": "N-1",
    }
    return NewNotice(**{**wanted, **change})


def issue(channel: str = "sahel", **change: Any) -> UUID:
    new = notice(channel, **change)
    operations.issue_many(actor=JOB, at=AT, notices=[new])
    return new.id


def deliver(notice_id: UUID, status: str, proof: dict[str, Any] | None = None, **more: Any) -> Any:
    return operations.record_delivery(
        actor=JOB, at=LATER, notice_id=notice_id, status=status, proof=proof or {}, **more
    )


def served_events() -> list[outbox.Event]:
    outbox.sequence_pending(at=LATER)
    return [e for e in outbox.events_after(0) if e.name == "notices:notice:served"]


def leaves(action: str) -> list[dict[str, Any]]:
    return audit.leaves_between(since=AT, until=AT + timedelta(days=1), action=action)


def test_one_notice_is_issued_and_told_to_the_log_without_its_address() -> None:
    new = notice()

    issued = operations.issue(
        actor=JOB,
        at=AT,
        id=new.id,
        kind=new.kind,
        channel=new.channel,
        recipient_customer_id=new.recipient_customer_id,
        subject=new.subject,
        body_ar=new.body_ar,
        body_en=new.body_en,
        address=new.address,
        reference=new.reference,
    )

    assert (issued.id, issued.issued_at, issued.reference) == (new.id, AT, "N-1")
    (leaf,) = leaves("notices.issue")
    assert leaf["subject"] == str(new.id)
    assert "99887766" not in str(leaf)
    assert b"99887766" not in bytes(issued.address_cipher)
    assert "99887766" not in repr(new)


def test_an_address_is_opened_only_with_a_purpose_and_a_leaf() -> None:
    notice_id = issue()

    address = queries.address_of(
        actor=CLERK, at=LATER, purpose=Purpose.COLLECTION, notice_id=notice_id
    )

    assert address == "+96599887766"
    (leaf,) = leaves("read")
    assert (leaf["purpose"], leaf["subject"]) == ("collection", str(PERSON))


def test_the_same_id_stands_for_the_same_words_only() -> None:
    new = notice()
    changed = notice(id=new.id, body_en="You owe nothing")

    assert operations.issue_many(actor=JOB, at=AT, notices=[new]) == 1
    assert operations.issue_many(actor=JOB, at=LATER, notices=[new, notice()]) == 1
    for batch in ([changed], [notice(), changed], [changed, changed]):
        with pytest.raises(InputDiffers):
            operations.issue_many(actor=JOB, at=LATER, notices=batch)

    assert Notice.objects.count() == 2


def test_thousands_are_issued_and_delivered_in_one_go() -> None:
    batch = [notice(reference=f"N-{n}") for n in range(3_000)]
    reports = [
        NewDelivery(new_id(LATER), new.id, "delivered", {"message_id": new.reference}, LATER)
        for new in batch
    ]

    assert operations.issue_many(actor=JOB, at=AT, notices=batch) == 3_000
    assert operations.record_deliveries(actor=JOB, at=LATER, deliveries=reports) == 3_000
    assert operations.record_deliveries(actor=JOB, at=LATER, deliveries=reports) == 0

    assert len(queries.services_of([new.id for new in batch])) == 3_000
    assert len(served_events()) == 3_000


def test_service_is_proved_by_a_statutory_channel_on_the_local_day() -> None:
    notice_id = issue()
    deliver(notice_id, "sent")
    assert queries.service_of(notice_id) is None

    delivery = deliver(notice_id, "delivered", PROOF)

    service = queries.service_of(notice_id)
    assert service is not None
    assert service.served_on == date(2026, 11, 23), "half past nine UTC is after midnight in Kuwait"
    assert service.delivery_id == delivery.id
    assert "75/2025" in service.basis
    (event,) = served_events()
    assert event.subject == str(notice_id)
    assert event.facts["served_on"] == "2026-11-23"
    assert event.facts["about"] == "claim:1"


def test_a_later_proof_neither_moves_service_nor_announces_it_again() -> None:
    notice_id = issue()
    first = deliver(notice_id, "delivered", PROOF)
    deliver(notice_id, "opened", PROOF)

    service = queries.service_of(notice_id)

    assert service is not None
    assert service.delivery_id == first.id
    assert len(served_events()) == 1


def test_a_courtesy_message_never_proves_service() -> None:
    notice_id = issue("sms")

    deliver(notice_id, "delivered", {"message_id": "1", "report_number": "2", "received_by": "x"})

    assert queries.service_of(notice_id) is None
    assert served_events() == []


@pytest.mark.parametrize(
    ("channel", "proof", "missing"),
    [
        ("sahel", {}, "message_id"),
        ("sahel", {"message_id": "  "}, "message_id"),
        ("registered_letter", {"receipt_number": "R1"}, "received_by"),
        ("process_server", {}, "received_by, report_number"),
        ("counter", {"office": "T4"}, "signed_by"),
    ],
)
def test_service_without_whole_evidence_is_refused_unchanged_unsent_and_audited(
    channel: str, proof: dict[str, Any], missing: str
) -> None:
    notice_id = issue(channel)

    with pytest.raises(operations.ProofMissing) as refused:
        deliver(notice_id, "delivered", proof)

    assert refused.value.facts["missing"] == missing
    assert Delivery.objects.count() == 0
    assert served_events() == []
    assert [leaf["outcome"] for leaf in leaves("notices.record_deliveries")] == ["refused"]


def test_a_notice_goes_its_way_in_order() -> None:
    notice_id = issue()
    deliver(notice_id, "failed", {"error": "ERR003"})
    deliver(notice_id, "sent")
    deliver(notice_id, "delivered", PROOF)

    for status in ("sent", "failed", "delivered"):
        with pytest.raises(WrongState):
            deliver(notice_id, status, PROOF)

    steps = [(row.step, row.status) for row in queries.deliveries_of(notice_id)]
    assert steps == [(1, "failed"), (2, "sent"), (3, "delivered")]


def test_a_batch_with_one_bad_report_stores_none() -> None:
    one, other = issue(), issue(reference="N-2")
    reports = [
        NewDelivery(new_id(AT), one, "delivered", PROOF, LATER),
        NewDelivery(new_id(AT), other, "opened", PROOF, LATER),
    ]

    with pytest.raises(WrongState):
        operations.record_deliveries(actor=JOB, at=LATER, deliveries=reports)

    assert Delivery.objects.count() == 0


def test_a_report_that_comes_twice_is_stored_once() -> None:
    notice_id, report_id = issue(), new_id(AT)

    deliver(notice_id, "delivered", PROOF, id=report_id)
    deliver(notice_id, "delivered", PROOF, id=report_id)
    with pytest.raises(InputDiffers):
        deliver(notice_id, "delivered", {"message_id": "other"}, id=report_id)

    assert Delivery.objects.count() == 1
    assert len(served_events()) == 1


def test_reports_that_race_leave_one_way_and_one_service() -> None:
    notice_id = issue()

    def report(number: int) -> str:
        try:
            deliver(notice_id, "delivered", {"message_id": str(number)})
        except (Fault, WrongState):
            return "lost"
        else:
            return "won"
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(report, range(4)))

    assert sorted(outcomes) == ["lost", "lost", "lost", "won"]
    assert len(served_events()) == 1


@pytest.mark.parametrize("moment", [AT - timedelta(seconds=1), LATER + timedelta(seconds=1)])
def test_a_delivery_is_after_the_issue_and_not_in_the_future(moment: datetime) -> None:
    notice_id = issue()

    with pytest.raises(operations.WrongMoment):
        deliver(notice_id, "delivered", PROOF, occurred_at=moment)

    assert queries.service_of(notice_id) is None


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (lambda: issue("pigeon"), operations.UnknownChannel),
        (lambda: deliver(new_id(AT), "sent"), NotFound),
    ],
)
def test_what_is_unknown_is_refused(act: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        act()

    assert Notice.objects.count() == 0


def test_evidence_has_no_inexact_numbers() -> None:
    notice_id = issue()

    with pytest.raises(TypeError):
        deliver(notice_id, "delivered", {"message_id": "1", "signal": 0.5})

    assert Delivery.objects.count() == 0


def test_notices_are_found_by_person_and_by_subject() -> None:
    mine = issue()
    issue(recipient_customer_id=new_id(AT), subject="claim:2")

    told = queries.notices_to(
        actor=CLERK, at=LATER, purpose=Purpose.CUSTOMER_SERVICE, customer_id=PERSON
    )

    assert [row.id for row in told] == [mine]
    assert [row.id for row in queries.notices_about("claim:1")] == [mine]
    assert leaves("read")[0]["subject"] == str(PERSON)


@pytest.mark.parametrize("table", ["notices_notice", "notices_delivery"])
@pytest.mark.parametrize("change", ["delete from {}", "update {} set id = id", "truncate {}"])
def test_the_application_changes_no_notice_and_no_delivery(
    table: str, change: str, database: Any
) -> None:
    deliver(issue(), "delivered", PROOF)

    with database.as_app() as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(change.format(table))

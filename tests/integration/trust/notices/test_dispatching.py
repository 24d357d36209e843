"""Messages are handed to their carrier at most once, whoever dies in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tahseel.countries.kuwait import country
from tahseel.kernel import outbox
from tahseel.kernel.actor import system
from tahseel.kernel.errors import Fault, NotFound
from tahseel.kernel.idempotency import InputDiffers
from tahseel.kernel.ids import new_id
from tahseel.kernel.states import WrongState
from tahseel.kernel.transport import NotReached
from tahseel.trust.audit import queries as audit
from tahseel.trust.audit import sequencer
from tahseel.trust.notices import carriers, messenger, operations, queries, rules, values
from tahseel.trust.notices.carriers import Declined
from tahseel.trust.notices.models import Dispatch, Notice
from tahseel.trust.notices.values import HIDDEN, DispatchState, Message, NewNotice

pytestmark = pytest.mark.usefixtures("database", "_channels")
AT = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
JOB = system("test")
PERSON = UUID("019bcafe-0000-7000-8000-00000000c001")


class Phone:
    """A carrier that does what it is told, and remembers what it got."""

    def __init__(self) -> None:
        self.got: list[Message] = []
        self.before: Callable[[], None] = lambda: None

    def hand_over(self, message: Message) -> Mapping[str, str | int]:
        self.got.append(message)
        self.before()
        return {"message_id": f"M{len(self.got)}"}

    def fails_with(self, fault: BaseException) -> None:
        def fail() -> None:
            raise fault

        self.before = fail


@pytest.fixture
def _channels() -> None:
    values.install_channels(rules.load_channels(country.data("channels")))


@pytest.fixture
def phone() -> Iterator[Phone]:
    made = Phone()
    carriers.install({"sms": made})
    yield made
    carriers.install({})


def issue(channel: str = "sms", address: str = "96599887766", language: str = "ar") -> UUID:
    new = NewNotice(
        id=new_id(AT),
        kind="release",
        channel=channel,
        recipient_customer_id=PERSON,
        subject="hold:1",
        body_ar="رُفع الإيقاف",
        body_en="Hold lifted",
        address=address,
        reference="N-1",
        language=language,
    )
    operations.issue_many(actor=JOB, at=AT, notices=[new])
    return new.id


def steps(notice_id: UUID) -> list[tuple[str, object]]:
    return [(d.status, d.proof) for d in queries.deliveries_of(notice_id)]


def test_a_text_message_is_handed_over_once_in_the_persons_language(phone: Phone) -> None:
    arabic, english = issue(), issue(language="en")

    assert messenger.hand_over_waiting(at=AT) == 2
    assert messenger.hand_over_waiting(at=AT + timedelta(hours=1)) == 0

    assert {m.notice_id: m.text for m in phone.got} == {
        arabic: "رُفع الإيقاف",
        english: "Hold lifted",
    }
    assert [m.address for m in phone.got] == ["96599887766"] * 2
    assert steps(phone.got[0].notice_id) == [("sent", {"message_id": "M1"})]
    assert queries.dispatch_state(arabic) == DispatchState.HANDED


@pytest.mark.parametrize(("channel", "address"), [("registered_letter", "Hawalli"), ("sms", "")])
def test_what_no_machine_carries_waits_for_nobody(phone: Phone, channel: str, address: str) -> None:
    notice_id = issue(channel, address)

    assert messenger.hand_over_waiting(at=AT) == 0
    assert phone.got == []
    assert queries.dispatch_state(notice_id) is None


def test_a_carrier_that_is_away_is_asked_again_later_and_later_and_then_given_up(
    phone: Phone,
) -> None:
    notice_id, at, tried = issue(), AT, 0
    phone.fails_with(NotReached("no way", retry=True))

    for _ in range(200):
        tried += messenger.hand_over_waiting(at=at)
        at += timedelta(minutes=10)

    assert tried == rules.TRIES_MAX
    assert queries.dispatch_state(notice_id) == DispatchState.GIVEN_UP
    assert steps(notice_id) == [("failed", {"reason": "no way", "certain": True})]


def test_a_message_that_failed_at_first_arrives_when_the_carrier_is_back(phone: Phone) -> None:
    notice_id = issue()
    phone.fails_with(Declined("busy", retry=True))
    messenger.hand_over_waiting(at=AT)
    phone.before = lambda: None

    assert messenger.hand_over_waiting(at=AT + timedelta(seconds=1)) == 0
    assert messenger.hand_over_waiting(at=AT + timedelta(seconds=6)) == 1

    assert steps(notice_id) == [("sent", {"message_id": "M2"})]


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Declined("wrong number", retry=False), DispatchState.GIVEN_UP),
        (Fault("answer lost", retry=True), DispatchState.DOUBTFUL),
    ],
)
def test_a_refused_or_doubtful_message_is_never_sent_again(
    phone: Phone, fault: Fault, state: DispatchState
) -> None:
    notice_id = issue()
    phone.fails_with(fault)
    messenger.hand_over_waiting(at=AT)
    phone.before = lambda: None

    assert messenger.hand_over_waiting(at=AT + timedelta(hours=2)) == 0

    assert len(phone.got) == 1
    assert queries.dispatch_state(notice_id) == state
    assert [status for status, _ in steps(notice_id)] == ["failed"]


def test_a_process_that_dies_while_handing_over_leaves_a_doubt_and_no_second_message(
    phone: Phone,
) -> None:
    notice_id = issue()
    phone.fails_with(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        messenger.hand_over_waiting(at=AT)
    phone.before = lambda: None

    assert messenger.hand_over_waiting(at=AT + timedelta(seconds=30)) == 0
    assert queries.dispatch_state(notice_id) == DispatchState.HANDING
    messenger.hand_over_waiting(at=AT + timedelta(minutes=3))

    assert len(phone.got) == 1
    assert queries.dispatch_state(notice_id) == DispatchState.DOUBTFUL
    assert steps(notice_id)[0][0] == "failed"


def test_a_message_of_yesterday_is_not_sent(phone: Phone) -> None:
    notice_id = issue()

    messenger.hand_over_waiting(at=AT + timedelta(hours=25))

    assert phone.got == []
    assert queries.dispatch_state(notice_id) == DispatchState.GIVEN_UP


def test_a_message_is_claimed_by_one_only(phone: Phone) -> None:
    notice_id = issue()

    first = operations.claim(actor=JOB, at=AT, notice_id=notice_id)
    second = operations.claim(actor=JOB, at=AT, notice_id=notice_id)

    assert first is not None
    assert second is None


def secret_notice(**facts: str) -> NewNotice:
    given = {
        "kind": "code", "channel": "sms", "subject": "contact:1", "reference": "C-1",
        "body_ar": f"الرمز {HIDDEN}", "body_en": f"Code {HIDDEN}", "address": "96599887766",
        "secret": "413208", "language": "en",
    }  # fmt: skip
    return NewNotice(id=new_id(AT), recipient_customer_id=PERSON, **{**given, **facts})


def test_a_secret_is_carried_and_stands_nowhere_in_the_house(phone: Phone) -> None:
    notice = secret_notice()
    operations.issue_many(actor=JOB, at=AT, notices=[notice])
    waiting = bytes(Dispatch.objects.get().secret_cipher or b"")

    messenger.hand_over_waiting(at=AT)

    assert [message.text for message in phone.got] == ["Code 413208"]
    assert waiting
    assert b"413208" not in waiting
    assert Dispatch.objects.get().secret_cipher is None
    assert Notice.objects.get().body_en == f"Code {HIDDEN}"
    assert "413208" not in repr(notice)


def test_a_secret_waits_sealed_while_the_carrier_is_away_and_ends_with_the_message(
    phone: Phone,
) -> None:
    operations.issue_many(actor=JOB, at=AT, notices=[secret_notice()])
    phone.fails_with(Declined("away", retry=True))

    messenger.hand_over_waiting(at=AT)
    still = Dispatch.objects.get().secret_cipher
    messenger.hand_over_waiting(at=AT + timedelta(days=2))

    assert still is not None
    assert Dispatch.objects.get().state == "given_up"
    assert Dispatch.objects.get().secret_cipher is None


def test_one_id_stands_for_one_secret(phone: Phone) -> None:
    notice = secret_notice()
    operations.issue_many(actor=JOB, at=AT, notices=[notice])

    with pytest.raises(InputDiffers):
        operations.issue_many(actor=JOB, at=AT, notices=[replace(notice, secret="999999")])
    again = operations.issue_many(actor=JOB, at=AT, notices=[notice])

    assert again == 0


@pytest.mark.parametrize(
    "wrong",
    [{"channel": "email"}, {"address": ""}, {"body_en": "Code 413208"}, {"body_ar": "الرمز"}],
)
def test_a_secret_that_would_be_shown_or_never_carried_is_a_fault_of_ours(
    wrong: dict[str, str],
) -> None:
    with pytest.raises(ValueError, match="secret"):
        operations.issue_many(actor=JOB, at=AT, notices=[secret_notice(**wrong)])

    assert not Notice.objects.exists()


def test_an_outcome_without_a_claim_is_refused_and_changes_nothing() -> None:
    notice_id = issue()

    with pytest.raises(WrongState):
        operations.record_handed(actor=JOB, at=AT, notice_id=notice_id, proof={"message_id": "1"})
    with pytest.raises(NotFound):
        operations.record_handed(actor=JOB, at=AT, notice_id=PERSON, proof={"message_id": "1"})

    assert Dispatch.objects.get().state == "waiting"
    assert steps(notice_id) == []


def test_opening_an_address_for_sending_leaves_a_leaf_without_the_number(phone: Phone) -> None:
    notice_id = issue()
    messenger.hand_over_waiting(at=AT)
    outbox.sequence_pending(at=AT)
    sequencer.sequence_all(at=AT)

    leaves = audit.entries_about(subjects=[notice_id])

    assert "notices.claim" in [leaf.action for leaf in leaves]
    assert "99887766" not in str([leaf.facts for leaf in leaves])

"""Whoever was freed is told so at once, in his language, on his own phone, and once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from simulators.sms.firm import FaultPlan, Firm
from simulators.sms.server import Server
from tests.integration.recovery.story import HOLD_DAY, JOB, OTHER, RESIDENT, Debtor, instant

from tahseel.countries.kuwait import country
from tahseel.kernel import daybook
from tahseel.recovery.clearance import jobs, telling
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind
from tahseel.trust.notices import carriers, messenger
from tahseel.trust.notices.kwtsms import KwtSms, Subscription
from tahseel.trust.notices.models import Notice

MOBILE = "96599887766"


@pytest.fixture(autouse=True)
def _message() -> None:
    telling.install(telling.load(country.data("messages")))


@contextmanager
def phone() -> Iterator[Firm]:
    """The firm that carries text messages, behind a real socket."""
    made = Firm("tahseel", "secret", 100, FaultPlan({}, 1))
    server = Server(("127.0.0.1", 0), made, quiet=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/API/send/"
    carriers.install({"sms": KwtSms(Subscription(url, "tahseel", "secret", "MEW"), frozenset())})
    try:
        yield made
    finally:
        carriers.install({})
        server.shutdown()
        thread.join()
        server.server_close()


def held(town: Any, link: Any, *, mobile: str | None = MOBILE, language: str = "ar") -> Debtor:
    """A resident with a phone, held at every gate."""
    debtor: Debtor = town.debtor(
        RESIDENT, CustomerKind.RESIDENT, 12_500, mobile=mobile, language=language
    )
    town.notify()
    daybook.do(job=jobs.HOLD, day=HOLD_DAY, at=town.clock())
    settle(town, link)
    assert link.at(debtor)
    return debtor


def settle(town: Any, link: Any) -> None:
    """Everything that waits: decisions, then messages, then their carrier."""
    link.projector.drain()
    while telling.step(at=town.clock()):
        pass
    messenger.hand_over_waiting(at=town.clock())


def texts(firm: Firm) -> list[tuple[str, str]]:
    return [(text["mobile"], text["message"]) for text in firm.texts()]


def test_a_traveller_who_paid_reads_on_his_phone_that_he_is_free(town: Any, link: Any) -> None:
    with phone() as firm:
        debtor = held(town, link)
        assert texts(firm) == []

        town.pay(debtor, 12_500)
        settle(town, link)
        settle(town, link)

        assert link.at(debtor) is None
        [(mobile, text)] = texts(firm)

    assert mobile == MOBILE
    assert "رُفع الإيقاف عن جميع معاملاتكم" in text
    assert "12" not in text.split("المرجع")[0]


def test_the_message_is_in_the_persons_language(town: Any, link: Any) -> None:
    with phone() as firm:
        debtor = held(town, link, language="en")
        town.pay(debtor, 12_500)
        settle(town, link)

        [(_, text)] = texts(firm)

    assert text.startswith("Electricity and Water: all holds on your transactions are lifted")


def test_a_part_payment_frees_nobody_and_tells_nothing(town: Any, link: Any) -> None:
    with phone() as firm:
        debtor = held(town, link)
        town.pay(debtor, 2_000)
        settle(town, link)

        assert texts(firm) == []
        assert link.at(debtor)


def test_a_hold_that_ends_with_a_death_writes_to_nobody(town: Any, link: Any) -> None:
    with phone() as firm:
        debtor = held(town, link)
        customers.record_death(
            actor=JOB,
            at=town.clock(),
            customer_id=debtor.customer_id,
            died_on=HOLD_DAY,
            source="registry",
        )
        settle(town, link)

        assert link.at(debtor) is None
        assert texts(firm) == []


def test_a_person_without_a_phone_is_freed_all_the_same(town: Any, link: Any) -> None:
    with phone() as firm:
        debtor = held(town, link, mobile=None)
        town.pay(debtor, 12_500)
        settle(town, link)

        assert link.at(debtor) is None
        assert texts(firm) == []


def test_a_release_that_is_long_past_is_told_to_nobody(town: Any, link: Any) -> None:
    with phone() as firm:
        debtor = held(town, link)
        town.pay(debtor, 12_500)
        link.projector.drain()
        town.now += timedelta(hours=30)
        settle(town, link)

        assert texts(firm) == []
    assert not Notice.objects.filter(kind=telling.KIND).exists()


def test_history_is_skipped_on_demand(town: Any, link: Any) -> None:
    with phone() as firm:
        debtor = held(town, link)
        town.pay(debtor, 12_500)
        link.projector.drain()
        telling.skip_history(at=town.clock())
        settle(town, link)

        assert texts(firm) == []


def test_a_step_that_died_before_its_commit_tells_once(
    town: Any, link: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with phone() as firm:
        debtor = held(town, link)
        town.pay(debtor, 12_500)
        link.projector.drain()
        move = telling.outbox.move_cursor

        def dies(**given: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(telling.outbox, "move_cursor", dies)
        with pytest.raises(KeyboardInterrupt):
            telling.step(at=town.clock())
        monkeypatch.setattr(telling.outbox, "move_cursor", move)
        settle(town, link)

        assert len(texts(firm)) == 1


def test_two_who_are_freed_together_read_one_message_each(town: Any, link: Any) -> None:
    numbers = {RESIDENT: MOBILE, OTHER: "96566554433"}
    with phone() as firm:
        both = [
            town.debtor(civil_id, CustomerKind.RESIDENT, 9_000, mobile=mobile)
            for civil_id, mobile in numbers.items()
        ]
        town.notify()
        daybook.do(job=jobs.HOLD, day=HOLD_DAY, at=instant(HOLD_DAY, 10))
        town.now = instant(HOLD_DAY, 11)
        settle(town, link)
        for debtor in both:
            town.pay(debtor, 9_000)
        settle(town, link)

        assert sorted(mobile for mobile, _ in texts(firm)) == sorted(numbers.values())

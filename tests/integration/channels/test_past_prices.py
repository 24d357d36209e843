"""Sectors and certificates of billed days: two people, the bills shown, and work for billing.

Denied means refused, unchanged, unsent, audited.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.channels.test_place_acts import at, unit_of
from tests.integration.channels.world import JOB

from tahseel.app import clock
from tahseel.charging.billing import operations as billing_operations
from tahseel.charging.billing import queries as billing
from tahseel.charging.billing.values import Bill, Cause, Misdirected
from tahseel.kernel import outbox
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.ids import new_id
from tahseel.kernel.period import Period
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import queries
from tahseel.registry.premises.values import Sector
from tahseel.trust.access import queries as access
from tahseel.trust.approvals import operations as approvals
from tahseel.trust.approvals import queries as waiting
from tahseel.trust.approvals.rules import OwnApproval
from tahseel.trust.approvals.values import ApprovalState

Leaves = Callable[..., list[dict[str, Any]]]
WHY = "The municipality's letter came late"


def bills(world: Any) -> list[Bill]:
    """The three of the resident, the oldest first."""
    return sorted(billing.bills(world.accounts[world.resident]), key=lambda bill: bill.month)


def user(name: str) -> Any:
    return access.actor_for(access.user_named(name))


def sector_of(world: Any, on: date) -> Sector:
    found = queries.sector_on(unit_id=unit_of(world), day=on)
    assert found is not None
    return found.sector


def propose(world: Any, from_day: date, *, by: str = "office_head", **facts: Any) -> UUID:
    given = {"sector": Sector.COMMERCIAL, "dwellings": 1, "reason": WHY, **facts}
    return premises.propose_sector(
        actor=user(by), at=world.now, approval_id=new_id(world.now), unit_id=unit_of(world),
        from_day=from_day, **given,
    )  # fmt: skip


def work() -> list[Misdirected]:
    return billing.open_misdirected()


def sent() -> list[str]:
    outbox.sequence_pending(at=clock.now())
    return [event.name for event in outbox.events_after(0, limit=100_000)]


def test_one_person_is_denied_a_sector_of_billed_days(world: Any, leaves: Leaves) -> None:
    second, before = bills(world)[1], sent()
    from_day = second.period.start + timedelta(days=9)

    with pytest.raises(NotAllowed) as denied:
        premises.set_sector(
            actor=user("office_head"), at=world.now, unit_id=unit_of(world),
            sector=Sector.COMMERCIAL, from_day=from_day,
        )  # fmt: skip

    assert denied.value.code == "past_needs_second_person"
    assert denied.value.facts["from_day"] == from_day.isoformat()
    assert sector_of(world, world.today) is Sector.INVESTMENT
    assert (sent(), work()) == (before, [])
    assert leaves("premises.set_sector")[-1]["outcome"] == "denied"


def test_a_sector_that_a_second_person_agrees_to_makes_each_touched_bill_a_piece_of_work(
    world: Any, leaves: Leaves
) -> None:
    _, second, third = bills(world)
    from_day = second.period.start + timedelta(days=9)
    asked = propose(world, from_day)
    unchanged = (sector_of(world, world.today), work())
    before = sent()

    approvals.approve(actor=user("revenue_manager"), at=world.now, approval_id=asked)

    assert unchanged == (Sector.INVESTMENT, [])
    assert sector_of(world, from_day - timedelta(days=1)) is Sector.INVESTMENT
    assert sector_of(world, from_day) is Sector.COMMERCIAL
    assert [(one.cause, one.days, [b.number for b in one.bills]) for one in work()] == [
        (Cause.SECTOR, Period(from_day, second.period.end), [second.number]),
        (Cause.SECTOR, third.period, [third.number]),
    ]
    assert bills(world)[1:] == [second, third]
    told = sent()[len(before) :]
    assert told.count("premises:sector:changed") == 1
    assert told.count("billing:bills:misdirected") == 2
    assert leaves("premises.rezone_past")[-1]["outcome"] == "done"


def test_who_asked_may_not_agree_and_nothing_is_changed_or_sent(world: Any, leaves: Leaves) -> None:
    asked = propose(world, bills(world)[1].period.start)
    before = sent()

    with pytest.raises(OwnApproval):
        approvals.approve(actor=user("office_head"), at=world.now, approval_id=asked)

    assert waiting.by_id(asked).state is ApprovalState.PENDING
    assert (sector_of(world, world.today), work()) == (Sector.INVESTMENT, [])
    assert sent() == before
    assert leaves("approvals.approve")[-1]["outcome"] == "denied"


def test_whoever_does_not_keep_places_may_not_even_ask(world: Any, leaves: Leaves) -> None:
    before = sent()

    with pytest.raises(NotAllowed):
        propose(world, bills(world)[1].period.start, by="clerk")

    assert (sent(), waiting.waiting(as_of=world.now)) == (before, [])
    assert leaves("premises.propose_sector")[-1]["outcome"] == "denied"


def test_days_to_come_and_days_that_nobody_has_determined_are_one_persons(world: Any) -> None:
    open_day = bills(world)[-1].period.end
    assert open_day < world.today

    premises.set_sector(
        actor=user("office_head"), at=world.now, unit_id=unit_of(world),
        sector=Sector.COMMERCIAL, from_day=open_day,
    )  # fmt: skip
    premises.set_sector(
        actor=user("office_head"), at=world.now, unit_id=unit_of(world),
        sector=Sector.INVESTMENT, from_day=world.today + timedelta(days=40),
    )  # fmt: skip

    assert sector_of(world, open_day) is Sector.COMMERCIAL
    assert (work(), waiting.waiting(as_of=world.now)) == ([], [])


def test_a_month_that_is_determined_and_not_billed_needs_two_people_too(world: Any) -> None:
    from tests.integration.channels.world import _use

    from tahseel.kernel.period import BillingMonth

    month = BillingMonth.of(bills(world)[-1].period.end)
    _use(world, month, (900_000, 4_000))

    with pytest.raises(premises.PastNeedsSecondPerson):
        premises.set_sector(
            actor=user("office_head"), at=world.now, unit_id=unit_of(world),
            sector=Sector.COMMERCIAL, from_day=month.period.start,
        )  # fmt: skip


def test_the_houses_own_jobs_need_nobody_beside_them_and_make_the_same_work(world: Any) -> None:
    premises.set_sector(
        actor=JOB, at=world.now, unit_id=unit_of(world), sector=Sector.COMMERCIAL,
        from_day=bills(world)[-1].period.start,
    )  # fmt: skip

    assert [one.bills[0].number for one in work()] == [bills(world)[-1].number]


def test_the_work_tells_what_was_billed_what_it_would_be_and_the_difference(
    sign_in: Any, world: Any
) -> None:
    last = bills(world)[-1]
    same = billing_operations.price_again(bill=last)

    premises.set_sector(
        actor=JOB, at=world.now, unit_id=unit_of(world), sector=Sector.GOVERNMENT,
        from_day=last.period.start,
    )  # fmt: skip

    again = billing_operations.price_again(bill=last)
    page = sign_in("clerk").get(f"/desk/accounts/{world.number(world.resident)}/")
    assert same == last.total
    assert again is not None
    assert again > last.total
    shown = page.content.decode().partition('id="misdirected"')[2]
    assert "Would be today" in shown
    for amount in (last.total, again, again - last.total):
        assert f"{amount.fils // 1000:,}.{amount.fils % 1000:03d}" in shown


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_form_shows_the_bills_and_asks_why_before_a_second_person_is_asked(
    sign_in: Any, world: Any, language: str
) -> None:
    head, second = sign_in("office_head", language=language), bills(world)[1]
    intent = str(new_id(world.now))
    given = {
        "sector": "commercial", "dwellings": "1", "from_day": second.period.start.isoformat(),
        "intent": intent,
    }  # fmt: skip

    unsaid = head.post(at(world, "sector"), given)
    asked = head.post(at(world, "sector"), {**given, "why": WHY})
    clicked_twice = head.post(at(world, "sector"), {**given, "why": WHY})

    assert unsaid.status_code == 422
    shown = unsaid.content.decode()
    assert [bill.number in shown for bill in bills(world)] == [False, True, True]
    assert (asked.status_code, asked.url) == (302, f"/approvals/{intent}/")
    assert clicked_twice.url == asked.url
    assert len(waiting.waiting(as_of=clock.now())) == 1
    assert sector_of(world, world.today) is Sector.INVESTMENT


@pytest.mark.parametrize("language", ["ar", "en"])
def test_whoever_decides_reads_the_bills_with_months_and_sums_and_agrees(
    sign_in: Any, world: Any, language: str
) -> None:
    asked = propose(world, bills(world)[1].period.start)
    manager = sign_in("revenue_manager", language=language)

    page = manager.get(f"/approvals/{asked}/").content.decode()
    done = manager.post(f"/approvals/{asked}/approve/")

    touched = page.partition('id="touched"')[2]
    assert [bill.number in touched for bill in bills(world)] == [False, True, True]
    total = sum(bill.total.fils for bill in bills(world)[1:])
    assert f"{total // 1000:,}.{total % 1000:03d}" in touched
    assert world.number(world.resident) in touched
    assert done.status_code == 302
    assert sector_of(world, world.today) is Sector.COMMERCIAL
    assert len(work()) == 2


def test_a_certificate_of_billed_days_is_recorded_and_taken_back_by_two_people_each(
    sign_in: Any, world: Any
) -> None:
    first = bills(world)[0]
    premises.set_sector(
        actor=JOB, at=world.now, unit_id=unit_of(world), sector=Sector.INDUSTRIAL,
        from_day=first.period.start - timedelta(days=1),
    )  # fmt: skip
    before = len(work())
    given = {
        "kind": "productive_factory", "number": "PAI-77", "why": WHY,
        "valid_from": first.period.start.isoformat(),
        "valid_until": first.period.end.isoformat(),
    }  # fmt: skip

    asked = sign_in("clerk").post(f"/places/units/{unit_of(world)}/certify/", given)
    own = sign_in("clerk").post(f"{asked.url}approve/")
    unrecorded = queries.certificates_of(unit_ids=[unit_of(world)])
    sign_in("office_head").post(f"{asked.url}approve/")
    (paper,) = queries.certificates_of(unit_ids=[unit_of(world)])[unit_of(world)]
    back = sign_in("office_head").post(
        f"/places/certificates/{paper.id}/withdraw/",
        {"on_day": (first.period.start + timedelta(days=5)).isoformat(), "reason": "forged"},
    )
    sign_in("revenue_manager").post(f"{back.url}approve/")

    (paper,) = queries.certificates_of(unit_ids=[unit_of(world)])[unit_of(world)]
    assert (own.status_code, unrecorded) == (403, {})
    assert (paper.number, paper.withdrawn) == ("PAI-77", "forged")
    assert paper.valid_until == first.period.start + timedelta(days=5)
    assert [(one.cause, one.bills[0].number) for one in work()[before:]] == [
        (Cause.CERTIFICATE, first.number),
        (Cause.CERTIFICATE, first.number),
    ]


def test_a_refusal_at_the_time_of_agreeing_leaves_the_request_waiting(
    world: Any, sign_in: Any
) -> None:
    asked = propose(world, bills(world)[1].period.start)
    premises.set_sector(
        actor=JOB, at=world.now, unit_id=unit_of(world), sector=Sector.OTHER,
        from_day=bills(world)[2].period.start,
    )  # fmt: skip

    answer = sign_in("revenue_manager").post(f"/approvals/{asked}/approve/")

    assert answer.status_code == 409
    assert waiting.by_id(asked).state is ApprovalState.PENDING
    assert sector_of(world, bills(world)[1].period.start) is Sector.INVESTMENT

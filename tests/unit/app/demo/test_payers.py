"""How they pay: each bill is decided once, and nobody pays more than was asked."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tahseel.app.demo import build, payers
from tahseel.app.demo.payers import Payer
from tahseel.app.demo.values import Chance
from tahseel.books.payments.values import Received
from tahseel.kernel.money import Money

FIRST = date(2025, 5, 3)
MONTHS = 18
END = date(2027, 6, 1)
ONE_HABIT = {"prompt": 0, "late": 0, "partly": 0, "stops": 0}


def claim(account: int, month: int) -> UUID:
    return UUID(int=account * 1_000 + month)


def live(seed: int, accounts: int, cuts: list[int], data: Any = None) -> list[Received]:
    """Eighteen monthly bills each, paid as their habits say, asked for in pieces of `cuts` days."""
    data, chance = data or build.demo_data(), Chance(seed)
    ids = [UUID(int=10**6 + n) for n in range(accounts)]
    made = payers.make_payers(
        accounts=[(i, i, False) for i in ids], stopping=(), chance=chance, data=data
    )
    for month in range(MONTHS):
        issued = FIRST + timedelta(days=30 * month)
        for number, payer in enumerate(made.values()):
            payers.take_bill(
                payer,
                claim_id=claim(number, month),
                amount=Money(12_345 + number),
                issued_on=issued,
                number=month + 1,
            )
    return collect(list(made.values()), cuts, chance, data)


def collect(who: list[Payer], cuts: list[int], chance: Chance, data: Any) -> list[Received]:
    found: list[Received] = []
    start = FIRST
    for days in [*cuts, (END - FIRST).days]:
        end = min(start + timedelta(days=days), END)
        found += payers.payments_between(who, start=start, end=end, chance=chance, data=data)
        start = end
    return found


@given(seed=st.integers(0, 9), cuts=st.lists(st.integers(0, 60), max_size=20))
def test_no_bill_is_paid_twice_or_above_its_sum_however_the_days_are_cut(
    seed: int, cuts: list[int]
) -> None:
    paid = live(seed, 12, cuts)

    claims = Counter(claim_id for one in paid for claim_id in one.claim_ids)
    assert set(claims.values()) <= {1}
    for one in paid:
        (claim_id,) = one.claim_ids
        assert 0 < one.amount.fils <= 12_345 + claim_id.int // 1_000
        assert one.business_date >= FIRST


@given(cuts=st.lists(st.integers(0, 60), max_size=20))
def test_when_and_how_much_is_decided_with_the_bill_and_not_by_who_asks(cuts: list[int]) -> None:
    def decided(paid: list[Received]) -> set[tuple[UUID, int, date]]:
        return {(one.claim_ids[0], one.amount.fils, one.business_date) for one in paid}

    assert decided(live(3, 8, cuts)) == decided(live(3, 8, []))


def test_payments_come_in_the_order_of_their_instants_with_ids_of_their_own() -> None:
    paid = live(5, 40, [])

    assert [one.received_at for one in paid] == sorted(one.received_at for one in paid)
    assert len({one.id for one in paid}) == len(paid)


def test_the_seed_decides_who_pays_what() -> None:
    assert live(5, 20, [30, 30]) == live(5, 20, [30, 30])
    assert live(5, 20, []) != live(6, 20, [])


def test_prompt_payers_pay_every_bill_in_full_within_a_month() -> None:
    data = {**build.demo_data(), "payers": {**ONE_HABIT, "prompt": 1}}

    paid = live(5, 10, [], data)

    assert len(paid) == 10 * MONTHS
    for one in paid:
        account, month = divmod(one.claim_ids[0].int, 1_000)
        assert one.amount.fils == 12_345 + account
        assert one.business_date < FIRST + timedelta(days=30 * month + 28)


def test_who_stops_pays_no_later_bill_and_at_least_one_earlier() -> None:
    data = {**build.demo_data(), "payers": {**ONE_HABIT, "stops": 1}}

    paid = live(5, 30, [], data)

    months: dict[int, set[int]] = {}
    for one in paid:
        account, month = divmod(one.claim_ids[0].int, 1_000)
        months.setdefault(account, set()).add(month)
    assert len(months) == 30
    assert all(found == set(range(len(found))) for found in months.values())
    assert max(len(found) for found in months.values()) < MONTHS


def test_a_late_payer_pays_in_full_after_the_due_date() -> None:
    data = {**build.demo_data(), "payers": {**ONE_HABIT, "late": 1}}

    paid = live(5, 10, [], data)

    assert len(paid) == 10 * MONTHS
    for one in paid:
        issued = FIRST + timedelta(days=30 * (one.claim_ids[0].int % 1_000))
        assert timedelta(days=35) <= one.business_date - issued <= timedelta(days=95)


def test_public_bodies_are_never_prompt() -> None:
    ids = [UUID(int=n) for n in range(200)]

    made = payers.make_payers(
        accounts=[(i, i, True) for i in ids],
        stopping=(),
        chance=Chance(5),
        data=build.demo_data(),
    )

    assert {payer.habit for payer in made.values()} == {"late", "partly", "stops"}


def test_most_of_the_money_comes_over_the_payment_gateway() -> None:
    tenders = Counter(one.tender for one in live(5, 40, []))

    assert set(tenders) == {"knet", "cash", "knet_terminal", "bank_transfer"}
    assert tenders["knet"] > 3 * (tenders.total() - tenders["knet"])


def test_whoever_must_stop_paying_does_so() -> None:
    ids = [UUID(int=n) for n in range(20)]
    made = payers.make_payers(
        accounts=[(i, i, False) for i in ids],
        stopping=ids[:5],
        chance=Chance(5),
        data=build.demo_data(),
    )

    assert [made[i].habit for i in ids[:5]] == ["stops"] * 5

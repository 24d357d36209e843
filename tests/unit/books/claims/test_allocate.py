"""Which claims a payment meets, as a pure rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tahseel.books.claims import rules
from tahseel.books.claims.values import Claim
from tahseel.kernel.money import Money

JANUARY = date(2026, 1, 31)


def claim(number: int, fils: int, *, disputed: int = 0, due: date | None = None) -> Claim:
    return Claim(
        account_id=UUID(int=0),
        id=UUID(int=number),
        reference=f"R{number}",
        kind="bill",
        opened_on=date(2026, 1, 1),
        due_date=due or JANUARY + timedelta(days=number),
        amount=Money(fils),
        open=Money(fils),
        disputed=Money(disputed),
        closed_at=None,
        customer_id=UUID(int=1),
    )


def paid(claims: list[Claim], fils: int, *quoted: int) -> tuple[list[tuple[int, int, bool]], int]:
    parts, left = rules.allocate(
        claims=claims, amount=Money(fils), quoted=[UUID(int=number) for number in quoted]
    )
    return [(part.claim_id.int, part.amount.fils, part.closed) for part in parts], left.fils


def test_the_oldest_due_claim_is_paid_first() -> None:
    claims = [claim(3, 100), claim(1, 100), claim(2, 100)]

    assert paid(claims, 150) == ([(1, 100, True), (2, 50, False)], 0)


def test_quoted_claims_come_first_in_the_order_quoted() -> None:
    claims = [claim(1, 100), claim(2, 100), claim(3, 100)]

    assert paid(claims, 250, 3, 2) == ([(3, 100, True), (2, 100, True), (1, 50, False)], 0)


def test_a_disputed_part_is_left_alone_and_keeps_its_claim_open() -> None:
    claims = [claim(1, 100, disputed=40), claim(2, 100, disputed=100)]

    assert paid(claims, 500) == ([(1, 60, False)], 440)
    assert paid(claims, 500, 2) == ([(1, 60, False)], 440)


def test_what_finds_no_claim_is_left() -> None:
    assert paid([], 75) == ([], 75)


def test_a_claim_is_overdue_from_the_day_after_its_due_date() -> None:
    one = claim(1, 100, due=JANUARY)

    assert not one.is_overdue(JANUARY)
    assert one.is_overdue(JANUARY + timedelta(days=1))
    assert not replace(one, disputed=Money(100)).is_overdue(date(2027, 1, 1))


claims_strategy = st.lists(
    st.tuples(st.integers(1, 500), st.integers(0, 500), st.integers(0, 3)), max_size=6
).map(
    lambda rows: [
        claim(n, fils, disputed=min(disputed, fils), due=JANUARY + timedelta(days=due))
        for n, (fils, disputed, due) in enumerate(rows, start=1)
    ]
)


@given(claims_strategy, st.integers(1, 2_000), st.lists(st.integers(1, 8), max_size=4))
def test_no_fils_is_lost_or_made(claims: list[Claim], fils: int, quoted: list[int]) -> None:
    parts, left = paid(claims, fils, *quoted)

    payable = {one.id.int: one.payable.fils for one in claims}
    assert sum(amount for _, amount, _ in parts) + left == fils
    assert all(0 < amount <= payable[number] for number, amount, _ in parts)
    assert left == 0 or sum(amount for _, amount, _ in parts) == sum(payable.values())
    assert len({number for number, _, _ in parts}) == len(parts)

"""Which overdue claims a notice names."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tahseel.books.claims.values import Claim
from tahseel.kernel.money import Money
from tahseel.recovery.collections import rules

DATA = Path(rules.__file__).parents[2] / "countries" / "kuwait" / "data" / "strategy.toml"
STRATEGY = rules.load_strategy(DATA.read_bytes())
DAY = date(2026, 6, 1)


def claim(number: int, fils: int, due: date, disputed: int = 0) -> Claim:
    return Claim(
        account_id=UUID(int=1),
        id=UUID(int=number),
        reference=f"B-{number}",
        kind="bill",
        opened_on=due - timedelta(days=20),
        due_date=due,
        amount=Money(fils),
        open=Money(fils),
        disputed=Money(disputed),
        closed_at=None,
        customer_id=UUID(int=9),
    )


def test_citizens_residents_and_companies_are_told_and_government_bodies_are_not() -> None:
    assert STRATEGY.step_for("citizen", DAY)
    assert STRATEGY.step_for("resident", DAY)
    assert STRATEGY.step_for("company", DAY)
    assert STRATEGY.step_for("government", DAY) is None
    assert STRATEGY.step_for("resident", date(2019, 12, 31)) is None


def test_a_claim_waits_its_days_after_the_due_date() -> None:
    step = STRATEGY.step_for("resident", DAY)
    assert step is not None
    early = claim(1, 9_000, DAY - timedelta(days=step.days_after_due))
    ripe = claim(2, 9_000, DAY - timedelta(days=step.days_after_due + 1))

    named = rules.claims_to_name(overdue=[early, ripe], named=set(), step=step, day=DAY)

    assert named == [ripe]


@given(st.lists(st.tuples(st.integers(1, 9_000), st.integers(0, 60), st.booleans()), max_size=6))
def test_a_notice_names_what_no_other_does_and_only_from_the_threshold_on(
    drawn: list[tuple[int, int, bool]],
) -> None:
    step = STRATEGY.step_for("resident", DAY)
    assert step is not None
    claims = [claim(n, f, DAY - timedelta(days=age)) for n, (f, age, _) in enumerate(drawn)]
    before = {(c.account_id, c.id) for c, (_, _, told) in zip(claims, drawn, strict=True) if told}

    named = rules.claims_to_name(overdue=claims, named=before, step=step, day=DAY)

    fit = [c for c, (_, age, told) in zip(claims, drawn, strict=True) if age > 14 and not told]
    enough = sum(c.open.fils for c in fit) >= step.threshold_fils
    assert named == (fit if enough else [])


def test_the_text_tells_sum_count_references_and_term() -> None:
    step = STRATEGY.step_for("resident", DAY)
    assert step is not None
    claims = [claim(1, 12_500, date(2026, 4, 1)), claim(2, 7_250, date(2026, 5, 1), disputed=250)]

    text = rules.body(step.body_en, claims=claims, step=step)

    assert "KD 19.500" in text
    assert "2 bills (B-1, B-2)" in text
    assert "30 days" in text
    assert "19.500" in rules.body(step.body_ar, claims=claims, step=step)

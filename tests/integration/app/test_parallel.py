"""A parallel run: an old system that is ours with planted differences; each is found, alone."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.charging.billing.test_run import (
    AT,
    CLERK,
    JULY,
    Street,
    build,
    counted,
    found,
    street,
    use,
)

from tahseel.app import parallel
from tahseel.app.take_on.mapping import MappingWrong
from tahseel.charging.billing import queries, rules
from tahseel.charging.billing.comparing import sides
from tahseel.charging.billing.operations import running
from tahseel.charging.billing.values import Comparison, DifferenceCause, Side
from tahseel.kernel.period import BillingMonth, Period
from tahseel.kernel.quantity import Service
from tahseel.registry.supply import queries as supply

__all__ = ["street"]

EXAMPLE = Path(__file__).parents[3] / "docs/examples/parallel-run/mapping.toml"
HEADING = ["CONTRACT", "SERVICE", "READ_FROM", "READ_TO", "UNITS", "UNIT", "READ_TYPE", "AMOUNT_KD"]
WORDS = {Service.ELECTRICITY: ("E", "KWH"), Service.WATER: ("W", "IGAL")}


@dataclass(frozen=True)
class Told:
    """A line of the old system: ours as it is."""

    account: str
    service: str
    period: Period | None
    units: str
    unit: str
    reading: str
    fils: int

    def cells(self) -> list[str]:
        days = (self.period.start, self.period.end) if self.period else ()
        shown = [day.strftime("%d/%m/%Y") for day in days] or ["", ""]
        whole, part = divmod(abs(self.fils), 1000)
        amount = f"{'-' if self.fils < 0 else ''}{whole}.{part:03d}"
        return [self.account, self.service, *shown, self.units, self.unit, self.reading, amount]


def priced(made: Street, wh: int | None = None, days: Period | None = None) -> dict[str, Any]:
    """What we bill by account's number; with another use or other days where they are given."""
    accounts = supply.billable_accounts(month=JULY, account_ids=made.accounts)
    quantities = running.by_account(JULY, made.accounts)
    if wh is not None or days is not None:
        for found_here in quantities.values():
            found_here[:] = [moved(one, wh, days) for one in found_here]
    bills, _ = running.price(accounts, quantities, JULY, rules.policy().book)
    numbers = {one.account_id: one.number for one in accounts}
    return {numbers[bill.account_id]: sides([bill]) for bill in bills}


def moved(one: Any, wh: int | None, days: Period | None) -> Any:
    from tahseel.kernel.period import start_of

    if one.service is Service.ELECTRICITY and wh is not None:
        one = replace(one, quantity=wh)
    if days is not None:
        one = replace(one, from_at=start_of(days.start), to_at=start_of(days.end), days=days.days)
    return one


def told(account: str, service: Service, side: Side) -> Told:
    word, unit = WORDS[service]
    units = side.quantity // 1000 if word == "E" else side.quantity * 100_000 // 454_609
    return Told(account, word, side.period, str(units), unit, "A", side.amount.fils)


def lines(made: Street) -> list[Told]:
    return [
        told(account, service, side)
        for account, services in sorted(priced(made).items())
        for service, side in services.items()
    ]


def write(folder: Path, rows: list[Told]) -> Path:
    file = folder / "old.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([HEADING, *(row.cells() for row in rows)])
    return file


def compared(file: Path, month: BillingMonth = JULY) -> Comparison:
    outcome = parallel.compare(
        actor=CLERK, at=AT, month=month, old=file, mapping_path=EXAMPLE
    )  # fmt: skip
    assert outcome.faults == []
    assert outcome.comparison is not None
    return outcome.comparison


def used(made: Street) -> None:
    use(made, made.accounts, JULY, wh=3_000_000, litres=4_546_090)


def test_our_own_bills_are_equal_line_by_line_and_nothing_is_issued(
    street: Street, tmp_path: Path
) -> None:
    used(street)
    rows = lines(street)

    done = compared(write(tmp_path, rows))

    assert (done.equal, done.differences) == (6, [])
    assert done.ours_fils == done.theirs_fils == sum(row.fils for row in rows)
    assert [counted(f"billing_{one}") for one in ("bill", "line", "held", "parked", "run")] == [
        0, 0, 0, 0, 0,
    ]  # fmt: skip
    assert counted("ledger_entry") == counted("claims_claim") == 0
    [kept] = queries.comparisons()
    assert kept.report["reconciled"] is True


Plant = Callable[[Street, Told], Told | None]


def _price(made: Street, row: Told) -> Told:
    return replace(row, fils=row.fils * 2 + 1_000)


def _rounded(made: Street, row: Told) -> Told:
    return replace(row, fils=row.fils + 1)


def _quantity(made: Street, row: Told) -> Told:
    side = priced(made, wh=4_000_000)[row.account][Service.ELECTRICITY]
    return told(row.account, Service.ELECTRICITY, side)


def _guessed(made: Street, row: Told) -> Told:
    return replace(_quantity(made, row), reading="E")


def _days(made: Street, row: Told) -> Told:
    assert row.period is not None
    fewer = Period(row.period.start, row.period.end - timedelta(days=3))
    side = priced(made, days=fewer)[row.account][Service.ELECTRICITY]
    return told(row.account, Service.ELECTRICITY, side)


def _gone(made: Street, row: Told) -> None:
    return None


def _stranger(made: Street, row: Told) -> Told:
    return replace(row, account=f"{row.account}-unknown")


PLANTS: dict[DifferenceCause, Plant] = {
    DifferenceCause.PRICE: _price,
    DifferenceCause.ROUNDING: _rounded,
    DifferenceCause.QUANTITY: _quantity,
    DifferenceCause.READ_KIND: _guessed,
    DifferenceCause.DAYS: _days,
    DifferenceCause.MISSING_THERE: _gone,
    DifferenceCause.MISSING_HERE: _stranger,
}


@pytest.fixture
def long_street(database: Any) -> Street:
    from tahseel.books.ledger import rules as ledger_rules
    from tahseel.countries.kuwait import country

    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    rules.install_policy(rules.load_policy(country.content("billing"), book=country.price_book))
    made = build(found(), 12)
    used(made)
    return made


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    planted=st.lists(st.sampled_from([None, *PLANTS]), min_size=12, max_size=12),
    charges=st.lists(st.integers(-5_000, 90_000), max_size=4),
    seed=st.integers(0, 2**16),
)
def test_every_planted_difference_is_found_under_its_cause_and_nothing_else(
    long_street: Street,
    tmp_path_factory: pytest.TempPathFactory,
    planted: list[DifferenceCause | None],
    charges: list[int],
    seed: int,
) -> None:
    electric = [row for row in lines(long_street) if row.service == "E"]
    others = [row for row in lines(long_street) if row.service == "W"]
    changed, wanted = list(others), []
    for row, cause in zip(electric, planted, strict=True):
        after = PLANTS[cause](long_street, row) if cause else row
        changed += [after] if after else []
        wanted += [(row.account, cause)] if cause else []
        if cause is DifferenceCause.MISSING_HERE:
            wanted[-1] = (f"{row.account}-unknown", cause)
            wanted.append((row.account, DifferenceCause.MISSING_THERE))
    for number, fils in enumerate(charges):
        changed.append(Told(electric[number].account, "X", None, "", "", "", fils))
        wanted.append((electric[number].account, DifferenceCause.OTHER_CHARGES))
    random.Random(seed).shuffle(changed)

    done = compared(write(tmp_path_factory.mktemp("old"), changed))

    found_here = [(one.account, cause) for one in done.differences for cause in one.parts]
    assert sorted(found_here) == sorted(wanted)
    assert done.theirs_fils == sum(row.fils for row in changed)
    assert done.reconciled
    assert all(one.fils == sum(one.parts.values()) for one in done.differences)


def test_a_dirty_file_is_refused_whole_with_line_field_and_reason(
    street: Street, tmp_path: Path
) -> None:
    used(street)
    good = lines(street)
    file = write(tmp_path, good)
    dirty = [
        [good[0].account, "E", "01/07/2026", "01/07/2026", "12", "KWH", "A", "1.000"],
        [good[0].account, "Q", "01/07/2026", "01/08/2026", "12", "KWH", "A", "1.000"],
        [good[0].account, "W", "31/02/2026", "01/08/2026", "1e9", "IGAL", "A", "1.00"],
        [good[0].account, "W", "01/07/2026", "01/08/2026", "12", "KWH", "A", "1.000"],
    ]
    with file.open("a", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([*dirty, good[1].cells(), ["short"]])

    outcome = parallel.compare(actor=CLERK, at=AT, month=JULY, old=file, mapping_path=EXAMPLE)

    faults = [(one.line - len(good) - 1, one.field, one.code) for one in outcome.faults]
    assert faults == [
        (1, "until_day", "days_reversed"),
        (2, "service", "value_unknown"),
        (3, "from_day", "not_a_day"),
        (3, "quantity", "not_a_quantity"),
        (3, "amount", "decimals_wrong"),
        (4, "unit", "value_unknown"),
        (5, "account", "bill_twice"),
        (6, "", "row_ragged"),
    ]
    assert outcome.comparison is None
    assert queries.comparisons() == []
    for one in outcome.faults:
        shown = one.as_dict()
        assert shown["text_ar"] != shown["text_en"]
        assert "{" not in f"{shown['text_ar']}{shown['text_en']}"


def test_an_account_that_is_parked_here_says_why(street: Street, tmp_path: Path) -> None:
    used(street)
    rows = lines(street)
    other = BillingMonth(2026, 8)

    done = compared(write(tmp_path, rows), month=other)

    assert {one.why for one in done.differences} == {"no_determinant"}
    assert {tuple(one.parts) for one in done.differences} == {(DifferenceCause.MISSING_HERE,)}
    assert done.reconciled


def test_a_mapping_that_names_no_column_for_an_amount_is_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "mapping.toml"
    wrong.write_text('system = "legacy"\n[bills]\n[bills.columns]\naccount = "A"\n')

    with pytest.raises(MappingWrong):
        parallel.compare(
            actor=CLERK, at=AT, month=JULY, old=tmp_path / "old.csv", mapping_path=wrong
        )


@pytest.mark.parametrize(
    ("text", "unit", "base", "near"),
    [
        ("3200", "kwh", 3_200_000, 500),
        ("3200.125", "kwh", 3_200_125, 0),
        ("7", "imperial_gallon", 32, 2),
        ("1.5", "cubic_metre", 1_500, 50),
        ("12", "wh", 12, 0),
    ],
)
def test_a_quantity_is_as_exact_as_it_is_written(
    text: str, unit: str, base: int, near: int
) -> None:
    assert parallel.in_base(text, unit) == (base, near)


def test_a_file_longer_than_any_country_is_refused(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used(street)
    monkeypatch.setattr(parallel, "LINES_MAX", 5)

    outcome = parallel.compare(
        actor=CLERK, at=AT, month=JULY, old=write(tmp_path, lines(street)), mapping_path=EXAMPLE
    )

    assert [(one.line, one.code) for one in outcome.faults] == [(0, "file_too_long")]

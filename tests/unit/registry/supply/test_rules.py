"""Account numbers and the chain of liability, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.countries.kuwait import country
from tahseel.registry.supply import rules
from tahseel.registry.supply.values import (
    Capacity,
    Heir,
    LiabilitySpan,
    NewAccount,
    NewLiability,
    Vacancy,
)

sequences = st.integers(0, 999_999_999)
ONE = UUID(int=1)
START = date(2025, 4, 1)


def test_the_published_example_of_the_check_digit_holds():
    assert rules.check_digit("572") == "4"


@given(sequences)
def test_an_account_number_passes_its_own_check(sequence):
    number = rules.account_number(sequence)

    assert rules.check_account_number(number) == number
    assert len(number) == rules.NUMBER_DIGITS


@given(sequences, st.integers(0, 9), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(sequence, place, by):
    number = rules.account_number(sequence)
    digit = str((int(number[place]) + by) % 10)

    with pytest.raises(ValueError, match="check digit"):
        rules.check_account_number(number[:place] + digit + number[place + 1 :])


@given(sequences, st.integers(0, 8))
def test_every_swap_of_neighbours_is_caught(sequence, place):
    number = rules.account_number(sequence)
    left, right = number[place], number[place + 1]
    swapped = number[:place] + right + left + number[place + 2 :]

    if left == right:
        assert rules.check_account_number(swapped) == number
    else:
        with pytest.raises(ValueError, match="check digit"):
            rules.check_account_number(swapped)


def test_a_number_may_be_typed_with_spaces_dashes_and_arabic_digits():
    number = rules.account_number(123)
    arabic = number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    assert rules.check_account_number(f" {arabic[:5]}-{arabic[5:]} ") == number


@pytest.mark.parametrize("text", ["", "12345", "12345678901", "12345abcde", "١٢٣"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="digits"):
        rules.check_account_number(text)


def test_a_running_number_beyond_nine_digits_is_refused():
    with pytest.raises(ValueError, match="nine digits"):
        rules.account_number(1_000_000_000)


def vacant(day):
    return NewLiability(ONE, day, None, Capacity.VACANT, Vacancy.NOT_OCCUPIED)


def account(*links, closed_on=None):
    return NewAccount(ONE, ONE, START, tuple(links), closed_on=closed_on)


@given(st.lists(st.integers(1, 400), max_size=6), st.integers(1, 400))
def test_a_chain_covers_every_day_of_the_account_exactly_once(gaps, last):
    days = [START]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    closed_on = days[-1] + timedelta(days=last)

    links = rules.chain(account(*map(vacant, days), closed_on=closed_on))

    spans = [
        LiabilitySpan(ONE, ONE, None, link.capacity, link.vacancy, link.from_day, end)
        for link, end, _ in links
    ]
    assert rules.uncovered_days(spans, START, closed_on) == []
    assert rules.liable_on(spans, closed_on) is None
    assert [previous for _, _, previous in links] == [None, *days[1:]]


@pytest.mark.parametrize(
    "broken",
    [
        account(),
        account(vacant(START + timedelta(days=1))),
        account(vacant(START), vacant(START)),
        account(vacant(START), closed_on=START),
        account(NewLiability(ONE, START, None, Capacity.VACANT)),
        account(NewLiability(ONE, START, None, Capacity.TENANT, Vacancy.NOT_OCCUPIED)),
        account(NewLiability(ONE, START, ONE, Capacity.VACANT, Vacancy.NOT_OCCUPIED)),
        account(NewLiability(ONE, START, ONE, Capacity.OWNER, Vacancy.NOT_OCCUPIED)),
    ],
)
def test_a_history_with_a_gap_an_overlap_or_no_explanation_is_refused(broken):
    with pytest.raises(ValueError, match=r"liab|begins"):
        rules.chain(broken)


def test_uncovered_days_tells_gaps_and_overlaps_apart():
    day = [START + timedelta(days=n) for n in range(4)]
    spans = [
        LiabilitySpan(ONE, ONE, ONE, Capacity.OWNER, None, day[0], day[2]),
        LiabilitySpan(ONE, ONE, ONE, Capacity.OWNER, None, day[1], day[2]),
    ]

    assert rules.uncovered_days(spans, day[0], day[3]) == [(day[1], 2), (day[2], 0)]


def test_the_country_s_reasons_to_cut_supply_can_be_read_and_wrong_ones_are_refused():
    good = country.content("disconnection")
    reasons = {reason.code: reason for reason in rules.load_stop_reasons(good)}

    assert {"debt", "safety", "customer_request", "vacancy"} <= set(reasons)
    assert [code for code, reason in reasons.items() if reason.on_vacancy] == ["vacancy"]
    wrong = [
        good + good[good.index(b"[[reason]]") :],
        good.replace(b'bound_to = "payer"', b'bound_to = "whim"', 1),
        good.replace(b'bound_to = "payer"\nfollows', b'bound_to = "place"\nfollows'),
        b"\xff",
        b"",
    ]
    for data in wrong:
        with pytest.raises(rules.StopReasonsWrong):
            rules.load_stop_reasons(data)


def test_shares_of_an_estate_make_one_whole_of_heirs_named_once():
    a, b = UUID(int=1), UUID(int=2)

    assert rules.shares_make_one([Heir(a, 1), Heir(b, 7)], 8)
    assert not rules.shares_make_one([Heir(a, 1), Heir(b, 6)], 8)
    assert not rules.shares_make_one([Heir(a, 4), Heir(a, 4)], 8)
    assert not rules.shares_make_one([Heir(a, 9), Heir(b, -1)], 8)

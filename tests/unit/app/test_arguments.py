"""`--reads a b c`: every word up to the next option, in any of the usual spellings."""

from __future__ import annotations

import pytest

from tahseel.app import arguments


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("demo --reads a b c", "demo --reads a --reads b --reads c"),
        ("demo --reads a b --seed 5", "demo --reads a --reads b --seed 5"),
        ("demo --reads a --reads b c --json", "demo --reads a --reads b --reads c --json"),
        ("demo --reads=a b --once", "demo --reads=a --reads b --once"),
        ("demo --reads=a --reads=b", "demo --reads=a --reads=b"),
        ("demo --reads", "demo --reads"),
        ("demo --reads --once", "demo --once --reads"),
        ("demo --reads -", "demo --reads -"),
        ("demo --reads a -h", "demo --reads a -h"),
        ("test tests/unit -x -k name", "test tests/unit -x -k name"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_greedy_option_is_repeated_before_each_of_its_words(written: str, meant: str) -> None:
    assert arguments.rewrite(written.split()) == meant.split()


def test_a_word_with_a_space_or_an_equals_sign_stays_one_word() -> None:
    words = ["demo", "--reads", "a b.xml", "c=d.csv", "--seed", "5"]

    found = arguments.rewrite(words)

    assert found == ["demo", "--reads", "a b.xml", "--reads", "c=d.csv", "--seed", "5"]


def test_a_negative_number_after_another_option_stays_its_value() -> None:
    assert arguments.rewrite(["demo", "--seed", "-5", "--reads", "a"]) == [
        "demo", "--seed", "-5", "--reads", "a",
    ]  # fmt: skip


def test_what_follows_a_double_dash_is_left_alone() -> None:
    assert arguments.rewrite(["readings", "parse", "--", "--reads", "b"]) == [
        "readings", "parse", "--", "--reads", "b",
    ]  # fmt: skip

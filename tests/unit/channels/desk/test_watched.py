"""When a watched answer counts as another one, and what an officer may type."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tahseel.channels.desk.forms import CheckForm, gate_choices
from tahseel.channels.desk.values import GATE_NAMES, Verdict, Watched
from tahseel.countries.kuwait import country
from tahseel.kernel.ids import CivilId
from tahseel.kernel.money import Money
from tahseel.recovery.clearance.values import Gate

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
HELD: dict[str, Any] = {"answer": "held", "amount": Money(5_000), "reference": "H-2026-1"}


def verdict(**changes: Any) -> Verdict:
    facts = {**HELD, **changes}
    return Verdict(
        **facts, as_of=AT, as_of_sequence=1, age_ms=0, asked_us=1, masked="•", gate=Gate.EXIT
    )


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"amount": Money(4_999)}, False),
        ({"reference": "H-2026-2"}, False),
        ({"answer": "clear", "amount": Money(0), "reference": None}, False),
    ],
)
def test_another_answer_amount_or_reference_is_a_change(
    changes: dict[str, Any], same: bool
) -> None:
    seen = Watched("officer", CivilId("285010100015"), Gate.EXIT, AT, "held", 5_000, "H-2026-1")

    assert seen.same(verdict(**changes)) is same


def test_a_cleared_person_stays_clear_although_the_old_reference_is_remembered() -> None:
    seen = Watched("officer", CivilId("285010100015"), Gate.EXIT, AT, "clear", 0, "H-2026-1")

    assert seen.same(verdict(answer="clear", amount=Money(0), reference=None))


def test_every_gate_has_a_name_in_both_languages() -> None:
    assert set(GATE_NAMES) == set(Gate)
    assert all(ar and en for ar, en in GATE_NAMES.values())
    assert [code for code, _ in gate_choices()] == [gate.value for gate in Gate]


@pytest.mark.parametrize("typed", ["285010100015", "2850 1010 0015", "٢٨٥٠١٠١٠٠٠١٥"])
def test_a_civil_number_may_be_typed_with_spaces_or_arabic_digits(typed: str) -> None:
    country.install()
    form = CheckForm({"civil_id": typed, "gate": "exit"})

    assert form.is_valid()
    assert form.cleaned_data["civil_id"] == CivilId("285010100015")


def test_the_message_does_not_repeat_a_wrong_number() -> None:
    country.install()
    form = CheckForm({"civil_id": "285010100016", "gate": "exit"})

    assert not form.is_valid()
    assert "285010100016" not in str(form.errors["civil_id"])

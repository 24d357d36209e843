"""A leaf's bytes are exact, the same for ever, and tell nobody's number."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.ids import CivilId, CivilIdScheme, install_civil_id_scheme
from tahseel.trust.audit.leaves import leaf_bytes, mask_text
from tahseel.trust.audit.values import Leaf

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
ID = UUID("019bcafe-0000-7000-8000-000000000001")
CLERK = Actor(ActorKind.STAFF, "u1", "سارة", frozenset({"office_head", "clerk"}))
SCHEME = CivilIdScheme(
    weights=(2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2),
    modulus=11,
    centuries=(("2", 1900), ("3", 2000)),
    source="test",
)


def number() -> str:
    for serial in range(1000):
        prefix = f"2850115{serial:04d}"
        digit = SCHEME.check_digit(prefix)
        if digit is not None and SCHEME.birth_date(prefix):
            return f"{prefix}{digit}"
    raise AssertionError


@pytest.fixture(autouse=True)
def _scheme() -> None:
    install_civil_id_scheme(SCHEME)


def leaf(**facts: object) -> Leaf:
    return Leaf(ID, AT, CLERK, "claims.open", "claim-1", facts=facts)


def test_the_bytes_of_a_leaf_are_these_for_ever() -> None:
    expected = (
        '{"action":"claims.open",'
        '"actor":{"id":"u1","kind":"staff","roles":["clerk","office_head"]},'
        '"at":"2026-11-23T08:30:00.000000+00:00","facts":{"amount_fils":15750,"note":"سداد"},'
        '"id":"019bcafe-0000-7000-8000-000000000001","outcome":"done","purpose":null,'
        '"subject":"claim-1","v":1}'
    )

    assert leaf_bytes(leaf(note="سداد", amount_fils=15750)).decode() == expected


def test_the_same_act_gives_the_same_bytes_in_any_zone_and_order() -> None:
    there = AT.astimezone(timezone(timedelta(hours=3)))
    other = Leaf(ID, there, CLERK, "claims.open", "claim-1", facts={"b": 2, "a": 1})

    assert leaf_bytes(other) == leaf_bytes(leaf(a=1, b=2))


def test_an_actors_name_stays_out_of_the_log() -> None:
    assert "سارة" not in leaf_bytes(leaf()).decode()


def test_a_national_number_is_masked_wherever_it_stands() -> None:
    digits = number()
    spaced = f"{digits[:4]} {digits[4:8]}-{digits[8:]}"
    eastern = digits.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    body = leaf_bytes(
        leaf(typed=CivilId(digits), text=f"رقم {digits}.", rows=[spaced], deep={"x": eastern})
    ).decode()

    for form in (digits, spaced, eastern):
        assert form not in body
    assert json.loads(body)["facts"]["typed"] == "•" * 8 + digits[-4:]


def test_numbers_that_identify_nobody_stay_readable() -> None:
    wrong = number()[:-1] + str((int(number()[-1]) + 1) % 10)

    assert mask_text(f"account {wrong}") == f"account {wrong}"
    assert mask_text(str(ID)) == str(ID)
    assert mask_text("12345") == "12345"


def test_what_always_identifies_a_person_is_struck_out() -> None:
    facts = json.loads(leaf_bytes(leaf(mobile="99887766", name_ar="سارة", civil_id=None)))["facts"]

    assert facts == {"mobile": "•••", "name_ar": "•••", "civil_id": None}


def test_ids_days_and_bytes_have_an_exact_form() -> None:
    facts = json.loads(leaf_bytes(leaf(id=ID, day=date(2026, 4, 1), hash=b"\x01\xff", at=AT)))[
        "facts"
    ]

    assert facts == {
        "id": str(ID),
        "day": "2026-04-01",
        "hash": "01ff",
        "at": "2026-11-23T08:30:00+00:00",
    }


@pytest.mark.parametrize("value", [1.5, object(), float("nan")])
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="exact form"):
        leaf_bytes(leaf(amount=value))


def test_a_leaf_needs_an_aware_instant_and_a_bounded_size() -> None:
    with pytest.raises(ValueError, match="zone"):
        leaf_bytes(Leaf(ID, AT.replace(tzinfo=None), CLERK, "a", "b"))
    with pytest.raises(ValueError, match="larger"):
        leaf_bytes(leaf(text="x" * 70_000))

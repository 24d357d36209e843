"""What a registry answers: whether it is theirs, what it says, whether it adds up."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulators.registries import records as theirs
from simulators.registries import signing

from tahseel.kernel.calendar import WorkingCalendar
from tahseel.kernel.errors import Fault
from tahseel.registry.feeds import rules
from tahseel.registry.feeds.values import Answer, Control, Kind, Registry, Standing

KEY = signing.key_of("civil")
REGISTRY = Registry(
    "civil", "سجل", "Registry", frozenset({Kind.DEATH, Kind.NAME}), 2, "http://127.0.0.1:1",
    KEY.id, base64.b64decode(KEY.public_text),
)  # fmt: skip
WEEK = WorkingCalendar(frozenset({4, 5}), frozenset())
GOOD: dict[str, Any] = {
    "number": "DTH-00000001",
    "version": 1,
    "kind": "death",
    "state": "issued",
    "published_on": "2026-11-24",
    "facts": {"civil_id": "288020122596", "died_on": "2026-11-20", "certificate": "C1"},
}


def signed(body: bytes, query: str = "after=0", key: signing.SigningKey = KEY) -> dict[str, str]:
    fields = signing.sign(
        key, status=200, path="/civil/records", query=query, body=body, created=1_795_000_000
    )
    return {name.lower(): value for name, value in fields.items()}


def verify(body: bytes, fields: dict[str, str], query: str = "after=0") -> None:
    answer = Answer("civil", "/civil/records", query, body)
    rules.verify(registry=REGISTRY, answer=answer, status=200, fields=fields)


def test_a_signed_answer_to_the_question_is_believed() -> None:
    body = b'{"records":[]}'

    verify(body, signed(body))

    with pytest.raises(Fault):
        verify(body, signed(body), query="after=7")


@pytest.mark.parametrize(
    ("spoil", "retry"),
    [
        (lambda f: f.pop("signature"), False),
        (lambda f: f.pop("content-digest"), True),
        (lambda f: f.update({"signature": "registry=:AAAA:"}), False),
        (lambda f: f.update({"signature": "registry=:****:"}), False),
        (lambda f: f.update({"signature-input": f["signature-input"].replace("-1", "-2")}), False),
        (lambda f: f.update({"signature-input": 'registry=("@status");alg="ed25519"'}), False),
        (lambda f: f.update({"content-digest": "sha-256=:AAAA:"}), True),
    ],
)
def test_an_answer_that_is_not_wholly_signed_is_a_fault(
    spoil: Callable[[dict[str, str]], Any], retry: bool
) -> None:
    body = b'{"records":[]}'
    fields = signed(body)

    spoil(fields)

    with pytest.raises(Fault) as fault:
        verify(body, fields)
    assert fault.value.retry is retry


def test_an_answer_signed_by_another_key_under_the_known_name_is_a_fault() -> None:
    body = b"{}"
    forged = signing.SigningKey(KEY.id, "somebody else")

    with pytest.raises(Fault, match="signature is wrong"):
        verify(body, signed(body, key=forged))


def test_a_record_of_the_agreed_form_has_nothing_wrong() -> None:
    record = rules.read_record(GOOD, REGISTRY)

    assert record.wrong == ""
    assert (record.number, record.version) == ("DTH-00000001", 1)
    assert record.published_on == date(2026, 11, 24)
    assert "288020122596" not in repr(record)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"number": 7}, "number_missing"),
        ({"number": ""}, "number_missing"),
        ({"version": 0}, "version_wrong"),
        ({"version": True}, "version_wrong"),
        ({"version": "1"}, "version_wrong"),
        ({"kind": "title"}, "kind_unexpected"),
        ({"kind": ["death"]}, "kind_unexpected"),
        ({"state": "lost"}, "state_unexpected"),
        ({"published_on": "24/11/2026"}, "day_wrong"),
        ({"facts": None}, "facts_missing"),
        ({"facts": {"civil_id": "1"}}, "facts_missing"),
        ({"facts": {**GOOD["facts"], "died_on": "2026-02-30"}}, "day_wrong"),
        ({"facts": {**GOOD["facts"], "certificate": 7}}, "facts_wrong"),
    ],
)
def test_a_record_of_another_form_says_what_is_wrong(change: dict[str, Any], wrong: str) -> None:
    assert rules.read_record({**GOOD, **change}, REGISTRY).wrong == wrong


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4))
def test_whatever_comes_as_a_record_is_read_without_an_error(row: Any) -> None:
    record = rules.read_record(row, REGISTRY)

    assert record.wrong
    assert record.number.startswith("unnumbered-")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"records":1}', b"\xff"])
def test_what_is_no_page_is_a_fault(body: bytes) -> None:
    with pytest.raises(Fault):
        rules.read_page(registry=REGISTRY, body=body, after="")


def test_a_page_that_was_not_asked_for_is_a_fault() -> None:
    page = {"registry": "civil", "after": "5", "next": "6", "more": False, "records": []}
    body = json.dumps(page).encode()

    read = rules.read_page(registry=REGISTRY, body=body, after="5")

    assert (read.following, read.records) == ("6", ())
    with pytest.raises(Fault):
        rules.read_page(registry=REGISTRY, body=body, after="4")


drawn = st.lists(
    st.tuples(
        st.sampled_from(["DTH-00000001", "DTH-00000002", "NAM-00000001"]),
        st.integers(1, 3),
        st.dates(date(2026, 1, 1), date(2026, 1, 3)),
    ),
    max_size=12,
)


@given(drawn, st.randoms())
def test_our_figures_are_the_ones_that_the_registry_counts(
    rows: list[tuple[str, int, date]], chance: Any
) -> None:
    published = {
        (number, version): theirs.Record(
            number, version, "death", "issued", day.isoformat(), {"died_on": day.isoformat()}
        )
        for number, version, day in rows
    }
    came = [record for record in published.values() for _ in range(2)]
    chance.shuffle(came)

    ours = rules.control(
        (r.number, r.version, r.kind, hashlib.sha256(r.canonical()).digest()) for r in came
    )

    figures = theirs.control(published.values())
    assert (ours.count, ours.digest, dict(ours.kinds)) == (
        figures["count"], figures["digest"], figures["kinds"],
    )  # fmt: skip
    assert rules.differences(ours, ours) == ()


def test_differences_name_the_kinds_and_then_the_contents() -> None:
    ours = Control(3, "a", {"death": 1, "name": 2})
    fewer = Control(4, "b", {"death": 2, "name": 2})
    other = Control(3, "b", {"death": 1, "name": 2})

    assert rules.differences(ours, fewer) == ("death: 1 of 2",)
    assert rules.differences(ours, other) == ("digest",)


def test_a_registry_is_silent_after_more_working_days_than_it_may_be_quiet() -> None:
    thursday = date(2026, 11, 19)

    def silent(today: date, newest: date | None = thursday) -> bool:
        return rules.is_silent(registry=REGISTRY, newest_on=newest, today=today, calendar=WEEK)

    assert [silent(thursday + timedelta(days=n)) for n in (3, 4, 5, 6)] == [
        False, False, False, True,
    ]  # fmt: skip
    assert silent(thursday, None)


def test_a_final_standing_has_no_way_out() -> None:
    final = {standing for standing in Standing if rules.STANDING.is_final(standing)}

    assert final == set(Standing) - rules.RETRIED

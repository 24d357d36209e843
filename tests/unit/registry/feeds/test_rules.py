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
        ({"number": "DTH\0"}, "number_missing"),
        ({"kind": "death\0"}, "kind_unexpected"),
        ({"state": "lost"}, "state_unexpected"),
        ({"state": []}, "state_unexpected"),
        ({"state": {}}, "state_unexpected"),
        ({"published_on": "24/11/2026"}, "day_wrong"),
        ({"facts": None}, "facts_missing"),
        ({"facts": {"civil_id": "1"}}, "facts_missing"),
        ({"facts": {**GOOD["facts"], "died_on": "2026-02-30"}}, "day_wrong"),
        ({"facts": {**GOOD["facts"], "certificate": 7}}, "facts_wrong"),
        ({"facts": {**GOOD["facts"], "certificate": True}}, "facts_wrong"),
        ({"facts": {**GOOD["facts"], "certificate": "C\0"}}, "facts_wrong"),
    ],
)
def test_a_record_of_another_form_says_what_is_wrong(change: dict[str, Any], wrong: str) -> None:
    assert rules.read_record({**GOOD, **change}, REGISTRY).wrong == wrong


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4))
def test_whatever_comes_as_a_record_is_read_without_an_error(row: Any) -> None:
    record = rules.read_record(row, REGISTRY)

    assert record.wrong
    assert record.number.startswith("unnumbered-")


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 2**63)
    | st.floats()
    | st.text("a0\0\ud800ض", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
NAMES = [*GOOD, *GOOD["facts"]]


@given(st.dictionaries(st.sampled_from(NAMES), anything))
def test_a_record_with_any_field_spoilt_is_a_fault_or_fits_its_columns(
    spoilt: dict[str, Any],
) -> None:
    facts = {**GOOD["facts"], **{k: v for k, v in spoilt.items() if k in GOOD["facts"]}}
    row = {**GOOD, "facts": facts, **{k: v for k, v in spoilt.items() if k in GOOD}}

    try:
        (record,) = rules.read_page(
            registry=REGISTRY, body=page_of(json.dumps(row)), after="0"
        ).records
    except Fault:
        return

    assert not rules.UNSTORABLE.search(record.number + record.kind + record.state)
    assert type(record.version) is int
    assert 0 <= record.version < 2**31
    assert record.wrong or {type(value) for value in record.facts.values()} == {str}


def page_of(row: str) -> bytes:
    text = f'{{"registry":"civil","after":"0","next":"1","more":false,"records":[{row}]}}'
    return text.encode()


@pytest.mark.parametrize("depth", [300, 980, 1_010, 100_000])
def test_a_record_nested_without_end_is_a_fault_or_parked(depth: int) -> None:
    body = page_of('{"number":"DTH-00000001","facts":' + "[" * depth + "]" * depth + "}")

    try:
        (record,) = rules.read_page(registry=REGISTRY, body=body, after="0").records
    except Fault:
        return

    assert (record.number, record.wrong) == ("DTH-00000001", "version_wrong")


@pytest.mark.parametrize(
    ("spoilt", "wrong"),
    [
        ('"certificate":"\\ud83d"', "facts_missing"),
        ('"certificate":NaN', "facts_wrong"),
        (f'"certificate":{2**70}', "facts_wrong"),
    ],
)
def test_a_record_that_a_strict_reader_refuses_leaves_the_rest_of_its_page(
    spoilt: str, wrong: str
) -> None:
    row = json.dumps(GOOD).replace('"certificate": "C1"', spoilt)
    body = page_of(f"{row},{json.dumps({**GOOD, 'number': 'DTH-00000002'})}")

    first, second = rules.read_page(registry=REGISTRY, body=body, after="0").records

    assert (first.number, first.version, first.wrong) == ("DTH-00000001", 1, wrong)
    assert (second.number, second.wrong) == ("DTH-00000002", "")
    assert first.canonical.decode()


@given(st.dictionaries(st.sampled_from(["next", "more", "records", "after"]), anything))
def test_a_page_with_anything_spoilt_is_a_fault_or_a_page(spoilt: dict[str, Any]) -> None:
    body = json.dumps({**json.loads(page_of(json.dumps(GOOD))), **spoilt}).encode()

    try:
        page = rules.read_page(registry=REGISTRY, body=body, after="0")
    except Fault:
        return

    assert type(page.following) is str
    assert "\0" not in page.following
    assert type(page.more) is bool


@given(st.dictionaries(st.sampled_from(["count", "digest", "kinds", "day"]), anything))
def test_figures_with_anything_spoilt_are_a_fault_or_figures(spoilt: dict[str, Any]) -> None:
    day = date(2026, 11, 24)
    good = {"registry": "civil", "day": str(day), "count": 1, "digest": "ab", "kinds": {"death": 1}}
    body = json.dumps({**good, **spoilt}).encode()

    try:
        told = rules.read_control(registry=REGISTRY, body=body, day=day)
    except Fault:
        return

    assert type(told.count) is int
    assert {type(n) for n in told.kinds.values()} <= {int}
    assert "\0" not in told.digest + "".join(told.kinds)


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

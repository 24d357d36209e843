"""Channels are data, and what proves service is decided by them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tahseel.countries.kuwait import country
from tahseel.trust.notices import rules, values
from tahseel.trust.notices.values import MACHINE, Channel, DeliveryStatus, NewNotice

NOTICE = NewNotice(UUID(int=1), "arrears", "sms", UUID(int=2), "claim:1", "نص", "text", "965", "N1")


def row(**change: Any) -> dict[str, Any]:
    return {
        "code": "letter",
        "name_ar": "كتاب",
        "name_en": "Letter",
        "statutory": True,
        "serves": ["delivered"],
        "proof": ["receipt"],
        "source": "law",
        "confidence": "H",
        **change,
    }


def loaded(**change: Any) -> Channel:
    return rules.load_channels({"channel": [row(**change)]})[0]


def test_the_countrys_channels_name_their_law() -> None:
    channels = rules.load_channels(country.data("channels"))

    assert {c.code for c in channels if c.statutory} == {
        "process_server",
        "registered_letter",
        "sahel",
        "counter",
    }
    assert all(c.source and c.confidence in country.CONFIDENCES for c in channels)


def test_only_the_named_states_of_a_statutory_channel_prove_service() -> None:
    letter = loaded()
    message = loaded(statutory=False, serves=[], proof=[])

    assert rules.proves_service(letter, DeliveryStatus.DELIVERED)
    assert not rules.proves_service(letter, DeliveryStatus.SENT)
    assert not any(rules.proves_service(message, status) for status in DeliveryStatus)


def test_blank_evidence_is_no_evidence() -> None:
    letter = loaded(proof=["receipt", "signed_by"])

    assert rules.missing_proof(letter, {"receipt": " ", "signed_by": None}) == [
        "receipt",
        "signed_by",
    ]
    assert rules.missing_proof(letter, {"receipt": "R1", "signed_by": "x"}) == []


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "0 channels"),
        ([row(), row()], "twice"),
        ([{"code": "x"}], "lacks"),
        ([row(serves=["arrived"])], "arrived"),
        ([row(serves=[])], "only then"),
        ([row(statutory=False)], "only then"),
        ([row(proof=[])], "only then"),
    ],
)
def test_faulty_data_is_refused_with_its_reason(rows: list[Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        rules.load_channels({"channel": rows})


@pytest.mark.parametrize("field", ["kind", "channel", "subject", "body_ar", "body_en", "address"])
def test_every_word_of_a_notice_is_in_its_hash(field: str) -> None:
    changed = replace(NOTICE, **{field: "another"})

    assert rules.notice_hash(changed) != rules.notice_hash(NOTICE)
    assert rules.notice_hash(replace(NOTICE)) == rules.notice_hash(NOTICE)


def test_every_state_of_delivery_can_be_reached() -> None:
    assert MACHINE.reachable() == set(DeliveryStatus)


def test_channels_are_asked_for_only_once_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "_installed", {})

    with pytest.raises(LookupError):
        values.channels()

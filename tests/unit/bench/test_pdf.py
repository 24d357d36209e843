"""The promise `pdf`: what its process measured, as a promise held or not; bills that differ."""

from __future__ import annotations

from typing import Any

import pytest
from bench import pdf, pdf_peer, pdf_town


def measured(ours: float, peer: float, differing: list[Any] | None = None) -> dict[str, Any]:
    return {
        "ours": {"cpu": ours, "wall": ours, "bytes": 1.0},
        "peer": {"cpu": peer, "wall": peer, "bytes": 1.0},
        "compared": 1,
        "differing": differing or [],
        "peer_is": "a peer",
    }


@pytest.mark.parametrize(
    ("found", "held"),
    [
        (measured(80.0, 10.0), True),
        (measured(80.0, 10.1), False),
        (measured(59.9, 1.0), False),
        (measured(80.0, 10.0, [{"bill": 3}]), False),
    ],
)
def test_the_promise_wants_the_ratio_the_rate_and_the_same_words(
    found: dict[str, Any], *, held: bool
) -> None:
    assert pdf.result(found, {})["held"] is held


def test_no_two_bills_of_the_run_are_the_same() -> None:
    bills = [pdf_town.addressed(place) for place in range(300)]

    assert len({bill.told.view.bill.total for bill in bills}) == 300
    assert len({bill.pay_url for bill in bills}) == 300
    assert pdf_town.addressed(7) == bills[7]


def test_the_peer_shows_a_hostile_name_as_text() -> None:
    assert pdf_peer.shown(["<b>x</b> ", {"n": "1&2"}]) == (
        '&lt;b&gt;x&lt;/b&gt; <bdi dir="ltr">1&amp;2</bdi>'
    )

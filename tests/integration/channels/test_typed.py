"""Garbage in what a page is asked for, and in words that no form of ours checks first."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.channels.test_attacks import HOSTILE, counts, session_of
from tests.integration.channels.test_crew_visits import booked
from tests.integration.channels.test_place_acts import crew

from tahseel.consumption.appointments import queries
from tahseel.consumption.appointments.values import Booking, State

__all__ = ["booked", "crew"]


@pytest.mark.usefixtures("world", "crew")
@pytest.mark.parametrize(
    ("who", "path", "names"),
    [
        ("clerk", "/exceptions/", ("rule", "sector", "area", "service", "state", "page")),
        ("clerk", "/rounds/", ("area", "state")),
        ("clerk", "/places/", ("q",)),
        ("inspector", "/places/visits/", ("day",)),
        ("clerk", "/desk/bills/", ("work", "page")),
        ("office_head", "/rounds/self-reads/", ("state", "page")),
    ],
)
def test_nothing_that_a_page_is_asked_for_breaks_it(
    sign_in: Any, who: str, path: str, names: tuple[str, ...]
) -> None:
    client = session_of(sign_in(who), strict=False)
    before = counts()

    told = {
        (name, text[:12]): client.get(path, {name: text}).status_code
        for name in names
        for text in HOSTILE
    }

    assert max(told.values()) < 500, told
    assert counts() == before


def test_nothing_that_a_crew_notes_breaks_the_page_of_visits(
    sign_in: Any, world: Any, booked: Booking
) -> None:
    client = session_of(sign_in("inspector"), strict=False)
    address = f"/places/visits/{booked.id}/"

    told = [client.post(address, {"became": "kept", "note": text}).status_code for text in HOSTILE]
    found = queries.booking(booking_id=booked.id)
    page = client.get("/places/visits/").content.decode()

    assert told == [400, 302, *[409] * (len(HOSTILE) - 2)]  # a NUL is refused, the rest is a note
    assert found is not None
    assert found.state is State.KEPT
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_said_of_a_charge_breaks_its_page(
    world: Any, sign_in: Any, text: str
) -> None:
    client = session_of(sign_in("office_head"), strict=False)

    answer = client.post(f"/places/access/{world.resident}/", {"reason": text})

    assert answer.status_code == (400 if text == "\x00" else 404)

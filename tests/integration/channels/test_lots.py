"""The pages of lots: what could be one, who forms it, its sample, and who takes another meter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.integration.channels.test_place_acts import crew, meter_of

from tahseel.consumption.metrology import operations
from tahseel.consumption.metrology.queries import lots
from tahseel.kernel.actor import system

__all__ = ["crew"]
LOTS = "/meters/lots/"


@pytest.fixture
def meter_id(world: Any, crew: None) -> UUID:
    """A meter whose certification ends in a month."""
    found: UUID = meter_of(world)
    until = world.today + timedelta(days=30)
    operations.certify_many(
        actor=system("test"), at=world.now - timedelta(days=3000), batch="made",
        certified=[(found, until.replace(year=until.year - 8, day=1), until, "M-1")],
    )  # fmt: skip
    return found


def told(world: Any) -> dict[str, str]:
    [one] = lots.candidates(day=world.today)
    return {
        "service": str(one.batch.service), "make": one.batch.make, "phase": one.batch.phase,
        "year": str(one.batch.year),
    }  # fmt: skip


def formed(world: Any, sign_in: Any) -> str:
    done = sign_in("office_head").post(f"{LOTS}form/", told(world))
    assert done.status_code == 302
    return str(done.url)


def test_a_head_forms_a_lot_and_its_page_shows_seed_and_sample(
    world: Any, meter_id: UUID, sign_in: Any
) -> None:
    before = sign_in("office_head").get(LOTS).content.decode()

    page = formed(world, sign_in)

    [lot] = lots.lots()
    shown = sign_in("clerk", language="ar").get(page).content.decode()
    assert "Form the lot" in before
    assert (lot.seed in shown, "العينة قيد الفحص" in shown, "E-00001" in shown) == (True,) * 3
    assert f"{LOTS}{lot.id}/" in sign_in("inspector").get(LOTS).content.decode()


def test_a_clerk_sees_lots_and_forms_none(
    world: Any, meter_id: UUID, sign_in: Any, leaves: Any
) -> None:
    answer = sign_in("clerk").post(f"{LOTS}form/", told(world))

    assert answer.status_code == 403
    assert "Form the lot" not in sign_in("clerk").get(LOTS).content.decode()
    assert lots.lots() == []
    assert [one["outcome"] for one in leaves()].count("denied") == 1


def test_a_form_that_names_no_batch_forms_nothing(meter_id: UUID, sign_in: Any) -> None:
    client = sign_in("office_head")

    empty = client.post(f"{LOTS}form/", {"make": "x"})
    unknown = client.post(
        f"{LOTS}form/", {"service": "water", "make": "x", "phase": "none", "year": "2018"}
    )

    assert (empty.status_code, unknown.status_code) == (422, 409)
    assert lots.lots() == []


def test_a_meter_that_cannot_be_tested_is_passed_over_with_a_reason(
    world: Any, meter_id: UUID, sign_in: Any
) -> None:
    page, client = formed(world, sign_in), sign_in("office_head")

    silent = client.post(f"{page}pass-over/", {"meter": str(meter_id), "reason": " "})
    denied = sign_in("inspector").post(
        f"{page}pass-over/", {"meter": str(meter_id), "reason": "Locked"}
    )
    done = client.post(f"{page}pass-over/", {"meter": str(meter_id), "reason": "Locked"})

    shown = client.get(page).content.decode()
    assert (silent.status_code, denied.status_code, done.status_code) == (422, 403, 302)
    assert ("Locked" in shown, "Not accepted" in shown, 'id="orders"' in shown) == (True,) * 3


def test_an_unknown_lot_is_not_found(meter_id: UUID, sign_in: Any) -> None:
    assert sign_in("clerk").get(f"{LOTS}{meter_id}/").status_code == 404
    gone = sign_in("office_head").post(
        f"{LOTS}{meter_id}/pass-over/", {"meter": str(meter_id), "reason": "Locked"}
    )
    assert gone.status_code == 404

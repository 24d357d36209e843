"""Who is liable for a unit on any past day: one answer, with its acts, as a page and as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.channels.test_place_acts import unit_of
from tests.integration.channels.world import JOB

from tahseel.kernel.ids import new_id
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity, Role


def ask(client: Any, world: Any, day: Any) -> Any:
    return client.get(f"/api/v1/units/{unit_of(world)}/liable?day={day.isoformat()}")


@pytest.fixture
def handed(world: Any) -> Any:
    """The resident handed his flat to the neighbour forty days ago."""
    day = world.today - timedelta(days=40)
    supply.transfer(
        actor=JOB, at=world.now, account_id=world.accounts[world.resident],
        to_customer_id=world.neighbour, on_day=day, capacity=Capacity.TENANT,
    )  # fmt: skip
    return day


def test_each_day_has_its_own_debtor_and_the_acts_that_made_him(
    sign_in: Any, world: Any, handed: Any
) -> None:
    clerk = sign_in("clerk")

    before = ask(clerk, world, handed - timedelta(days=1)).json()
    since = ask(clerk, world, handed).json()
    never = ask(clerk, world, world.today - timedelta(days=20_000)).json()

    assert (before["customer"], since["customer"]) == (str(world.resident), str(world.neighbour))
    assert before["until_day"] == since["from_day"] == handed.isoformat()
    assert {point["customer"] for point in since["points"]} == {str(world.neighbour)}
    assert len(since["acts"]) > len(before["acts"]) > 0
    assert all(act["day"] < handed.isoformat() for act in before["acts"])
    assert (never["account"], never["customer"], never["acts"]) == ("", None, [])


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_page_names_the_debtor_of_the_day_with_the_acts(
    sign_in: Any, world: Any, handed: Any, language: str
) -> None:
    clerk = sign_in("clerk", language=language)
    page = f"/places/units/{unit_of(world)}/liable/"

    before = clerk.get(f"{page}?day={(handed - timedelta(days=1)).isoformat()}").content.decode()
    now = clerk.get(page).content.decode()

    assert f"/desk/customers/{world.resident}/" in before
    assert f"/desk/customers/{world.neighbour}/" in now
    assert world.number(world.resident) in now
    assert 'id="acts"' in now
    assert page in clerk.get(f"/places/units/{unit_of(world)}/").content.decode()


def test_bad_days_unknown_units_and_customers_are_refused(sign_in: Any, world: Any) -> None:
    clerk = sign_in("clerk")
    page = f"/places/units/{unit_of(world)}/liable/"

    assert clerk.get(f"{page}?day=yesterday").status_code == 422
    assert clerk.get(f"/places/units/{new_id(world.now)}/liable/").status_code == 404
    assert clerk.get(f"/api/v1/units/{new_id(world.now)}/liable").status_code == 404
    assert clerk.get(f"/api/v1/units/{unit_of(world)}/liable?day=x").status_code == 422
    assert sign_in("resident").get(page).status_code == 403


def test_an_old_day_of_a_long_story_has_its_acts(sign_in: Any, world: Any, handed: Any) -> None:
    account = world.accounts[world.resident]
    whose = ((world.neighbour, Role.BENEFICIARY), (world.resident, Role.OCCUPANT))
    for n in range(30):
        day = handed + timedelta(days=1 + n)
        for who, role in whose:
            supply.name_party(
                actor=JOB, at=world.now, account_id=account, customer_id=who, role=role,
                from_day=day, until_day=day + timedelta(days=1),
            )  # fmt: skip

    before = ask(sign_in("clerk"), world, handed - timedelta(days=1)).json()

    assert {act["code"] for act in before["acts"]} >= {"supply.opened", "supply.became_liable"}
    assert all(act["leaf"] for act in before["acts"] if act["code"] == "supply.became_liable")

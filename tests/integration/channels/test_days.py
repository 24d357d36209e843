"""Days that cannot be meant, typed into every field for a day of every form of the product."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.test import Client, override_settings
from tests.integration.channels import ministries, quarter_hours
from tests.integration.channels import test_place_acts as place_acts
from tests.integration.channels.test_attacks import counts, session_of
from tests.integration.channels.test_place_acts import crew
from tests.meta import house

from tahseel.channels.accounts.acts import ACTS as ACCOUNT_ACTS
from tahseel.channels.desk.people_acts import ACTS

__all__ = ["crew"]
EXTREME = ("0001-01-01", "1899-12-31", "2200-01-01", "9996-01-01", "9999-12-31", "٩٩٩٩-١٢-٣١")
ENDS_OF_UNITS = ("split", "merge", "demolish")


@dataclass
class FormSeen:
    """A form of a page: where it leads, and what a hasty hand would type into it."""

    method: str
    action: str
    given: dict[str, str] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """Every form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[FormSeen] = []
        self.choosing = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.seen.append(FormSeen(facts.get("method", "get").lower(), facts.get("action", "")))
        elif self.seen and tag == "input" and facts.get("name"):
            self._typed(self.seen[-1], facts)
        elif self.seen and tag == "textarea" and facts.get("name"):
            self.seen[-1].given[facts["name"]] = "because"
        elif tag == "select":
            self.choosing = facts.get("name", "")
        elif tag == "option" and self.choosing and facts.get("value"):
            self.seen[-1].given.setdefault(self.choosing, facts["value"])

    def _typed(self, form: FormSeen, facts: dict[str, str]) -> None:
        if facts.get("type") == "date":
            form.days.append(facts["name"])
        elif facts.get("type") != "file":
            form.given.setdefault(facts["name"], facts.get("value") or "1")


def forms_with_days(client: Client, path: str) -> Iterator[FormSeen]:
    answer = client.get(path)
    assert answer.status_code in {200, 404}, (path, answer.status_code)  # an act may not fit
    page = Forms()
    page.feed(answer.content.decode())
    for form in page.seen:
        if form.days:
            form.action = form.action or path
            yield form


def declared() -> set[str]:
    """The name of every field for a day that any form has."""
    found = set()
    for source in house.sources(house.SOURCE / "channels"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Assign) and "DayField(" in ast.unparse(node.value):
                found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.Tuple) and "DayField(" in ast.unparse(node):
                found |= {ast.literal_eval(e) for e in node.elts if isinstance(e, ast.Constant)}
    return found


def places_of(world: Any) -> list[tuple[str, str]]:
    """(sign-in, address) of every page that asks for a day."""
    from tahseel.registry.supply.models import Account

    bodies = ministries.build(world)
    account = Account.objects.get(pk=world.accounts[world.resident])
    number = world.number(world.resident)
    plant = _plant(world)
    people = [("clerk", f"/desk/customers/{world.resident}/{code}/") for code in ACTS]
    units = [("office_head", f"/places/units/{account.unit_id}/{a}/") for a in ENDS_OF_UNITS]
    acts = [("office_head", f"/desk/accounts/{number}/acts/{code}/") for code in ACCOUNT_ACTS]
    return [
        *people,
        *acts,
        *units,
        ("office_head", f"/places/units/{plant}/"),
        ("clerk", f"/desk/accounts/{number}/statement/"),
        ("clerk", f"/desk/accounts/{number}/collective/"),
        ("clerk", f"/desk/accounts/{number}/move-in/"),
        ("clerk", f"/desk/accounts/{number}/move-out/"),
        ("clerk", f"/desk/accounts/{number}/stops/{_stop(world, account.id)}/confirm/"),
        ("clerk", "/services/temporary_supply/apply/"),
        ("clerk", f"/accounts/{number}/intervals/"),
        ("clerk", f"/timeline/account/{account.id}/"),
        ("revenue_manager", f"/bodies/{bodies['ministry']}/"),
        ("inspector", place_acts.on(world, "seal")),
        ("inspector", f"/exceptions/{_crew_out(world)}/"),
        ("inspector", f"/places/meters/{_meter()}/tests/"),
        ("resident", f"/accounts/{number}/intervals/"),
    ]


def _stop(world: Any, account_id: UUID) -> UUID:
    from tahseel.kernel.quantity import Service
    from tahseel.registry.supply import operations as supply

    (stop,) = supply.order_stop(
        actor=world.town.head, at=world.now, account_id=account_id, reason="debt",
        services=[Service.WATER], reference="N 1",
    )  # fmt: skip
    return stop


def _meter() -> UUID:
    from tahseel.registry.meters import queries as meters

    return meters.meters_by_serial(serials=["E-00001"])["E-00001"].id


def _crew_out(world: Any) -> UUID:
    """An exception for which a crew is out."""
    from tahseel.consumption.exceptions import queries

    meter_id = _meter()
    quarter_hours.fill(meter_id, world.now)
    quarter_hours.judge(meter_id, world)
    found = queries.of_meter(meter_id=meter_id)
    return next(one.id for one in found if queries.orders_of(exception_id=one.id))


def _plant(world: Any) -> UUID:
    from tahseel.registry.premises import operations as premises
    from tahseel.registry.premises.values import Sector, UnitKind

    (plant,) = world.town.units(1, kind=UnitKind.PLANT, sector=Sector.INDUSTRIAL)
    premises.record_certificate(
        actor=world.town.head, at=world.now, id=world.town.make_id(world.now), unit_id=plant.id,
        kind="productive_factory", number="PAI-1234",
        valid_from=world.today - timedelta(days=300), valid_until=world.today + timedelta(days=40),
    )  # fmt: skip
    return UUID(str(plant.id))


def let_through(client: Client, form: FormSeen) -> list[tuple[str, int]]:
    """(day, status) of whatever the form did not refuse in words."""
    send = client.post if form.method == "post" else client.get
    found = []
    for day in EXTREME:
        answer = send(form.action.split("#")[0], {**form.given, **dict.fromkeys(form.days, day)})
        if answer.status_code >= 500 or "1900 to 2199" not in answer.content.decode():
            found.append((day, answer.status_code))
    return found


def test_a_day_that_cannot_be_meant_is_refused_by_every_form_and_changes_nothing(
    world: Any, sign_in: Any, crew: None, tmp_path: Path
) -> None:
    met: set[str] = set()
    wrong = []

    with override_settings(LAKE=str(tmp_path / "lake")):
        pages = places_of(world)
        clients = {who: session_of(sign_in(who), strict=False) for who, _ in pages}
        before = counts()
        for who, path in pages:
            for form in forms_with_days(clients[who], path):
                met |= {name.rpartition("-")[2] for name in form.days}
                wrong += [(who, form.action, *fault) for fault in let_through(clients[who], form)]

    assert not wrong, wrong
    assert met == declared()
    assert counts() == before

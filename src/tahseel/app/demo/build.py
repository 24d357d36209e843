"""Builds the synthetic country, from an empty database to the day of the demonstration."""

from __future__ import annotations

import gc
import secrets as chance_of_the_machine
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from tahseel.app import agenda
from tahseel.app.demo import (
    beside,
    bodies,
    buildings,
    groups,
    history,
    late_papers,
    lives,
    odd_bills,
    payers,
    places,
    real_files,
    stock,
    takeovers,
    tenancies,
    truth,
    usage,
    walks,
)
from tahseel.app.demo.people import Party, Population
from tahseel.app.demo.real_files import RealFiles
from tahseel.app.demo.values import BUILDER, Chance, Plan, at_hour
from tahseel.app.jobs import DAY_JOBS
from tahseel.charging.billing import operations as billing
from tahseel.countries.kuwait import country as kuwait
from tahseel.kernel.period import BillingMonth
from tahseel.recovery.clearance import telling
from tahseel.recovery.clearance.projector import Projector
from tahseel.recovery.clearance.replica import Writer
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind, NewCustomer
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises import rules as premises_rules
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import NewAccount, NewLiability

BATCH = "synthetic-country"
STOPPING = 8
GARBAGE_THRESHOLD = 200_000  # a build makes many small values and few cycles
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Country:
    """What was built: the parties in the order of their accounts, and what files brought."""

    plan: Plan
    parties: tuple[Party, ...]
    account_ids: tuple[UUID, ...]
    files: RealFiles


def build(*, plan: Plan, progress: Progress) -> Country:
    """Build it all. The database must be empty and migrated."""
    clear_stores()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    chance = Chance(plan.seed)
    data = demo_data()
    opened = at_hour(opened_on(plan), 8)
    book = premises_rules.load_areas(kuwait.content("areas"))
    premises.install_areas(actor=BUILDER, at=opened, book=book)
    progress("places", 0, 1)
    built = places.Builder(
        plan=plan, chance=chance, book=book, areas=kuwait.data("areas"), data=data
    ).build()
    town = buildings.Maker(plan=plan, chance=chance, data=data).make(built)
    places.store(places=town.places, beside=town.beside, at=opened)
    _devices(town.places, plan, chance, opened)
    progress("places", 1, 1)
    progress("people", 0, 1)
    population = Population(plan=plan, chance=chance, names=kuwait.data("names"), data=data)
    parties = lives.held_by_papers(
        population.customers, population.settle(built.homes), chance, opened
    )
    happens = tenancies.draw(
        plan=plan, chance=chance, parties=parties, population=population,
        stopping=_stopping(parties), homes=town.places.homes,
    )  # fmt: skip
    registered = bodies.with_departments(population.customers)
    customers.register_many(actor=BUILDER, at=opened, batch=BATCH, customers=registered)
    bodies.conclude(registered, at=opened)
    account_ids = _open_accounts(parties, chance, happens, registered, opened)
    happens.take_deposits(opened)
    progress("people", 1, 1)
    progress("files", 0, 1)
    drawn = usage.draw(homes=built.homes, months=plan.months, chance=chance, data=data)
    files = real_files.attach(plan=plan, usage=drawn, first=_meters_of_citizens(parties))
    drawn = _as_read(drawn, files, happens)
    progress("files", 1, 1)
    country = Country(plan, tuple(parties), tuple(account_ids), files)
    _play(country, chance, drawn, progress, happenings=town.happenings, tenancies_of=happens)
    progress("lives", 0, 1)
    _last_days(country, happens, chance)
    progress("lives", 1, 1)
    progress("arrivals", 0, 1)
    _arrive(country, chance)
    agenda.day_is_over(jobs=DAY_JOBS, day=plan.as_of, at=at_hour(plan.as_of, 23))
    telling.skip_history(at=at_hour(plan.as_of, 23))
    _analyse()
    progress("arrivals", 1, 1)
    return country


def _as_read(drawn: usage.Usage, files: RealFiles, happens: tenancies.Tenancies) -> usage.Usage:
    """Dials that follow the files linked to them, and a few of the last month read wrong."""
    follows = real_files.dials_follow(drawn, files.linked)
    linked = set(files.linked.values())
    return odd_bills.mistake(follows, parties=happens.untouched(), but=linked)


def _devices(town: places.Places, plan: Plan, chance: Chance, opened: datetime) -> None:
    stock.keep(places=town, chance=chance, at=opened)
    truth.certify(places=town, chance=chance, as_of=plan.as_of, at=opened)


def _last_days(country: Country, happens: tenancies.Tenancies, chance: Chance) -> None:
    plan, parties = country.plan, country.parties
    lives.live(plan=plan, parties=happens.untouched(), chance=chance)
    walks.plan(parties=parties, as_of=plan.as_of)
    late_papers.bring(plan=plan, parties=parties, chance=chance)
    beside.bring(plan=plan, account_ids=country.account_ids, chance=chance)
    takeovers.bring(plan=plan, parties=parties, account_ids=country.account_ids, chance=chance)


def _meters_of_citizens(parties: Sequence[Party]) -> frozenset[UUID]:
    citizens = [party for party in parties if party.kind == CustomerKind.CITIZEN]
    return frozenset(meter.meter_id for party in citizens for meter in party.home.meters)


def opened_on(plan: Plan) -> date:
    """When the accounts of the beginning were opened, and most tenancies began."""
    return plan.first_month.first_day - timedelta(days=30)


def demo_data() -> Mapping[str, Any]:
    """Kuwait's proportions for a synthetic country."""
    return kuwait.data("synthetic")


def clear_stores() -> None:
    """Empty what lies beside the database: raw files, lake, measures and replica."""
    for folder in (settings.RAW_FILES, settings.LAKE, settings.MEASURES, settings.REPLICA):
        shutil.rmtree(Path(folder), ignore_errors=True)


def _open_accounts(
    parties: Sequence[Party],
    chance: Chance,
    happens: tenancies.Tenancies,
    registered: Sequence[NewCustomer],
    at: datetime,
) -> list[UUID]:
    happens.account_ids = [chance.new_id("account", at) for _ in parties]
    accounts = [
        NewAccount(
            id=account_id,
            unit_id=party.home.unit.id,
            opened_on=at.date(),
            liabilities=(
                NewLiability(
                    id=chance.new_id("liability", at),
                    from_day=at.date(),
                    customer_id=party.customer_id,
                    capacity=party.capacity,
                ),
            ),
            parties=happens.roles(index, account_id, at.date()),
        )
        for index, (account_id, party) in enumerate(zip(happens.account_ids, parties, strict=True))
    ]
    supply.open_many(actor=BUILDER, at=at, batch=BATCH, accounts=accounts)
    groups.put(parties=parties, account_ids=happens.account_ids, customers=registered, at=at)
    return [account.id for account in accounts]


def _play(
    country: Country,
    chance: Chance,
    drawn: usage.Usage,
    progress: Progress,
    *,
    happenings: Sequence[buildings.Happening],
    tenancies_of: tenancies.Tenancies,
) -> None:
    plan, data = country.plan, demo_data()
    charged = beside.happenings(
        plan=plan, parties=country.parties, account_ids=country.account_ids, chance=chance
    )
    clock = history.Clock(at_hour(plan.first_month.first_day, 0))
    writer = Writer(settings.REPLICA)
    try:
        history.History(
            plan=plan,
            chance=chance,
            data=data,
            usage=drawn,
            happenings=[*happenings, *charged],
            payers=payers.make_payers(
                accounts=[
                    (account_id, party.customer_id, party.kind == CustomerKind.GOVERNMENT)
                    for account_id, party in zip(country.account_ids, country.parties, strict=True)
                ],
                stopping=_stopping(country.parties),
                chance=chance,
                data=data,
            ),
            clock=clock,
            projector=Projector(replica=writer, clock=clock.now),
            tenancies=tenancies_of,
        ).play(progress)
    finally:
        writer.close()


def _arrive(country: Country, chance: Chance) -> None:
    """The last night: meters tested and visits booked, new supply, what the registries tell."""
    from tahseel.app.demo import arrivals

    truth.find(parties=country.parties, account_ids=country.account_ids, as_of=country.plan.as_of)
    arrivals.arrive(
        parties=country.parties,
        account_ids=country.account_ids,
        opened_on=opened_on(country.plan),
        as_of=country.plan.as_of,
        chance=chance,
    )
    odd_bills.treat(as_of=country.plan.as_of)
    _bill_waiting(country.plan)


def _bill_waiting(plan: Plan) -> None:
    """Whom the last runs could not bill, because he was recorded after them."""
    last = BillingMonth.of(plan.as_of).previous()
    for month in (last.previous(), last):
        billing.bill_waiting(
            actor=BUILDER, at=at_hour(plan.as_of, 22), month=month, issued_on=plan.as_of
        )


def _stopping(parties: Sequence[Party]) -> frozenset[UUID]:
    """The first residents whose identity is verified: the demonstration shows and releases them."""
    residents = [p for p in parties if p.kind == CustomerKind.RESIDENT and p.verified]
    return frozenset(party.customer_id for party in residents[:STOPPING])


def _analyse() -> None:
    """Let the planner know what was loaded."""
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def password() -> str:
    """A fresh password for one demonstration, easy to read aloud."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    parts = ["".join(chance_of_the_machine.choice(alphabet) for _ in range(4)) for _ in range(3)]
    return "-".join(parts)

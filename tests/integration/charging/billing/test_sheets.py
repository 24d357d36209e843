"""Bills in columns are the bills made one by one: every row of every table, on towns of chance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection, transaction
from tests.integration.charging.billing.test_run import ISSUED, JULY, bill
from tests.integration.charging.charges.counter import given, owed, pay
from tests.integration.registry.town import AT, CLERK, HOUSE, Town, found

from tahseel.books.claims import queries as claims_queries
from tahseel.books.ledger import rules as ledger_rules
from tahseel.charging.billing import checking, queries, rules, sheets
from tahseel.charging.billing.operations import running
from tahseel.charging.charges import queries as charges_queries
from tahseel.charging.charges import rules as charges_rules
from tahseel.charging.charges.operations import asking
from tahseel.consumption.readings import storing
from tahseel.consumption.readings.values import Determinant, Method
from tahseel.countries.kuwait import country
from tahseel.kernel.errors import Broken
from tahseel.kernel.period import BillingMonth, start_of
from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)
from tahseel.registry.premises.values import NewUnit, Sector
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply import queries as supply_queries
from tahseel.registry.supply.values import Capacity, NewAccount, NewLiability, Vacancy

MONTHS = (BillingMonth(2026, 4), BillingMonth(2026, 5), BillingMonth(2026, 6))
LONG_AGO = date(2020, 1, 1)
HOUSES = 90
BY_ID = {
    "billing_bill": ("recorded_at,run_id", "account_id, month, sequence"),
    "billing_line": ("", "account_id, bill_id, line_no"),
    "ledger_entry": ("recorded_at", "account_id, version"),
    "ledger_balance": ("", "account_id"),
    "claims_claim": ("", "account_id, id"),
    "claims_application": ("", "account_id, payment_id"),
    "claims_allocation": ("", "account_id, id"),
    "claims_credit": ("place", "account_id, id"),
    "billing_held": ("id,held_at,run_id", "account_id, month, digest"),
    "billing_parked": ("parked_at,resolved_at,run_id", "account_id, month"),
    "charges_charge": ("", "id"),
}
ALIKE = {"ledger.post_charged": "ledger.post_many", "claims.open_columns": "claims.open"}
SECTORS = (Sector.INVESTMENT, Sector.PRIVATE, Sector.COMMERCIAL, Sector.GOVERNMENT,
           Sector.INDUSTRIAL, Sector.AGRICULTURAL)  # fmt: skip


class Place:
    """Accounts of every kind that a month can bring, by chance."""

    def __init__(self, town: Town, chance: random.Random) -> None:
        self.town, self.chance, self.make = town, chance, town.make_id
        units = [
            unit
            for sector in SECTORS
            for unit in town.units(HOUSES // len(SECTORS), sector=sector, dwellings=self._homes())
        ]
        self.hung = [self._meters(unit) for unit in units]
        payers = town.people(2 * len(units))
        opened = [
            self._account(unit, payers[2 * n], payers[2 * n + 1]) for n, unit in enumerate(units)
        ]
        supply.open_many(actor=HOUSE, at=AT, batch="place", accounts=opened)
        self.accounts = [one.id for one in opened]
        self.idle = set(self.accounts[::9])

    def one_in(self, times: int) -> bool:
        return self.chance.randrange(times) == 0

    def day(self) -> date:
        return date(2026, 7, self.chance.randint(2, 30))

    def _homes(self) -> int:
        return self.chance.choice((1, 1, 2, 7))

    def _meters(self, unit: NewUnit) -> dict[Service, list[UUID]]:
        """A meter a service; some were exchanged in July, some points have none."""
        hung: dict[Service, list[UUID]] = {}
        devices, installations = [], []
        for point in unit.services:
            if self.one_in(30):
                continue
            exchanged = self.day() if self.one_in(20) else None
            spans = ((LONG_AGO, exchanged), (exchanged, None)) if exchanged else ((LONG_AGO, None),)
            for since, until in spans:
                power = point.service is Service.ELECTRICITY
                dial = DialUnit.KWH if power else DialUnit.CUBIC_METRE
                register = NewRegister(self.make(AT), "1.8.0", RegisterKind.IMPORT, dial, 8)
                meter = self.make(AT)
                devices.append(
                    NewMeter(meter, str(meter), point.service, "Maker", Phase.NONE, (register,))
                )
                assert since is not None
                installations.append(NewInstallation(self.make(AT), meter, point.id, since, until))
                hung.setdefault(point.service, []).append(meter)
        meters.add_many(
            actor=HOUSE, at=AT, batch="place", meters=devices, installations=installations
        )
        return hung

    def _account(self, unit: NewUnit, payer: UUID, other: UUID) -> NewAccount:
        """Mostly one payer for ever; some changed in July, or went, or began then."""
        begins = self.day() if self.one_in(20) else LONG_AGO
        links = [NewLiability(self.make(AT), begins, payer, Capacity.OWNER)]
        if begins == LONG_AGO and self.one_in(10):
            links.append(NewLiability(self.make(AT), self.day(), other, Capacity.TENANT))
        elif begins == LONG_AGO and self.one_in(15):
            links.append(
                NewLiability(
                    self.make(AT), self.day(), None, Capacity.VACANT, Vacancy.OWNER_UNKNOWN
                )
            )
        return NewAccount(
            id=self.make(AT), unit_id=unit.id, opened_on=begins, liabilities=tuple(links)
        )

    def use(self, month: BillingMonth) -> None:
        """Determinants of most meters; some say nothing, much, estimates, or a part of the days."""
        storing.determinants(
            [
                one
                for account, hung in zip(self.accounts, self.hung, strict=True)
                for service, devices in hung.items()
                for meter in devices
                if not self.one_in(40)
                for one in self._used(account, meter, service, month)
            ],
            at=AT,
        )

    def _used(
        self, account: UUID, meter: UUID, service: Service, month: BillingMonth
    ) -> Iterator[Determinant]:
        usual = 3_000_000 if service is Service.ELECTRICITY else 40_000
        times = self.chance.choice((0, 10, 1_000)) if self.one_in(20) else 100
        quantity = usual * self.chance.randint(85, 115) * times // 10_000
        if account in self.idle:
            quantity = 0
        period = month.period
        start = self.day() if month is JULY and self.one_in(30) else period.start
        one = Determinant(
            account_id=account, meter_id=meter, month=month, version=1, service=service,
            quantity=quantity, method=self.chance.choice((Method.REGISTER, Method.INTERVAL)),
            from_at=start_of(start), to_at=start_of(period.end),
            from_value=None if self.one_in(5) else 7, to_value=None if self.one_in(5) else 9,
            days=(period.end - start).days, estimated_share=Decimal(0),
        )  # fmt: skip
        if self.one_in(25):
            one = replace(one, method=Method.ESTIMATED, estimated_share=Decimal(1))
        yield one
        if self.one_in(12):
            yield replace(one, version=2, quantity=quantity + 1_000)


def rows(table: str) -> list[str]:
    without, order = BY_ID[table]
    return _all(
        f"select (to_jsonb(t) - string_to_array('{without}', ','))::text from {table} t"
        f" order by {order}"
    )


def _all(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def told() -> tuple[Counter[str], list[str]]:
    """Events without their ids and runs; the average prices one by one."""
    events: Counter[str] = Counter()
    prices: list[str] = []
    for text in _all("select (to_jsonb(t) - 'id')::text from kernel_outbox t"):
        one = orjson.loads(text)
        if one["name"] == "billing:prices:averaged":
            prices += [str(price) for price in one["facts"]["prices"]]
            continue
        if one["name"] == "billing:bills:issued":
            one["subject"] = one["facts"]["run_id"] = ""
        events[str(one)] += 1
    return events, sorted(prices)


def leaves() -> dict[str, Counter[str]]:
    """What the leaves of each act say, added up; a chunk may post and open in two parts."""
    sums: dict[str, Counter[str]] = {}
    for text in _all("select convert_from(body, 'UTF8') from audit_leaf"):
        leaf = orjson.loads(text)
        sums.setdefault(ALIKE.get(leaf["action"], leaf["action"]), Counter()).update(
            {name: fact for name, fact in leaf["facts"].items() if type(fact) is int}
        )
    return sums


def outcome(act: Callable[[], Any]) -> dict[str, Any]:
    """Everything that a run leaves; then it is undone."""
    seen: dict[str, Any] = {}
    with transaction.atomic():
        report = act()
        seen = {table: rows(table) for table in BY_ID}
        seen["told"], seen["leaves"] = told(), leaves()
        seen["report"] = {k: v for k, v in report.as_dict().items() if k != "run_id"}
        transaction.set_rollback(True)
    return seen


@pytest.fixture(params=["applied-2017", "statute-2016"])
def book(request: pytest.FixtureRequest, database: Any) -> str:
    """The checks and charges of the country, with one of its price books."""
    name = str(request.param)
    ledger_rules.install_chart(ledger_rules.load_chart(country.content("chart")))
    rules.install_policy(
        rules.load_policy(country.content("billing"), book=lambda _: country.price_book(name))
    )
    charges_rules.install(charges_rules.load(country.content("charges")))
    asking.register()
    return name


@pytest.mark.parametrize("seed", range(3))
def test_a_sheet_writes_what_bills_one_by_one_would(
    book: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(found(), random.Random(f"{book} {seed}"))
    for month in MONTHS:
        place.use(month)
        bill(month)
    place.use(JULY)
    payers = supply_queries.payers(account_ids=place.accounts, day=date(2026, 8, 5))
    for n, account in enumerate(sorted(payers)[::3]):
        given(account, ("municipality_fee", "damage")[n % 2])
    paid = {account for account in sorted(payers)[::4] if paid_too_much(account)}
    made: list[int] = []
    accounts: set[UUID] = set()
    known = running._sheet

    def watched(*args: Any) -> sheets.Priced | None:
        sheet = known(*args)
        made.append(len(sheet) if sheet else 0)
        accounts.update(sheet.account_ids if sheet else ())
        return sheet

    monkeypatch.setattr(running, "_sheet", watched)
    one_by_one = outcome(bill)
    monkeypatch.setattr(running, "SHEET_MIN", 1)
    in_columns = outcome(bill)

    assert made[0] == 0
    assert made[1] > HOUSES // 5
    assert len(one_by_one["billing_held"]) > 0
    for some in (charges_queries.waiting_accounts(place.accounts), paid, place.idle):
        assert accounts & some
    assert in_columns == one_by_one


def paid_too_much(account: UUID) -> bool:
    """Money beyond what is owed, where one person owes: the next claim is met by it."""
    if len({one.customer_id for one in claims_queries.claims(account)}) != 1:
        return False
    pay(account, owed(account).fils + 5_000)
    return True


def test_chunks_side_by_side_write_what_one_after_another_would(
    book: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(found(), random.Random(17))
    for month in MONTHS:
        place.use(month)
        bill(month)
    place.use(JULY)
    one_by_one = outcome(bill)
    monkeypatch.setattr(running, "CHUNK", HOUSES // 6)
    monkeypatch.setattr(running, "SHEET_MIN", 1)
    steps: list[tuple[int, int]] = []

    report = bill(progress=lambda done, of: steps.append((done, of)))

    assert {table: rows(table) for table in BY_ID} == {t: one_by_one[t] for t in BY_ID}
    assert {k: v for k, v in report.as_dict().items() if k != "run_id"} == one_by_one["report"]
    assert steps == [(n * HOUSES // 6, HOUSES) for n in range(1, 7)]


def test_a_chunk_that_breaks_ends_the_run_and_leaves_the_others_whole(
    book: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(found(), random.Random(19))
    place.use(JULY)
    monkeypatch.setattr(running, "CHUNK", 10)
    broken = sorted(place.accounts)[25]
    known = running._bill

    def breaks(report: Any, chunk: list[UUID], **more: Any) -> running.Part:
        if broken in chunk:
            raise Broken("the third chunk")
        return known(report, chunk, **more)

    monkeypatch.setattr(running, "_bill", breaks)
    with pytest.raises(Broken):
        bill()
    monkeypatch.setattr(running, "_bill", known)
    begun = len(queries.issued(month=JULY))
    bill()

    assert 0 < begun < len(queries.issued(month=JULY))
    assert counted_twice() == 0


def counted_twice() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from (select from billing_bill where sequence = 0"
            " group by account_id, month having count(*) > 1) twice"
        )
        return int(cursor.fetchone()[0])


def test_a_preview_counts_the_same(book: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(found(), random.Random(7))
    place.use(JULY)

    plain = bill(preview=True)
    monkeypatch.setattr(running, "SHEET_MIN", 1)
    sheet = bill(preview=True)

    assert sheet.as_dict() | {"run_id": ""} == plain.as_dict() | {"run_id": ""}


def test_an_account_that_got_its_bill_meanwhile_is_left_out_of_the_sheet(book: str) -> None:
    place = Place(found(), random.Random(11))
    place.use(JULY)
    ids = sorted(place.accounts)
    sheet = sheets.made(month=JULY, account_ids=ids, book=rules.policy().book)
    assert sheet is not None
    taken = sheet.account_ids[0]

    bill(account_ids=[taken])
    report = running.RunReport(place.make(AT), JULY, ISSUED, False)
    written = running.issue(
        actor=CLERK, at=AT, report=report, bills=[], parked=[], book=rules.policy().book,
        sheet=sheet,
    )  # fmt: skip

    assert written.sheet is not None
    assert written.sheet.account_ids == sheet.account_ids[1:]
    assert len(queries.bills(taken)) == 1
    assert len(queries.issued(month=JULY)) == len(sheet)


def test_whoever_is_far_from_the_past_is_looked_at_one_by_one(book: str) -> None:
    place = Place(found(), random.Random(13))
    for month in (*MONTHS, JULY):
        place.use(month)
        if month is not JULY:
            bill(month)
    ids = sorted(place.accounts)
    policy = rules.policy().holding

    sheet = sheets.made(month=JULY, account_ids=ids, book=rules.policy().book)

    assert sheet is not None
    told = orjson.loads(b"[" + b"".join(sheets.prices(sheet).cells())[:-1] + b"]")
    used = [(UUID(a), Service(s), JULY.period.days, q) for a, s, q, _ in told]
    above, below = checking.far(policy)
    months = checking.months_of(policy, JULY.ordinal)
    assert not queries.far_from_past(used=used, months=months, above=above, below=below)

"""What may happen to a whole town, and who is liable in it by SQL that shares nothing with ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from tahseel.kernel.quantity import Service
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.operations import merging
from tahseel.registry.feeds import telling
from tahseel.registry.feeds.values import Kind, Told, Version
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises.values import NewServicePoint, NewUnit, Sector, UnitKind
from tahseel.registry.supply import operations, queries
from tahseel.registry.supply.values import (
    Capacity,
    NewAccount,
    NewLiability,
    Role,
    Vacancy,
)

HORIZON, PEOPLE, TWINS, UNITS = 60, 4, 2, 3

ABOUT_UNITS = ("open", "take_on", "demolish", "split", "join")

ORACLE = """
with days as (
  select d::date as day from generate_series(%(first)s::date, %(last)s::date, '1 day') d
), placed as (
  select p.id as point, days.day,
    case when m.id is null then p.unit_id else m.to_unit_id end as unit
  from premises_service_point p cross join days
  left join lateral (
    select * from premises_point_move m where m.point_id = p.id and m.on_day <= days.day
    order by m.on_day desc limit 1) m on true
)
select placed.point, placed.day, u.ended_on,
  count(distinct a.id), count(l.id), count(l.customer_id), count(nullif(l.vacancy, '')),
  (array_agg(l.customer_id))[1], (array_agg(l.vacancy))[1], (array_agg(l.capacity))[1],
  count(c.merged_into_id), (array_agg(c.died_on))[1]
from placed
left join premises_unit u on u.id = placed.unit
left join supply_account a on a.unit_id = placed.unit and a.opened_on <= placed.day
  and coalesce(placed.day < a.closed_on, true)
left join supply_liability l on l.account_id = a.id and l.from_day <= placed.day
  and coalesce(placed.day < l.until_day, true)
left join customers_customer c on c.id = l.customer_id
group by placed.point, placed.day, u.ended_on
"""
Answers = dict[tuple[UUID, date], UUID | str]


@dataclass
class Home:
    """A unit and its accounts, the newest last."""

    unit: NewUnit
    accounts: list[UUID] = field(default_factory=list)


@dataclass
class Story:
    """What happens to the town; each act is done or refused, whole."""

    town: Any
    homes: list[Home]
    people: list[UUID]
    digits: list[str]
    merges: list[tuple[UUID, Answers, UUID, UUID]] = field(default_factory=list)
    count: int = 0

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.town.head, "at": self.town.at}

    def day(self, n: int) -> date:
        return self.town.opened + timedelta(days=n)

    def new(self) -> UUID:
        return self.town.make_id(self.town.at)

    def home(self, act: str, chosen: int) -> Home:
        """One with an account, where the act is about one."""
        let = [one for one in self.homes if one.accounts and act not in ABOUT_UNITS]
        found = let or self.homes
        return found[chosen % len(found)]

    def account(self, home: Home) -> UUID:
        return home.accounts[-1] if home.accounts else self.new()

    def open(self, home: Home, who: UUID, n: int) -> None:
        made = self.new()
        vacant = n % 2 == 0
        operations.open_account(
            **self.by, id=made, unit_id=home.unit.id, opened_on=self.day(n),
            payer_id=None if vacant else who,
            vacancy=Vacancy.UNDER_CONSTRUCTION if vacant else None,
        )  # fmt: skip
        home.accounts.append(made)

    def take_on(self, home: Home, who: UUID, n: int) -> None:
        """An account with its history, as a take-on brings it."""
        made, start = self.new(), self.day(n)
        chain = (
            NewLiability(self.new(), start, None, Capacity.VACANT, Vacancy.NOT_OCCUPIED),
            NewLiability(self.new(), start + timedelta(days=2), who, Capacity.TENANT),
        )
        accounts = [NewAccount(made, home.unit.id, start, chain)]
        operations.open_many(
            actor=self.town.house, at=self.town.at, batch=f"b{made}", accounts=accounts
        )
        home.accounts.append(made)

    def move_in(self, home: Home, who: UUID, n: int) -> None:
        operations.move_in(
            **self.by, account_id=self.account(home), customer_id=who, from_day=self.day(n)
        )

    def move_out(self, home: Home, who: UUID, n: int) -> None:
        operations.move_out(**self.by, account_id=self.account(home), on_day=self.day(n))

    def transfer(self, home: Home, who: UUID, n: int) -> None:
        operations.transfer(
            **self.by, account_id=self.account(home), to_customer_id=who, on_day=self.day(n),
            capacity=Capacity.TENANT if n % 2 else Capacity.OWNER,
        )  # fmt: skip

    def sell(self, home: Home, who: UUID, n: int) -> None:
        operations.transfer_ownership(
            **self.by, account_id=self.account(home), to_customer_id=who, on_day=self.day(n),
            deed="TITLE", takes_back=n % 2 == 0,
        )  # fmt: skip

    def title(self, home: Home, who: UUID, n: int) -> None:
        """The State's registry tells a sale, by civil ids and the automatic number."""
        buyer = self.digits[self.people.index(who) % PEOPLE]
        owner = self.digits[n % PEOPLE]
        self.count += 1
        facts = {
            "paci_number": home.unit.paci_number or "", "from_civil_id": owner,
            "to_civil_id": buyer, "from_day": self.day(n).isoformat(), "deed": "9/2025",
        }  # fmt: skip
        told = Told(self.new(), f"TTL-{self.count:08d}", Kind.TITLE, Version.ISSUED, facts, None)
        telling.act_on(actor=self.town.house, at=self.town.at, told=told)

    def name(self, home: Home, who: UUID, n: int) -> None:
        operations.name_party(
            **self.by, account_id=self.account(home), customer_id=who, role=Role.OWNER,
            from_day=self.day(n), takes_back=n % 2 == 0,
        )  # fmt: skip

    def landlord(self, home: Home, who: UUID, n: int) -> None:
        """Who owns the flat takes it back from now on, and what else is his."""
        owned = {
            account: {one.customer_id for one in roles if one.role is Role.OWNER}
            for account, roles in queries.parties(
                account_ids=[one.accounts[-1] for one in self.homes if one.accounts]
            ).items()
        }
        owner = next(iter(owned.get(self.account(home), ())), who)
        operations.agree_landlord(
            **self.by, account_ids=[one for one, owners in owned.items() if owner in owners],
            owner_id=owner, agreement="LL-1", from_day=self.day(n),
        )  # fmt: skip

    def strike(self, home: Home, who: UUID, n: int) -> None:
        roles = queries.parties(account_ids=[self.account(home)]).get(self.account(home), [])
        for one in roles[n % 3 : n % 3 + 1]:
            operations.strike_party(
                **self.by, account_id=one.account_id, party_id=one.id, reason="never was"
            )

    def bury(self, home: Home, who: UUID, n: int) -> None:
        customers.record_death(
            **self.by, customer_id=who, died_on=self.day(n), source="certificate"
        )

    def estates(self, home: Home, who: UUID, n: int) -> None:
        operations.open_estates(actor=self.town.house, at=self.town.at)

    def merge(self, home: Home, who: UUID, n: int) -> None:
        goes = self.people[PEOPLE + n % TWINS]
        before = answers(self)
        payload = {"merged": str(goes), "into": str(who), "maker": "clerk", "reason": "the same"}
        made = merging.merge_approved(**self.by, approval_id=self.new(), payload=payload)
        after = answers(self)
        assert after == {k: who if v == goes else v for k, v in before.items()}
        self.merges.append((made, before, goes, who))

    def unmerge(self, home: Home, who: UUID, n: int) -> None:
        """At once it restores every answer; later what came since stays where it came."""
        if not self.merges:
            return
        made, before, goes, _ = self.merges[-1]
        told = answers(self)
        payload = {"merge": str(made), "maker": "clerk", "reason": "two people"}
        merging.unmerge_approved(**self.by, approval_id=self.new(), payload=payload)
        self.merges.pop()
        now = answers(self)
        changed = {key for key, value in now.items() if value != told[key]}
        assert all(now[key] == goes == before.get(key) for key in changed)

    def close(self, home: Home, who: UUID, n: int) -> None:
        operations.close_account(**self.by, account_id=self.account(home), closed_on=self.day(n))

    def demolish(self, home: Home, who: UUID, n: int) -> None:
        premises.demolish_units(
            **self.by, id=self.new(), unit_ids=[home.unit.id], on_day=self.day(n),
            reference="permit",
        )  # fmt: skip

    def split(self, home: Home, who: UUID, n: int) -> None:
        parts = [flat(self, home.unit.premises_id, self.day(n), point=k > 0) for k in range(2)]
        premises.split_unit(
            **self.by, id=self.new(), unit_id=home.unit.id, on_day=self.day(n), into=parts,
            reference="permit", points={point.id: parts[0].id for point in home.unit.services},
        )  # fmt: skip
        self.homes += [Home(part) for part in parts]

    def join(self, home: Home, who: UUID, n: int) -> None:
        """Two units become one, which keeps the points of both."""
        empty = [one for one in self.homes if not one.accounts]
        home, other = empty[n % 2 :][:2] if len(empty) > n % 2 + 1 else (home, self.homes[-1])
        whole = flat(self, home.unit.premises_id, self.day(n), point=False)
        premises.merge_units(
            **self.by, id=self.new(), unit_ids=[home.unit.id, other.unit.id], into=whole,
            on_day=self.day(n), reference="permit",
            points={p.id: whole.id for one in (home, other) for p in one.unit.services},
        )  # fmt: skip
        self.homes.append(Home(whole))


def flat(story: Story, premises_id: UUID, day: date, *, point: bool) -> NewUnit:
    story.count += 1
    points = (NewServicePoint(story.new(), Service.ELECTRICITY),) if point else ()
    return NewUnit(
        story.new(), premises_id, UnitKind.FLAT, Sector.INVESTMENT, day,
        number=f"S{story.count}", services=points, paci_number=f"{19_000_000 + story.count}",
    )  # fmt: skip


def answers(story: Story) -> Answers:
    """By the oracle, for every point and day: who is liable, or why nobody is."""
    found: Answers = {}
    window = {"first": story.day(-2), "last": story.day(HORIZON + 5)}
    with connection.cursor() as cursor:
        cursor.execute(ORACLE, window)
        rows = cursor.fetchall()
    for point, day, ended_on, accounts, links, payers, reasons, *rest in rows:
        key, (who, why, as_what, gone, died) = (point, day), rest
        assert accounts <= 1, (key, "two accounts")
        assert links == accounts, (key, "an account without exactly one link")
        assert payers + reasons == links, (key, "neither a payer nor a reason, or both")
        assert not gone, (key, "a record that was merged into another")
        assert not accounts or ended_on is None or day < ended_on, (key, "a unit that is gone")
        assert as_what != "estate" or died is not None, (key, "the estate of somebody alive")
        found[key] = who if links and who else (why if links else str(Vacancy.NO_ACCOUNT))
    return found

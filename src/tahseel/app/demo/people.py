"""Who lives and works there: invented citizens, GCC nationals, residents, companies, bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tahseel.app.demo.places import Home
from tahseel.app.demo.values import Chance, Plan, at_hour
from tahseel.kernel.ids import CivilId, civil_id_scheme
from tahseel.registry.customers.values import CustomerKind, Evidence, NewCustomer
from tahseel.registry.premises.values import Sector, UnitKind
from tahseel.registry.supply.values import Capacity

Name = tuple[str, str]
SERIAL_FIRST = 9000  # serials of the nine thousands are kept for invented people
SERIAL_LAST = 9999
VERIFIED_PER_MILLE = 963  # the rest is the debt with bad identity data
EVIDENCE = (Evidence.MOBILE_ID, Evidence.SMART_CARD, Evidence.DOCUMENT)
PERSON_KINDS = ("resident", "citizen", "gcc")


@dataclass(frozen=True, slots=True)
class Party:
    """Who pays for a home, and in what capacity."""

    home: Home
    customer_id: UUID
    kind: CustomerKind
    capacity: Capacity
    verified: bool


class Population:
    """Draws a payer for every home; a landlord has all the common parts of his building."""

    def __init__(
        self, *, plan: Plan, chance: Chance, names: Mapping[str, Any], data: Mapping[str, Any]
    ) -> None:
        self.names = names
        self.data = data
        self.chance = chance
        self.random = chance.generator("people")
        self.born_before = plan.as_of - timedelta(days=365 * 25)
        self.at = at_hour(plan.first_month.first_day - timedelta(days=30), 8)
        self.customers: list[NewCustomer] = []
        self.taken: set[str] = set()
        self.bodies: dict[str, UUID] = {}
        self.villas = 0

    def settle(self, homes: Sequence[Home]) -> list[Party]:
        """One payer a home, in the order of the homes."""
        return [self._payer(home) for home in homes]

    def newcomer(self, kind: CustomerKind) -> UUID:
        """One more person, who pays for no home yet. Drawn after all the payers."""
        person = self._person(kind)
        self.customers.append(person)
        return person.id

    def _payer(self, home: Home) -> Party:
        sector, kind = home.unit.sector, home.unit.kind
        if sector == Sector.GOVERNMENT:
            return self._party(home, self._body(), Capacity.OWNER)
        if kind == UnitKind.FLAT:
            shares = self.data["tenants"]
            who = self.random.choices(PERSON_KINDS, [shares[k] for k in PERSON_KINDS])[0]
            return self._party(home, self._person(CustomerKind(who)), Capacity.TENANT)
        if kind == UnitKind.SHOP:
            return self._party(home, self._company("trades"), Capacity.TENANT)
        if sector in {Sector.PRIVATE, Sector.OTHER}:
            # However few villas there are, the second one is a GCC national's: no kind is missing.
            self.villas += 1
            gcc = self.random.random() < 0.04 or self.villas == 2
            person = self._person(CustomerKind.GCC if gcc else CustomerKind.CITIZEN)
            return self._party(home, person, Capacity.OWNER)
        if sector == Sector.INVESTMENT and self.random.random() < 0.4:
            return self._party(home, self._person(CustomerKind.CITIZEN), Capacity.OWNER)
        words = {Sector.INDUSTRIAL: "factories", Sector.AGRICULTURAL: "farms"}
        return self._party(home, self._company(words.get(sector, "trades")), Capacity.OWNER)

    def _party(self, home: Home, customer: NewCustomer, capacity: Capacity) -> Party:
        self.customers.append(customer)
        verified = customer.evidence is not None
        return Party(home, customer.id, customer.kind, capacity, verified)

    def _person(self, kind: CustomerKind) -> NewCustomer:
        name = self._resident_name() if kind == CustomerKind.RESIDENT else self._arab_name(kind)
        verified = self.random.randrange(1000) < VERIFIED_PER_MILLE
        return NewCustomer(
            id=self.chance.new_id("customer", self.at),
            kind=kind,
            name_ar=name[0],
            name_en=name[1],
            civil_id=self._civil_id(),
            mobile=f"965{self.random.choice('569')}{self.random.randrange(10**7):07d}",
            language="en" if kind == CustomerKind.RESIDENT and self.random.random() < 0.6 else "ar",
            evidence=self.random.choice(EVIDENCE) if verified else None,
            evidence_reference=f"EV-{self.random.randrange(10**8):08d}" if verified else "",
        )

    def _arab_name(self, kind: CustomerKind) -> Name:
        """Own name, father, grandfather, family: as a civil card prints it."""
        citizen = self.names["citizen"]
        own = self.random.choice(citizen["male"] + citizen["female"])
        family = self.names["gcc" if kind == CustomerKind.GCC else "citizen"]["family"]
        return _joined(
            own,
            self.random.choice(citizen["male"]),
            self.random.choice(citizen["male"]),
            self.random.choice(family),
        )

    def _resident_name(self) -> Name:
        nations = self.names["nationality"]
        nation = self.random.choices(nations, [n["weight"] for n in nations])[0]
        given = nation["male"] * 2 + nation["female"]
        return _joined(
            self.random.choice(given),
            self.random.choice(nation["male"]),
            self.random.choice(nation["family"]),
        )

    def _company(self, what: str) -> NewCustomer:
        facts = self.names["company"]
        name = _joined(self.random.choice(facts["words"]), self.random.choice(facts[what]))
        return NewCustomer(
            id=self.chance.new_id("customer", self.at),
            kind=CustomerKind.COMPANY,
            name_ar=f"شركة {name[0]}",
            name_en=f"{name[1]} Co.",
            registration_number=self._once(lambda: f"{self.random.randrange(10**6, 10**7)}"),
            mobile=f"965{self.random.choice('69')}{self.random.randrange(10**7):07d}",
            evidence=Evidence.REGISTRY_FEED,
            evidence_reference="MOCI",
        )

    def _body(self) -> NewCustomer:
        """A site of a public body; the body itself comes with its first site."""
        entry = self.random.choice(self.names["government"])
        body = tuple(entry["body"])
        if body[1] not in self.bodies:
            self.bodies[body[1]] = self.chance.new_id("customer", self.at)
            self.customers.append(self._public(self.bodies[body[1]], body, None))
        site = self.random.choice(entry["sites"])
        number = self.random.randint(1, 40)
        name = (f"{body[0]} - {site[0]} {number}", f"{body[1]} - {site[1]} {number}")
        customer_id = self.chance.new_id("customer", self.at)
        return self._public(customer_id, name, self.bodies[body[1]])

    def _public(self, customer_id: UUID, name: Sequence[str], parent: UUID | None) -> NewCustomer:
        return NewCustomer(
            id=customer_id,
            kind=CustomerKind.GOVERNMENT,
            name_ar=name[0],
            name_en=name[1],
            registration_number=self._once(lambda: f"G{self.random.randrange(10**5, 10**6)}"),
            parent_id=parent,
            evidence=Evidence.REGISTRY_FEED,
            evidence_reference="MOF",
        )

    def _civil_id(self) -> CivilId:
        """Date first, then serial, then the check digit; tried again when none is ever issued."""
        scheme = civil_id_scheme()
        while True:
            born = self.born_before - timedelta(days=self.random.randint(0, 365 * 45))
            prefix = (
                f"{_century(born)}{born:%y%m%d}{self.random.randint(SERIAL_FIRST, SERIAL_LAST)}"
            )
            digit = scheme.check_digit(prefix)
            if digit is not None and prefix not in self.taken:
                self.taken.add(prefix)
                return CivilId.parse(f"{prefix}{digit}")

    def _once(self, draw: Any) -> str:
        while (text := str(draw())) in self.taken:
            pass
        self.taken.add(text)
        return text


def _century(born: date) -> str:
    centuries = {begins: digit for digit, begins in civil_id_scheme().centuries}
    return centuries[born.year // 100 * 100]


def _joined(*parts: Sequence[str]) -> Name:
    return " ".join(p[0] for p in parts), " ".join(p[1] for p in parts)

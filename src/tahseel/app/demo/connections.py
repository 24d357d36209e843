"""People who want supply: new houses, a load that grows, building sites, one at each state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.app.demo.people import Party
from tahseel.app.demo.takeovers import last_dials
from tahseel.app.demo.values import BUILDER, Chance, at_hour
from tahseel.books.claims import queries as claims
from tahseel.books.payments import operations as payments
from tahseel.books.payments.values import Received
from tahseel.channels.services import operations as services
from tahseel.channels.services import queries
from tahseel.channels.services.rules import catalogue
from tahseel.channels.services.values import (
    Application,
    Ask,
    MeterFit,
    NewApplication,
    NewEvidence,
    State,
    Study,
)
from tahseel.kernel.period import local_day
from tahseel.kernel.quantity import Service
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.meters import operations as meters
from tahseel.registry.meters import queries as devices
from tahseel.registry.meters.values import DialUnit, NewMeter, NewRegister, Phase, RegisterKind
from tahseel.registry.premises import operations as premises
from tahseel.registry.premises.values import NewPremises, NewUnit, Sector, UnitKind
from tahseel.registry.supply import queries as supply
from tahseel.registry.supply.values import Capacity

PAPER = b"%PDF-1.7\n% an invented paper of the synthetic country\n"
APPLIED_DAYS_AGO = 45
# Those that are still young, and those whose time to put right what was found is over; a study that
# waits for its quotation is late.
DAYS_AGO = {
    State.APPLIED: 2, State.QUOTED: 8, State.STUDIED: 12, State.PAID: 10, State.REFERRED: 102,
    State.CLOSED: 110, State.FAILED: 75,
}  # fmt: skip
STEP_DAYS = 2
LOOKED_AT_MAX = 200
Step = Callable[[Application, datetime], Application | None]
BLOCK, STREET = "12", "40"
BOTH = frozenset(Service)
POWER = frozenset({Service.ELECTRICITY})


@dataclass(frozen=True, slots=True)
class Plot:
    """One application and how far it has come. until: days from today on which it ends.

    days_ago: when it was applied for, where that is not as for others of its state.
    """

    service: str
    reached: State
    services: frozenset[Service] = BOTH
    load_kw: int = 60
    until: int | None = None
    days_ago: int | None = None

    @property
    def applied_days_ago(self) -> int:
        """When it was applied for."""
        return self.days_ago or DAYS_AGO.get(self.reached, APPLIED_DAYS_AGO)


PLOTS = (
    Plot("new_connection", State.QUOTED),
    Plot("new_connection", State.APPLIED),
    Plot("new_connection", State.STUDIED),
    Plot("new_connection", State.PAID),
    Plot("new_connection", State.FAILED),
    Plot("new_connection", State.PASSED),
    Plot("new_connection", State.ENERGISED),
    Plot("new_connection", State.REFUSED, load_kw=900),
    Plot("new_connection", State.WITHDRAWN),
    Plot("new_connection", State.EXPIRED),
    Plot("temporary_supply", State.ENERGISED, POWER, 30, until=40),
    Plot("temporary_supply", State.REMOVAL_DUE, POWER, 20, until=-1),
    Plot("new_connection", State.REFERRED),
    Plot("new_connection", State.CLOSED),
)
INCREASE = Plot("load_increase", State.STUDIED, POWER, 120)
# Given within the month, so that no bill is out for its days.
INCREASES = (Plot("load_increase", State.ENERGISED, POWER, 90, days_ago=11), INCREASE)


def make(
    *, parties: Sequence[Party], account_ids: Sequence[UUID], as_of: date, chance: Chance
) -> None:
    """Every application of `PLOTS`, and an increase on an account that owes nothing."""
    pairs = list(zip(parties, account_ids, strict=True))
    dead = customers.deaths(customer_ids={party.customer_id for party in parties})
    owners = [
        (party, account_id)
        for party, account_id in pairs
        if party.kind == CustomerKind.CITIZEN and party.capacity is Capacity.OWNER
        if party.customer_id not in dead
    ]
    if not owners:
        return
    office = _Office(as_of, chance)
    for number, plot in enumerate(PLOTS):
        party, _ = owners[number % len(owners)]
        office.bring(plot, party.customer_id, office.new_place(number), None, number)
    office.remind()
    increases = list(INCREASES)
    for party, account_id in owners[-LOOKED_AT_MAX:]:
        if increases and office.may_grow(party, account_id):
            plot, unit_id = increases.pop(0), party.home.unit.id
            office.bring(plot, party.customer_id, unit_id, account_id, len(PLOTS))


class _Office:
    """Whoever has the duties, day by day."""

    def __init__(self, as_of: date, chance: Chance) -> None:
        self.as_of = as_of
        self.chance = chance
        self.area = chance.generator("connections").choice(("salmiya", "surra", "mangaf"))

    def at(self, days_ago: int) -> datetime:
        return at_hour(self.as_of - timedelta(days=days_ago), 9)

    def new_place(self, number: int) -> UUID:
        """A new house on a plot without supply."""
        at = self.at(max(APPLIED_DAYS_AGO, *DAYS_AGO.values()) + 30)
        plot = NewPremises(
            self.chance.new_id("plot", at), self.area, BLOCK, STREET, str(900 + number)
        )
        house = NewUnit(
            self.chance.new_id("plot", at), plot.id, UnitKind.VILLA, Sector.PRIVATE,
            local_day(at), paci_number=f"{98_000_000 + number}",
        )  # fmt: skip
        premises.add_premises(actor=BUILDER, at=at, premises=plot)
        premises.add_unit(actor=BUILDER, at=at, unit=house)
        return house.id

    def may_grow(self, party: Party, account_id: UUID) -> bool:
        """He is liable, owes nothing, and the dial of his one meter was read."""
        day = self.as_of
        payer = supply.payers(account_ids=[account_id], day=day).get(account_id)
        if payer != party.customer_id or claims.open_claims(account_id):
            return False
        hung = queries.hung_at(unit_id=party.home.unit.id, day=day).values()
        old = [one for one in hung if one.service is Service.ELECTRICITY]
        return len(old) == 1 and bool(self.closing(old[0].meter_id))

    def closing(self, meter_id: UUID) -> dict[str, str]:
        """Every dial of a meter as it was last read; nothing where one was not."""
        meter = devices.meters(meter_ids=[meter_id])[meter_id]
        found = last_dials(meter, self.at(0))
        return found if found.keys() == {one.code for one in meter.registers} else {}

    def bring(
        self, plot: Plot, customer_id: UUID, unit_id: UUID, account_id: UUID | None, number: int
    ) -> None:
        """Take an application as far as its plot says, a step every other day."""
        made = self.apply(plot, customer_id, unit_id, account_id, number)
        days_ago = plot.applied_days_ago
        for step in self.steps(plot):
            days_ago -= STEP_DAYS
            made = step(made, self.at(days_ago)) or made
        self.end(plot, made)

    def remind(self) -> None:
        """Whoever has to act soon is told."""
        for application_id in queries.to_remind(day=local_day(self.at(1))):
            services.remind(actor=BUILDER, at=self.at(1), application_id=application_id)

    def steps(self, plot: Plot) -> list[Step]:
        course: dict[State, list[Step]] = {
            State.APPLIED: [],
            State.REFUSED: [self.study],
            State.STUDIED: [self.study],
        }
        quoted: list[Step] = [self.study, self.quote]
        course |= dict.fromkeys((State.QUOTED, State.WITHDRAWN, State.EXPIRED), quoted)
        course[State.PAID] = [*quoted, self.pay]
        failed: list[Step] = [*course[State.PAID], self.fail]
        course |= dict.fromkeys((State.FAILED, State.REFERRED, State.CLOSED), failed)
        course[State.PASSED] = [*course[State.PAID], self.passes]
        energised: list[Step] = [*course[State.PASSED], self.energise]
        course |= dict.fromkeys((State.ENERGISED, State.REMOVAL_DUE), energised)
        return course[plot.reached]

    def apply(
        self, plot: Plot, customer_id: UUID, unit_id: UUID, account_id: UUID | None, number: int
    ) -> Application:
        at = self.at(plot.applied_days_ago)
        definition = catalogue().services[plot.service]
        papers = [
            NewEvidence(
                self.chance.new_id("paper", at), kind.code, f"{kind.code}.pdf",
                PAPER + f"% {number}".encode(),
            )
            for kind in definition.documents
            if kind.required
        ]  # fmt: skip
        until = None if plot.until is None else self.as_of + timedelta(days=plot.until)
        return services.apply(
            actor=BUILDER,
            at=at,
            application=NewApplication(
                id=self.chance.new_id("application", at),
                service=plot.service,
                applicant_id=customer_id,
                unit_id=unit_id,
                services=plot.services,
                load_kw=plot.load_kw,
                account_id=account_id,
                until_day=until,
                purpose="موقع بناء" if Ask.PURPOSE in definition.asks else "",
            ),
            evidence=papers,
        )

    def study(self, made: Application, at: datetime) -> Application:
        current = 60 if made.service == INCREASE.service else 0
        study = Study(f"SS-{made.load_kw}/F2", 400, current_kw=current)
        return services.record_study(actor=BUILDER, at=at, application_id=made.id, study=study)

    def quote(self, made: Application, at: datetime) -> Application:
        return services.quote(actor=BUILDER, at=at, application_id=made.id)

    def pay(self, made: Application, at: datetime) -> None:
        assert made.quotation is not None
        assert made.claim_id is not None
        received = Received(
            id=self.chance.new_id("fee", at),
            account_id=made.account_id,
            customer_id=made.applicant_id,
            amount=made.quotation.total,
            tender="cash",
            received_at=at,
            business_date=local_day(at),
            claim_ids=(made.claim_id,),
        )
        payments.record_received(actor=BUILDER, at=at, received=received)
        services.confirm_paid(actor=BUILDER, at=at, application_id=made.id)

    def fail(self, made: Application, at: datetime) -> Application:
        reasons = ("لا يوجد تأريض في اللوحة الرئيسية", "أسلاك مكشوفة في الحوش")
        return services.record_inspection(
            actor=BUILDER, at=at, application_id=made.id, reasons=reasons
        )

    def passes(self, made: Application, at: datetime) -> Application:
        return services.record_inspection(actor=BUILDER, at=at, application_id=made.id)

    def energise(self, made: Application, at: datetime) -> None:
        fits = [self.meter(made, service, at) for service in Service if service in made.services]
        services.energise(
            actor=BUILDER, at=at, application_id=made.id, day=local_day(at), fits=fits
        )

    def meter(self, made: Application, service: Service, at: datetime) -> MeterFit:
        """A new meter from stock, its dial at nought."""
        electric = service is Service.ELECTRICITY
        code = "1.8.0" if electric else "W"
        register = NewRegister(
            self.chance.new_id("stock", at), code, RegisterKind.IMPORT,
            DialUnit.KWH if electric else DialUnit.CUBIC_METRE, 7 if electric else 5,
            0 if electric else 3,
        )  # fmt: skip
        serial = f"{'NE' if electric else 'NW'}{made.reference[-8:]}"
        phase = Phase.THREE if electric else Phase.NONE
        meter = NewMeter(
            self.chance.new_id("stock", at), serial, service, "New stock", phase, (register,)
        )
        meters.add_meter(actor=BUILDER, at=at, meter=meter)
        hung = queries.hung_at(unit_id=made.unit_id, day=local_day(at)).values()
        old = next((one.meter_id for one in hung if one.service is service), None)
        return MeterFit(service, serial, {code: "0"}, self.closing(old) if old else {})

    def end(self, plot: Plot, made: Application) -> None:
        """What ends otherwise than with supply, and supply whose time is over."""
        at = self.at(1)
        if plot.reached is State.WITHDRAWN:
            services.withdraw(actor=BUILDER, at=at, application_id=made.id, reason="بيعت القسيمة")
        elif plot.reached is State.EXPIRED:
            services.expire(actor=BUILDER, at=at, application_id=made.id)
        elif plot.reached in (State.REFERRED, State.CLOSED):
            services.refer(actor=BUILDER, at=self.at(2), application_id=made.id)
            if plot.reached is State.CLOSED:
                reason = "لم يُبنَ البيت"
                services.close(actor=BUILDER, at=at, application_id=made.id, reason=reason)
        elif plot.reached is State.REMOVAL_DUE:
            services.end_temporary(actor=BUILDER, at=at, application_id=made.id)

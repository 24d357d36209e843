"""Tenants who come and go, landlords who stand in between, deposits, and estates after deaths.

Everything is drawn once, from a chance of its own, and played on the first of a month after its
bills: so what is used and billed stays as it is, and only who owes it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from tahseel.app.demo.payers import Payer
from tahseel.app.demo.people import Party, Population
from tahseel.app.demo.places import Home
from tahseel.app.demo.values import BUILDER, Chance, Plan
from tahseel.books.claims import queries as claims
from tahseel.books.deposits import operations as deposits
from tahseel.books.deposits import rules as deposit_rules
from tahseel.books.deposits.values import DEPOSIT, DepositKind, NewDeposit
from tahseel.books.ledger import operations as ledger
from tahseel.charging.billing import operations as billing
from tahseel.kernel.ids import derived_id
from tahseel.kernel.money import Money
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind
from tahseel.registry.premises.values import UnitKind
from tahseel.registry.supply import operations as supply
from tahseel.registry.supply.values import Capacity, Heir, NewParty, Role

BATCH = "synthetic-country"
FLATS_A_MOVE = 100  # one tenancy in so many ends within the two years
HOUSES_A_DEATH = 400
MOVES_MAX, DEATHS_MAX = 40, 12
MONTHS_OF_ESTATE = 3
GUARANTEE_BANK, GUARANTEE_YEARS = "National Bank", 3
SHARES = (3, 14, 7)  # a widow's eighth; of the rest a son has twice a daughter's share
CASH = "cash"


@dataclass(frozen=True, slots=True)
class Move:
    """A tenant leaves on the first of a month; the next one comes `gap` months later."""

    index: int
    month: int
    gap: int
    newcomer: UUID
    landlord: UUID


@dataclass(frozen=True, slots=True)
class Death:
    """An owner dies in a month; his heirs divide some months later, the son takes the house."""

    index: int
    month: int
    heirs: tuple[UUID, UUID, UUID]


@dataclass
class Tenancies:
    """What will happen to whom, by the number of the month in which it does."""

    plan: Plan
    parties: Sequence[Party]
    landlords: Mapping[UUID, UUID]
    kinds: Mapping[UUID, UnitKind]
    moves: Sequence[Move] = ()
    deaths: Sequence[Death] = ()
    account_ids: list[UUID] = field(default_factory=list)

    def roles(self, index: int, account_id: UUID, from_day: date) -> tuple[NewParty, ...]:
        """Owner or tenant as they pay, and the landlord who takes supply back."""
        party = self.parties[index]
        role = Role.TENANT if party.capacity is Capacity.TENANT else Role.OWNER
        found = [_party(account_id, party.customer_id, role, from_day)]
        landlord = self.landlords.get(party.home.premises_id)
        if role is Role.TENANT and landlord is not None:
            found.append(_party(account_id, landlord, Role.OWNER, from_day, takes_back=True))
        return tuple(found)

    def untouched(self) -> list[Party]:
        """Those to whom nothing of this happens."""
        touched = {one.index for one in self.moves} | {one.index for one in self.deaths}
        return [party for index, party in enumerate(self.parties) if index not in touched]

    def take_deposits(self, at: datetime) -> None:
        """What the tenants of the beginning left: money for flats, guarantees for shops."""
        day = at.date()
        taken = []
        for party, account_id in zip(self.parties, self.account_ids, strict=True):
            wanted = deposit_rules.wanted_at_move_in(
                capacity=party.capacity, unit=self.kinds[party.home.unit.id], customer=party.kind
            )
            if wanted:
                taken.append(_deposit(account_id, party, wanted, day))
        entries = [
            deposit_rules.entry(
                one, "taken", debit=CASH, credit=DEPOSIT, amount=one.amount, day=day
            )
            for one in taken
            if one.kind is DepositKind.CASH
        ]
        ledger.post_many(actor=BUILDER, at=at, entries=entries)
        deposits.record_held(actor=BUILDER, at=at, batch=BATCH, deposits=taken)

    def play(self, number: int, first: date, at: datetime, payers: Mapping[UUID, Payer]) -> None:
        """What happens on the first of a month; `number` counts the months from 1."""
        for move in self.moves:
            if move.month == number and not move.gap:
                self._hand_over(move, first, at, payers)
            elif move.month == number:
                self._leave(move, first, at, payers)
            elif move.month + move.gap == number:
                self._arrive(move, first, at, payers)
        for death in self.deaths:
            if death.month == number:
                self._die(death, first, at)
            if death.month + MONTHS_OF_ESTATE == number:
                self._inherit(death, first, at, payers)

    def _leave(self, move: Move, first: date, at: datetime, payers: Mapping[UUID, Payer]) -> None:
        account_id = self.account_ids[move.index]
        billing.move_out(
            actor=BUILDER, at=at, intent_id=derived_id(account_id, "move-out", str(first)),
            account_id=account_id, on_day=first, reads=(),
        )  # fmt: skip
        self._followed(payers[account_id], account_id, move.landlord)

    def _hand_over(
        self, move: Move, first: date, at: datetime, payers: Mapping[UUID, Payer]
    ) -> None:
        """The next tenant takes the flat from the one before, without a day between."""
        account_id = self.account_ids[move.index]
        billing.hand_over(
            actor=BUILDER,
            at=at,
            intent_id=derived_id(account_id, "hand-over", first.isoformat()),
            account_id=account_id,
            to_customer_id=move.newcomer,
            on_day=first,
            capacity=Capacity.TENANT,
            agreement=f"L-{first:%Y%m}-{move.index}",
            deposit=self._newcomers(move, first),
        )
        self._followed(payers[account_id], account_id, move.newcomer)

    @staticmethod
    def _followed(payer: Payer, account_id: UUID, follower: UUID) -> None:
        """Another one pays from now on; of what was owed before the deposit has met a part."""
        payer.customer_id = follower
        left = {claim.id: claim.payable.fils for claim in claims.open_claims(account_id)}
        payer.open = [owed for owed in payer.open if owed.claim_id in left]
        for owed in payer.open:
            owed.amount = min(owed.amount, left[owed.claim_id])

    def _arrive(self, move: Move, first: date, at: datetime, payers: Mapping[UUID, Payer]) -> None:
        account_id = self.account_ids[move.index]
        deposits.admit(
            actor=BUILDER,
            at=at,
            account_id=account_id,
            customer_id=move.newcomer,
            from_day=first,
            agreement=f"L-{first:%Y%m}-{move.index}",
            deposit=self._newcomers(move, first),
        )
        payers[account_id].customer_id = move.newcomer

    def _newcomers(self, move: Move, first: date) -> NewDeposit:
        """What the next tenant of a flat lays down."""
        account_id, party = self.account_ids[move.index], self.parties[move.index]
        return NewDeposit(
            account_id=account_id,
            id=derived_id(account_id, "deposit", first.isoformat()),
            customer_id=move.newcomer,
            kind=DepositKind.CASH,
            amount=deposit_rules.wanted_at_move_in(
                capacity=Capacity.TENANT,
                unit=self.kinds[party.home.unit.id],
                customer=CustomerKind.RESIDENT,
            ),
            taken_on=first,
            tender=CASH,
        )

    def _die(self, death: Death, first: date, at: datetime) -> None:
        account_id, party = self.account_ids[death.index], self.parties[death.index]
        customers.record_death(
            actor=BUILDER, at=at, customer_id=party.customer_id, died_on=first, source="PACI"
        )
        supply.open_estate(actor=BUILDER, at=at, account_id=account_id)
        supply.record_heirs(
            actor=BUILDER,
            at=at,
            account_id=account_id,
            deceased_id=party.customer_id,
            deed=f"HR-{first:%Y}-{death.index}",
            from_day=first,
            heirs=[Heir(who, parts) for who, parts in zip(death.heirs, SHARES, strict=True)],
            whole=sum(SHARES),
        )

    def _inherit(
        self, death: Death, first: date, at: datetime, payers: Mapping[UUID, Payer]
    ) -> None:
        account_id, son = self.account_ids[death.index], death.heirs[1]
        billing.pass_title(
            actor=BUILDER,
            at=at,
            intent_id=derived_id(account_id, "title", first.isoformat()),
            account_id=account_id,
            to_customer_id=son,
            on_day=first,
            deed=f"T-{first:%Y%m}-{death.index}",
        )
        payers[account_id].customer_id = son


def draw(
    *,
    plan: Plan,
    chance: Chance,
    parties: Sequence[Party],
    population: Population,
    stopping: Collection[UUID],
    homes: Sequence[Home],
) -> Tenancies:
    """Draw who moves and who dies. The newcomers and the heirs join the population.

    homes: as they are stored, a shop where a flat was drawn.
    """
    kinds = {home.unit.id: home.unit.kind for home in homes}
    random = chance.generator("tenancies")
    landlords = _landlords(parties)
    flats, houses = [], []
    for index, party in enumerate(parties):
        if party.customer_id in stopping:
            continue
        if kinds[party.home.unit.id] is UnitKind.FLAT and party.home.premises_id in landlords:
            flats.append(index)
        elif party.kind is CustomerKind.CITIZEN and party.home.unit.kind is UnitKind.VILLA:
            houses.append(index)
    months = len(plan.months)
    moves = [
        Move(
            index=index,
            month=random.randint(3, months - 2),
            gap=random.choice((0, 1)),
            newcomer=population.newcomer(CustomerKind.RESIDENT),
            landlord=landlords[parties[index].home.premises_id],
        )
        for index in _some(flats, FLATS_A_MOVE, MOVES_MAX, random.sample)
    ]
    deaths = [
        Death(
            index=index,
            month=random.randint(3, months - MONTHS_OF_ESTATE - 1),
            heirs=tuple(population.newcomer(CustomerKind.CITIZEN) for _ in SHARES),  # type: ignore[arg-type]
        )
        for index in _some(houses, HOUSES_A_DEATH, DEATHS_MAX, random.sample)
    ]
    return Tenancies(plan, parties, landlords, kinds, moves, deaths)


def _some(
    indexes: Sequence[int], in_so_many: int, at_most: int, sample: Callable[..., list[int]]
) -> list[int]:
    """One in so many, at least two where there are, in order."""
    wanted = min(max(2, len(indexes) // in_so_many), at_most, len(indexes))
    return sorted(sample(list(indexes), wanted))


def _landlords(parties: Sequence[Party]) -> dict[UUID, UUID]:
    """Who owns a building: who pays for its common parts."""
    owners: dict[UUID, UUID] = {}
    for party in parties:
        if party.home.landlord and party.capacity is Capacity.OWNER:
            owners.setdefault(party.home.premises_id, party.customer_id)
    return owners


def _party(
    account_id: UUID, customer_id: UUID, role: Role, from_day: date, *, takes_back: bool = False
) -> NewParty:
    return NewParty(
        id=derived_id(account_id, str(customer_id), str(role), from_day.isoformat()),
        customer_id=customer_id,
        role=role,
        from_day=from_day,
        takes_back=takes_back,
    )


def _deposit(account_id: UUID, party: Party, amount: Money, day: date) -> NewDeposit:
    """Firms give a guarantee of their bank, people money."""
    firm = party.kind is CustomerKind.COMPANY
    return NewDeposit(
        account_id=account_id,
        id=derived_id(account_id, "deposit", day.isoformat()),
        customer_id=party.customer_id,
        kind=DepositKind.GUARANTEE if firm else DepositKind.CASH,
        amount=amount,
        taken_on=day,
        tender="" if firm else CASH,
        issuer=GUARANTEE_BANK if firm else "",
        reference=f"LG-{account_id.hex[-8:]}" if firm else "",
        expires_on=day + timedelta(days=365 * GUARANTEE_YEARS) if firm else None,
    )

"""An agency learns of holds and releases in order, and always ends with the truth."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from simulators.partner.agency import Agency, FaultPlan
from simulators.partner.server import Server
from tests.integration.recovery.story import CITIZEN, HOLD_DAY, JOB, OTHER, RESIDENT, Debtor

from tahseel.countries.kuwait import country
from tahseel.kernel import daybook, outbox
from tahseel.kernel.errors import Fault
from tahseel.recovery.clearance import jobs, partners, pushing, queries
from tahseel.recovery.clearance.models import Release
from tahseel.recovery.clearance.values import Gate
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind, Evidence
from tahseel.trust.audit import queries as audit
from tahseel.trust.audit import sequencer


@dataclass
class World:
    """The agency, the utility's projector, and what joins them."""

    town: Any
    link: Any
    agency: Agency

    def settle(self) -> int:
        self.link.projector.drain()
        told = 0
        while taken := pushing.step(at=self.town.clock()):
            told += taken
        return told

    def agrees(self, *debtors: Debtor) -> bool:
        """Whether the agency holds exactly whom we hold, gate by gate, to the fils."""
        for debtor in debtors:
            owed = queries.to_pay(customer_ids=[debtor.customer_id])
            for gate in Gate:
                ours = owed.get((debtor.customer_id, gate))
                theirs = self.agency.is_held(debtor.civil_id or "", gate)
                if (theirs and (theirs["amount_fils"], theirs["reference"])) != ours:
                    return False
        return True


@contextmanager
def agency(folder: Path, faults: str = "", *, signs: bool = True) -> Iterator[Agency]:
    key = partners.load_or_create_key(folder)
    if not signs:
        partners.load_or_create_key(folder / "other")
    where = folder if signs else folder / "other"
    public = load_pem_public_key((where / partners.PUBLIC_FILE).read_bytes())
    assert isinstance(public, Ed25519PublicKey)
    made = Agency("moi", public, FaultPlan.read(faults, 1))
    server = Server(("127.0.0.1", 0), made, quiet=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/clearance/changes"
    found = partners.load_partners(country.data("partners"), {"moi": url})
    partners.install(partners.Link(found, key))
    try:
        yield made
    finally:
        partners.install(partners.Link((), key))
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def begin(town: Any, link: Any, tmp_path: Path) -> Iterator[Callable[..., World]]:
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(faults: str = "", *, signs: bool = True) -> World:
            made = stack.enter_context(agency(tmp_path / "keys", faults, signs=signs))
            return World(town, link, made)

        yield start


def two_held(world: World) -> tuple[Debtor, Debtor]:
    found = [
        world.town.debtor(civil_id, CustomerKind.RESIDENT, 12_500) for civil_id in (RESIDENT, OTHER)
    ]
    world.town.notify()
    daybook.do(job=jobs.HOLD, day=HOLD_DAY, at=world.town.clock())
    return found[0], found[1]


def test_an_agency_that_knows_nothing_is_told_of_everybody_who_is_held(
    begin: Callable[..., World],
) -> None:
    world = begin()
    both = two_held(world)

    world.settle()

    assert world.agrees(*both)
    assert world.agency.describe()["held"] == dict.fromkeys(sorted(Gate), 2)


def test_a_payment_frees_the_person_at_the_agency_too(begin: Callable[..., World]) -> None:
    world = begin()
    paying, other = two_held(world)
    world.settle()

    world.town.pay(paying, 12_500)
    assert world.settle() == len(Gate)

    assert world.agrees(paying, other)
    assert world.agency.is_held(RESIDENT, Gate.EXIT) is None
    assert world.agency.is_held(OTHER, Gate.EXIT)
    assert not Release.objects.filter(acknowledged_at__isnull=True).exists()


def test_a_part_payment_changes_the_amount_at_the_agency(begin: Callable[..., World]) -> None:
    world = begin()
    paying, other = two_held(world)
    world.settle()

    world.town.pay(paying, 2_500)
    world.settle()

    assert world.agrees(paying, other)
    assert (world.agency.is_held(RESIDENT, Gate.EXIT) or {})["amount_fils"] == 10_000


def test_with_nothing_new_nothing_is_sent(begin: Callable[..., World]) -> None:
    world = begin()
    two_held(world)
    world.settle()
    taken = world.agency.taken

    assert world.settle() == 0
    assert world.agency.taken == taken


@pytest.mark.parametrize("fault", ["down", "ack-lost", "garbage", "wrong-ack", "amnesia"])
def test_whatever_goes_wrong_on_the_way_the_agency_ends_with_the_truth(
    begin: Callable[..., World], fault: str
) -> None:
    world = begin(f"{fault}=45")
    paying, other = two_held(world)
    failed = 0

    for amount in (2_500, 2_500, 7_500):
        world.town.pay(paying, amount)
        for _ in range(40):
            try:
                world.settle()
                break
            except Fault:
                failed += 1

    assert failed or fault == "amnesia"
    assert world.agrees(paying, other)
    assert world.agency.is_held(RESIDENT, Gate.EXIT) is None


def test_an_agency_that_lost_its_memory_is_told_the_whole_list(begin: Callable[..., World]) -> None:
    world = begin()
    paying, other = two_held(world)
    world.settle()
    world.agency.forget()

    world.town.pay(paying, 2_500)
    world.settle()

    assert world.agency.is_held(OTHER, Gate.EXIT)
    assert world.agrees(paying, other)


def correct_number(world: World, debtor: Debtor, digits: str) -> None:
    customers.correct_civil_id(
        actor=JOB, at=world.town.clock(), customer_id=debtor.customer_id, civil_id=digits,
        effective_on=HOLD_DAY, reason="misread", proof=Evidence.REGISTRY_FEED, evidence="letter 7",
    )  # fmt: skip


def test_a_corrected_number_moves_the_hold_and_frees_the_number_it_stood_under(
    begin: Callable[..., World],
) -> None:
    world = begin()
    held, _ = two_held(world)
    world.settle()

    correct_number(world, held, CITIZEN)
    world.settle()

    assert world.agency.is_held(RESIDENT, Gate.EXIT) is None
    assert world.agency.is_held(CITIZEN, Gate.EXIT)
    world.town.pay(held, 12_500)
    world.settle()
    assert world.agency.is_held(CITIZEN, Gate.EXIT) is None


def test_a_former_number_that_another_person_has_now_stands_as_that_person_does(
    begin: Callable[..., World],
) -> None:
    world = begin()
    held, _ = two_held(world)
    world.settle()

    correct_number(world, held, CITIZEN)
    world.town.debtor(RESIDENT, CustomerKind.RESIDENT)
    world.settle()

    assert world.agency.is_held(RESIDENT, Gate.EXIT) is None
    assert world.agency.is_held(CITIZEN, Gate.EXIT)


def test_an_agency_that_is_away_keeps_the_place_and_the_release_waits_unacknowledged(
    begin: Callable[..., World],
) -> None:
    world = begin("down=100")
    two_held(world)

    with pytest.raises(Fault, match="moi"):
        world.settle()

    [partner] = partners.installed().partners
    assert outbox.cursor_of(pushing.consumer(partner)) == 0
    assert world.agency.describe()["held"] == {}


def test_an_agency_takes_nothing_that_another_key_signed(begin: Callable[..., World]) -> None:
    world = begin(signs=False)
    two_held(world)

    with pytest.raises(Fault, match="400"):
        world.settle()

    assert world.agency.describe()["held"] == {}


def test_telling_leaves_a_leaf_with_counts_and_no_number(begin: Callable[..., World]) -> None:
    world = begin()
    two_held(world)
    world.settle()
    sequencer.sequence_all(at=world.town.clock())

    told = audit.leaves_between(
        since=world.town.now.replace(year=2026, month=1),
        until=world.town.now.replace(year=2027),
        action="clearance.tell_partner",
    )

    assert [leaf["facts"]["held"] for leaf in told] == [10]
    assert RESIDENT not in str(told)


def test_a_partner_without_an_address_is_told_nothing(town: Any, link: Any) -> None:
    found = partners.load_partners(country.data("partners"), {})

    assert partners.linked(found) == []


def test_an_address_of_an_unknown_partner_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="named once and known"):
        partners.load_partners(country.data("partners"), {"moj": "http://127.0.0.1:1"})


def test_the_signing_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first = partners.load_or_create_key(tmp_path)
    second = partners.load_or_create_key(tmp_path)

    assert first.thumbprint() == second.thumbprint()
    assert (tmp_path / partners.KEY_FILE).stat().st_mode & 0o077 == 0
    (tmp_path / partners.KEY_FILE).chmod(0o644)
    with pytest.raises(Fault, match="0600"):
        partners.load_or_create_key(tmp_path)

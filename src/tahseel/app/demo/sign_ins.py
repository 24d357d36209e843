"""Who can sign in to the demonstration: staff, and some of the invented customers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tahseel.app.demo import walks
from tahseel.app.demo.build import Country, password
from tahseel.app.demo.values import BUILDER
from tahseel.kernel.actor import Purpose
from tahseel.kernel.ids import new_id
from tahseel.recovery.clearance import queries as clearance
from tahseel.recovery.clearance.values import Gate
from tahseel.registry.customers import queries as customers
from tahseel.registry.customers.values import CustomerKind
from tahseel.trust.access import operations as access
from tahseel.trust.access import queries as people
from tahseel.trust.access.values import UserKind

READER = "reader"
STAFF = (
    ("officer", "exit_officer", "ضابط المنفذ", "Exit officer"),
    ("clerk", "clerk", "موظفة خدمة العملاء", "Customer service clerk"),
    ("manager", "revenue_manager", "مدير الإيرادات", "Revenue manager"),
    ("deputy", "revenue_manager", "نائبة مدير الإيرادات", "Deputy revenue manager"),
    ("head", "office_head", "رئيسة المكتب", "Head of office"),
    ("mover", "take_on_officer", "مسؤول ترحيل البيانات", "Take-on officer"),
    ("engineer", "supply_engineer", "مهندسة دراسات التوصيل", "Supply engineer"),
    ("inspector", "inspector", "مفتش التمديدات", "Inspector of installations"),
    ("connector", "connection_officer", "مسؤولة إيصال التيار", "Connection officer"),
    (READER, "meter_reader", "قارئ العدادات", "Meter reader"),
    ("auditor", "auditor", "مدقق الحسابات", "Auditor"),
)
HELD_SHOWN = 3


@dataclass(frozen=True, slots=True)
class SignIn:
    """One way into the demonstration."""

    username: str
    password: str
    who: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What is printed for the visitor: sign-ins, and civil numbers of invented held residents."""

    sign_ins: tuple[SignIn, ...]
    held_civil_ids: tuple[str, ...]
    clear_civil_ids: tuple[str, ...]


def make(*, country: Country, at: datetime) -> Shown:
    """Make the users. Passwords are fresh at every build; the people are invented."""
    made = [
        _user(at, username, UserKind.STAFF, (label_ar, label_en), roles=(role,))
        for username, role, label_ar, label_en in STAFF
    ]
    walks.walk(reader=_id_of(READER), as_of=country.plan.as_of)
    held = held_at(country, Gate.EXIT)
    clear = [p.customer_id for p in country.parties if p.kind == CustomerKind.RESIDENT]
    clear = [customer_id for customer_id in clear if customer_id not in set(held)]
    made += [
        _customer(at, "ministry", ministry, roles=("body_officer",))
        for ministry in _ministries()[:1]
    ]
    people = {"resident": held[:1], "neighbour": clear[:1], "citizen": _with_intervals(country)}
    for username, found in people.items():
        made += [_customer(at, username, customer_id) for customer_id in found]
    return Shown(tuple(made), _civil_ids(held[:HELD_SHOWN], at), _civil_ids(clear[:HELD_SHOWN], at))


def _id_of(username: str) -> str:
    user = people.user_named(username)
    assert user is not None, "made a moment ago"
    return str(user.id)


def held_at(country: Country, gate: Gate) -> list[UUID]:
    """Customers with an open hold at a gate, in the order of their accounts."""
    order = list(dict.fromkeys(party.customer_id for party in country.parties))
    holds = clearance.open_holds(customer_ids=order)
    return [c for c in order if any(hold.gate == gate for hold in holds.get(c, []))]


def _with_intervals(country: Country) -> list[UUID]:
    """The first citizen whose meter has real intervals, else the first citizen."""
    meters = set(country.files.linked.values())
    citizens = [p for p in country.parties if p.kind == CustomerKind.CITIZEN]
    fine = [p for p in citizens if any(m.meter_id in meters for m in p.home.meters)]
    return [party.customer_id for party in (fine or citizens)[:1]]


def _ministries() -> list[UUID]:
    """Bodies under no other one that have the most under them, the largest first."""
    bodies = customers.bodies()
    under = Counter(body.parent_id for body in bodies)
    tops = [body.id for body in bodies if body.parent_id is None]
    return sorted(tops, key=lambda top: (-under[top], top))


def _customer(
    at: datetime, username: str, customer_id: UUID, roles: tuple[str, ...] = ()
) -> SignIn:
    person = customers.people(
        actor=BUILDER, at=at, purpose=Purpose.CUSTOMER_SERVICE, customer_ids=[customer_id]
    )[customer_id]
    labels = (person.name_ar, person.name_en)
    return _user(at, username, UserKind.CUSTOMER, labels, roles=roles, customer_id=customer_id)


def _user(
    at: datetime,
    username: str,
    kind: UserKind,
    labels: tuple[str, str],
    *,
    roles: tuple[str, ...] = (),
    customer_id: UUID | None = None,
) -> SignIn:
    secret = password()
    access.create_user(
        actor=BUILDER,
        at=at,
        id=new_id(at),
        username=username,
        password=secret,
        kind=kind,
        label_ar=labels[0],
        label_en=labels[1],
        customer_id=customer_id,
        roles=roles,
    )
    return SignIn(username, secret, labels[1])


def _civil_ids(customer_ids: list[UUID], at: datetime) -> tuple[str, ...]:
    found = [
        customers.civil_id(
            actor=BUILDER, at=at, purpose=Purpose.CLEARANCE_CHECK, customer_id=customer_id
        )
        for customer_id in customer_ids
    ]
    return tuple(civil_id.digits for civil_id in found if civil_id is not None)


def as_json(shown: Shown) -> Mapping[str, object]:
    """The same for a script."""
    return {
        "sign_ins": [
            {"username": s.username, "password": s.password, "who": s.who} for s in shown.sign_ins
        ],
        "held_civil_ids": list(shown.held_civil_ids),
        "clear_civil_ids": list(shown.clear_civil_ids),
    }

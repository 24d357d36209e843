"""The fields of every entity: what a mapping may name, and what a line must hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tahseel.app.take_on.values import Entity, Field, FieldKind
from tahseel.kernel.quantity import Service
from tahseel.recovery.clearance.values import Gate
from tahseel.registry.customers.values import CustomerKind, DocumentKind, Evidence
from tahseel.registry.meters.values import DialUnit, Phase, RegisterKind
from tahseel.registry.premises.values import Sector, UnitKind
from tahseel.registry.supply.values import PLAIN_ROLES, Capacity, Vacancy

KEY_LONGEST = 64
DAY, FILS, COUNT, FLAG = FieldKind.DAY, FieldKind.FILS, FieldKind.COUNT, FieldKind.FLAG

OTHER = "other"
QUANTITY_UNITS = ("wh", "kwh", "mwh", "litre", "cubic_metre", "imperial_gallon")
READINGS = ("actual", "estimated")


def _key(name: str, *, required: bool = True) -> Field:
    return Field(name, required=required, longest=KEY_LONGEST)


def _one_of(name: str, words: Iterable[str], *, required: bool = True) -> Field:
    choices = frozenset(str(word) for word in words)
    return Field(name, FieldKind.CHOICE, required, choices)


def _day(name: str, *, required: bool = True) -> Field:
    return Field(name, DAY, required)


def _fils(name: str, *, required: bool = True) -> Field:
    return Field(name, FILS, required)


PROOFS = ("receipt_number", "received_by", "report_number", "message_id", "office", "signed_by")

FIELDS: Mapping[Entity, tuple[Field, ...]] = {
    Entity.PERSONS: (
        _key("key"), _one_of("kind", CustomerKind), Field("name_ar"), Field("name_en"),
        Field("civil_id"), Field("registration_number"), Field("mobile"), Field("language"),
        _key("parent", required=False), _day("died_on", required=False),
        _one_of("evidence", Evidence, required=False), Field("evidence_reference"),
        _one_of("document_kind", DocumentKind, required=False), Field("document_issuer"),
        Field("document_number"), _day("document_issued_on", required=False),
        _day("document_expires_on", required=False),
    ),
    Entity.UNITS: (
        _key("key"), Field("area", required=True), Field("block", required=True), Field("street"),
        Field("parcel"), Field("building"), Field("floor"), Field("number"), Field("paci_number"),
        _one_of("kind", UnitKind), _one_of("sector", Sector), _day("from_day"),
        Field("dwellings", COUNT), Field("certificate"), _day("certificate_until", required=False),
        Field("electricity", COUNT), Field("water", COUNT),
    ),
    Entity.METERS: (
        _key("serial"), _one_of("service", Service), Field("make"),
        _one_of("phase", Phase, required=False), _key("unit", required=False),
        Field("point", COUNT), _day("installed_on", required=False), Field("register"),
        _one_of("register_kind", RegisterKind, required=False), _one_of("dial_unit", DialUnit),
        Field("digits", COUNT, required=True), Field("decimals", COUNT),
        Field("multiplier", COUNT), Field("opening"), Field("last_read"),
        _day("last_read_on", required=False), Field("seal"), Field("route"),
        Field("stop", COUNT), Field("store"),
    ),
    Entity.ACCOUNTS: (
        _key("key"), _key("unit"), Field("number"), _day("opened_on"),
        _day("closed_on", required=False),
    ),
    Entity.OCCUPANCIES: (
        _key("account"), _key("person", required=False), _one_of("capacity", Capacity),
        _one_of("vacancy", set(Vacancy) - {Vacancy.NO_ACCOUNT}, required=False), _day("from_day"),
        _day("until_day", required=False), Field("agreement"),
    ),
    Entity.PARTIES: (
        _key("account"), _key("person"), _one_of("role", PLAIN_ROLES),
        _day("from_day"), _day("until_day", required=False), Field("agreement"),
        Field("takes_back", FLAG),
    ),
    Entity.DEPOSITS: (_key("key"), _key("account"), _fils("amount"), _day("paid_on")),
    Entity.CREDITS: (_key("key"), _key("account"), _fils("amount"), _day("since")),
    Entity.OPEN_ITEMS: (
        _key("key"), _key("account"), _key("person", required=False), Field("kind"),
        _day("opened_on"), _day("due_date"), _fils("amount", required=False), _fils("open"),
    ),
    Entity.DISPUTES: (_key("item"), _key("account"), _fils("amount"), _day("since")),
    Entity.PLANS: (
        _key("key"), _key("account"), _key("person"), _day("agreed_on"), _fils("amount"),
    ),
    Entity.INSTALMENTS: (
        _key("plan"), _day("due_on"), _fils("amount"), _fils("paid", required=False),
    ),
    Entity.HOLDS: (
        _key("key"), _key("person"), _one_of("gate", Gate), _day("since"), _key("notice"),
        Field("channel", required=True), _day("issued_on"), _day("served_on"),
        *(Field(name) for name in PROOFS), Field("items", required=True, longest=4_000),
    ),
    Entity.BILLS: (
        _key("account"), _one_of("service", (*Service, OTHER)), _day("from_day", required=False),
        _day("until_day", required=False), Field("quantity", FieldKind.QUANTITY),
        _one_of("unit", QUANTITY_UNITS, required=False),
        _one_of("reading", READINGS, required=False), _fils("amount"), Field("number"),
    ),
}  # fmt: skip
REQUIRED_FILES = (Entity.PERSONS, Entity.UNITS, Entity.ACCOUNTS, Entity.OCCUPANCIES)


def known(entity: Entity) -> Mapping[str, Field]:
    """The fields of an entity by name."""
    return {field.name: field for field in FIELDS[entity]}


def totals_of(entity: Entity) -> str:
    """The field that a control total sums, or "" where only lines are counted."""
    sums = {Entity.OPEN_ITEMS: "open"}
    names = known(entity)
    return sums.get(entity, "amount" if "amount" in names else "")

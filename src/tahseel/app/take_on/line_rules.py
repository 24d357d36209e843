"""What must hold within one line. Pure: a row and the day of the change in, faults out.

Days are ISO text, so they compare as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from tahseel.app.take_on.fields import OTHER, PROOFS
from tahseel.app.take_on.values import Entity, Row, Value
from tahseel.kernel.ids import civil_id_scheme
from tahseel.kernel.quantity import Service
from tahseel.recovery.clearance.values import Gate
from tahseel.registry.customers import rules as customers
from tahseel.registry.customers.values import NATURAL_KINDS, CustomerKind, DocumentKind
from tahseel.registry.meters import rules as meters
from tahseel.registry.meters.values import DialUnit
from tahseel.registry.premises import rules as premises
from tahseel.registry.premises.values import PRODUCTIVE_SECTORS, Sector
from tahseel.registry.supply import rules as supply
from tahseel.registry.supply.values import Capacity
from tahseel.trust.notices.values import channels

Told = tuple[str, str, dict[str, Value]]
Rule = Callable[[Row, str], Iterator[Told]]
STATUS = "delivered"
DOCUMENT = ("document_kind", "document_issuer", "document_number")


def days(row: Row, start: str, until: str) -> Iterator[Told]:
    """The second day, where there is one, comes after the first."""
    first, second = row.get(start), row.get(until)
    if first is not None and second is not None and str(second) <= str(first):
        yield until, "days_reversed", {"start": str(first), "until": str(second)}


def past(row: Row, cutover: str, *names: str) -> Iterator[Told]:
    """Days on or before the change: the old system cannot know later ones."""
    for name in names:
        day = row.get(name)
        if day is not None and str(day) > cutover:
            yield name, "day_impossible", {"day": str(day)}


def positive(row: Row, *names: str) -> Iterator[Told]:
    for name in names:
        fils = row.get(name)
        if isinstance(fils, int) and fils <= 0:
            yield name, "amount_not_positive", {}


def person(row: Row, cutover: str) -> Iterator[Told]:
    kind = CustomerKind(str(row["kind"]))
    if not (row.get("name_ar") or row.get("name_en")):
        yield "name_ar", "name_missing", {}
    yield from _civil_id(row, kind, cutover)
    yield from _document(row, kind, cutover)
    if row.get("mobile"):
        try:
            customers.full_mobile(str(row["mobile"]))
        except ValueError:
            yield "mobile", "mobile_invalid", {}
    if row.get("died_on"):
        yield from past(row, cutover, "died_on")
        if kind not in NATURAL_KINDS or _before_birth(row):
            yield "died_on", "death_impossible", {}


def _civil_id(row: Row, kind: CustomerKind, cutover: str) -> Iterator[Told]:
    given = row.get("civil_id")
    if not given:
        if customers.needs_civil_id(kind):
            yield "civil_id", "civil_id_missing", {"kind": str(kind)}
        if customers.needs_document(kind) and row.get("evidence") and not _counts(row, cutover):
            yield "evidence", "document_needed", {"kind": str(kind)}
        return
    if not customers.may_have_civil_id(kind):
        yield "civil_id", "civil_id_unexpected", {"kind": str(kind)}
        return
    try:
        row["civil_id"] = customers.checked_civil_id(str(given)).digits
    except ValueError:
        yield "civil_id", "civil_id_invalid", {}


def _document(row: Row, kind: CustomerKind, cutover: str) -> Iterator[Told]:
    """A paper is told whole: of which kind, whose, its number; or not at all."""
    if not any(row.get(name) for name in DOCUMENT):
        return
    lacking = [name for name in DOCUMENT if not row.get(name)]
    if lacking:
        yield lacking[0], "document_incomplete", {"missing": ", ".join(lacking)}
        return
    row["document_issuer"] = str(row["document_issuer"]).upper()
    if not customers.plain_number(str(row["document_number"])):
        yield "document_number", "document_number_invalid", {}
    if not customers.fits_document(kind, DocumentKind(str(row["document_kind"]))):
        facts: dict[str, Value] = {"document": row["document_kind"], "kind": str(kind)}
        yield "document_kind", "document_unfit", facts
    yield from past(row, cutover, "document_issued_on")
    yield from days(row, "document_issued_on", "document_expires_on")


def _counts(row: Row, cutover: str) -> bool:
    """True when the line tells a paper that still counts on the day of the change."""
    expires = row.get("document_expires_on")
    return bool(row.get("document_number")) and (expires is None or str(expires) > cutover)


def _before_birth(row: Row) -> bool:
    digits = row.get("civil_id")
    if not digits or len(str(digits)) != civil_id_scheme().length:
        return False
    born = civil_id_scheme().birth_date(str(digits))
    return born is not None and str(row["died_on"]) < born.isoformat()


def unit(row: Row, cutover: str) -> Iterator[Told]:
    yield from past(row, cutover, "from_day")
    for part in ("block", "street", "parcel", "building", "floor", "number"):
        row[part] = premises.plain_part(str(row.get(part) or ""))
    if row.get("paci_number"):
        try:
            row["paci_number"] = premises.address_number(str(row["paci_number"]))
        except ValueError:
            yield "paci_number", "address_number_invalid", {"value": str(row["paci_number"])[:20]}
    if row.get("certificate") and Sector(str(row["sector"])) not in PRODUCTIVE_SECTORS:
        yield "certificate", "certificate_unexpected", {"sector": str(row["sector"])}
    if row.get("certificate_until"):
        yield from days(row, "from_day", "certificate_until")


def meter(row: Row, cutover: str) -> Iterator[Told]:
    yield from past(row, cutover, "installed_on", "last_read_on")
    if row.get("unit") and not row.get("installed_on"):
        yield "installed_on", "value_missing", {}
    digits, decimals = int(row["digits"] or 0), int(row.get("decimals") or 0)
    service = Service(str(row["service"]))
    fits = (
        1 <= digits <= meters.DIGITS_MAX
        and decimals <= meters.DECIMALS_MAX
        and 1 <= int(row.get("multiplier") or 1) <= meters.MULTIPLIER_MAX
        and DialUnit(str(row["dial_unit"])) in meters.UNITS_OF[service]
    )
    if not fits:
        yield "dial_unit", "register_wrong", {"service": str(service)}
    for name in ("opening", "last_read"):
        if row.get(name) and not _dial_shows(str(row[name]), digits, decimals):
            facts: dict[str, Value] = {"digits": digits, "decimals": decimals}
            yield name, "dial_beyond", {**facts, "value": str(row[name])[:20]}
    if bool(row.get("last_read")) != bool(row.get("last_read_on")):
        yield "last_read_on", "read_incomplete", {}


def _dial_shows(text: str, digits: int, decimals: int) -> bool:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return False
    if not value.is_finite() or not 0 <= value < 10**digits:
        return False
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= decimals


def account(row: Row, cutover: str) -> Iterator[Told]:
    yield from past(row, cutover, "opened_on")
    yield from days(row, "opened_on", "closed_on")
    if row.get("number"):
        try:
            row["number"] = supply.check_account_number(str(row["number"]))
        except ValueError:
            yield "number", "account_number_invalid", {"number": str(row["number"])[:20]}


def occupancy(row: Row, cutover: str) -> Iterator[Told]:
    yield from past(row, cutover, "from_day")
    yield from days(row, "from_day", "until_day")
    vacant = Capacity(str(row["capacity"])) is Capacity.VACANT
    if vacant != (not row.get("person")) or vacant != bool(row.get("vacancy")):
        yield "person", "vacancy_unexplained", {}


def party(row: Row, cutover: str) -> Iterator[Told]:
    yield from past(row, cutover, "from_day")
    yield from days(row, "from_day", "until_day")


def deposit(row: Row, cutover: str) -> Iterator[Told]:
    yield from positive(row, "amount")
    yield from past(row, cutover, "paid_on")


def credit(row: Row, cutover: str) -> Iterator[Told]:
    yield from positive(row, "amount")
    yield from past(row, cutover, "since")


def open_item(row: Row, cutover: str) -> Iterator[Told]:
    yield from positive(row, "open", "amount")
    yield from past(row, cutover, "opened_on")
    if str(row["due_date"]) < str(row["opened_on"]):
        facts: dict[str, Value] = {"start": row["opened_on"], "until": row["due_date"]}
        yield "due_date", "days_reversed", facts
    if row.get("amount") is not None and int(row["open"] or 0) > int(row["amount"] or 0):
        yield "open", "open_beyond_amount", {}


def dispute(row: Row, cutover: str) -> Iterator[Told]:
    yield from positive(row, "amount")
    yield from past(row, cutover, "since")


def plan(row: Row, cutover: str) -> Iterator[Told]:
    yield from positive(row, "amount")
    yield from past(row, cutover, "agreed_on")


def instalment(row: Row, cutover: str) -> Iterator[Told]:
    yield from positive(row, "amount")
    paid = row.get("paid")
    if isinstance(paid, int) and not 0 <= paid <= int(row["amount"] or 0):
        yield "paid", "open_beyond_amount", {}


def hold(row: Row, cutover: str) -> Iterator[Told]:
    yield from past(row, cutover, "since", "issued_on", "served_on")
    if str(row["served_on"]) < str(row["issued_on"]):
        yield "served_on", "days_reversed", {"start": row["issued_on"], "until": row["served_on"]}
    channel = channels().get(str(row["channel"]))
    if channel is None:
        yield "channel", "channel_unknown", {"channel": str(row["channel"])[:40]}
        return
    missing = [name for name in sorted(channel.proof) if not row.get(name)]
    if missing or not channel.statutory:
        lacking = ", ".join(missing) or "statutory service"
        yield (missing[0] if missing else "channel"), "proof_missing", {"missing": lacking}


def proof_of(row: Row) -> dict[str, str]:
    """The evidence of service that a hold's line gives."""
    return {name: str(row[name]) for name in PROOFS if row.get(name)}


def item_keys(row: Row) -> list[str]:
    """The open items that a hold's line names, each once, in order."""
    return list(dict.fromkeys(key.strip() for key in str(row["items"]).split("|") if key.strip()))


def bill(row: Row, cutover: str) -> Iterator[Told]:
    """What was used has a quantity of its own service and its days; a charge has its amount."""
    if row["service"] == OTHER:
        return
    for name in ("quantity", "unit", "from_day", "until_day"):
        if row.get(name) is None:
            yield name, "value_missing", {}
            return
    if (row["service"] == Service.ELECTRICITY) != str(row["unit"]).endswith("wh"):
        yield "unit", "value_unknown", {"value": row["unit"]}
    if str(row["until_day"]) <= str(row["from_day"]):
        days: dict[str, Value] = {"start": row["from_day"], "until": row["until_day"]}
        yield "until_day", "days_reversed", days


EXIT = str(Gate.EXIT)
RULES: Mapping[Entity, Rule] = {
    Entity.PERSONS: person,
    Entity.UNITS: unit,
    Entity.METERS: meter,
    Entity.ACCOUNTS: account,
    Entity.OCCUPANCIES: occupancy,
    Entity.PARTIES: party,
    Entity.DEPOSITS: deposit,
    Entity.CREDITS: credit,
    Entity.OPEN_ITEMS: open_item,
    Entity.DISPUTES: dispute,
    Entity.PLANS: plan,
    Entity.INSTALMENTS: instalment,
    Entity.HOLDS: hold,
    Entity.BILLS: bill,
}

"""Reading customers. Every read of a person takes its purpose and leaves a leaf first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.idempotency import input_hash
from tahseel.kernel.ids import CivilId
from tahseel.kernel.sql import prepared
from tahseel.registry.customers import duplicates, finding, looking_up, since
from tahseel.registry.customers.models import Change, Customer, Document, Merge, Protection
from tahseel.registry.customers.models import Contact as ContactRow
from tahseel.registry.customers.opening import (
    contact_view,
    customer_view,
    document_view,
    former_civil_id,
    life_event,
    open_civil_id,
    open_mobile,
    person,
    protection_view,
)
from tahseel.registry.customers.values import (
    Body,
    CameRow,
    Contact,
    ContactView,
    CustomerKind,
    CustomerView,
    DocumentView,
    LifeEvent,
    LikePair,
    MergeView,
    Person,
    ProtectionView,
)
from tahseel.trust.audit.operations import record_read

RESULTS_MAX = 100
TREE_DEPTH_MAX = 12
MERGES_MAX = 200
PAIRS_MAX = 2_000


def by_id(*, actor: Actor, at: datetime, purpose: str, customer_id: UUID) -> CustomerView | None:
    """One customer, masked."""
    record_read(actor=actor, purpose=purpose, subject=str(customer_id), at=at)
    customer = Customer.objects.filter(pk=customer_id).first()
    return customer_view(customer) if customer else None


def by_civil_id(
    *, actor: Actor, at: datetime, purpose: str, civil_id: CivilId
) -> CustomerView | None:
    """The customer with this civil id, masked. A look-up that finds nobody is logged as well."""
    found = Customer.objects.filter(
        civil_id_index=looking_up.civil_id_index(civil_id.digits)
    ).first()
    subject = str(found.id) if found else "nobody"
    record_read(actor=actor, purpose=purpose, subject=subject, at=at, facts={"by": "civil_id"})
    return customer_view(found) if found else None


def by_ids(
    *, actor: Actor, at: datetime, purpose: str, customer_ids: Collection[UUID]
) -> dict[UUID, CustomerView]:
    """Several customers, masked; one leaf names them all by their digest."""
    _record_batch(actor, purpose, at, customer_ids)
    found = Customer.objects.filter(pk__in=bulk.among(customer_ids))
    return {customer.id: customer_view(customer) for customer in found}


def search(
    *, actor: Actor, at: datetime, purpose: str, text: str, limit: int = 20
) -> list[CustomerView]:
    """Customers by civil id, mobile, registration or document number, or by name in any spelling.

    A name may be Arabic or Latin, its words in any order, the last one unfinished, one of them
    with a slip. Closest first (see `finding`).
    """
    limit = min(limit, RESULTS_MAX)
    by, found = looking_up.by_number(text, limit)
    views = [customer_view(customer) for customer in found] if by else _by_name(text, limit)
    facts = {"by": by or "name", "found": [str(view.id) for view in views]}
    record_read(actor=actor, purpose=purpose, subject="search", at=at, facts=facts)
    return views


def numbered(*, actor: Actor, at: datetime, purpose: str, text: str) -> CustomerView | None:
    """The one customer who has exactly a number, never somebody whose name is like what is typed.

    A civil id, mobile, registration or document number, as in `search`.
    """
    by, found = looking_up.by_number(text, 2)
    facts = {"by": by or "nothing", "found": [str(customer.id) for customer in found]}
    record_read(actor=actor, purpose=purpose, subject="search", at=at, facts=facts)
    return customer_view(found[0]) if len(found) == 1 else None


def documents_of(
    *, actor: Actor, at: datetime, purpose: str, customer_id: UUID
) -> list[DocumentView]:
    """The papers of one customer, the newest first, withdrawn ones too; numbers masked."""
    facts = {"fields": "documents"}
    record_read(actor=actor, purpose=purpose, subject=str(customer_id), at=at, facts=facts)
    found = Document.objects.filter(customer_id=customer_id).order_by("-recorded_at", "-id")
    return [document_view(document) for document in found]


def life_of(*, actor: Actor, at: datetime, purpose: str, customer_id: UUID) -> list[LifeEvent]:
    """What happened in one customer's life and was put right in the record, the newest first."""
    facts = {"fields": "life"}
    record_read(actor=actor, purpose=purpose, subject=str(customer_id), at=at, facts=facts)
    found = Change.objects.filter(customer_id=customer_id).order_by("-recorded_at", "-id")
    return [life_event(change) for change in found]


def former_blind_indexes(*, customer_ids: Collection[UUID]) -> set[bytes]:
    """Blind indexes that corrected civil ids had before and that nobody has now; names nobody."""
    found = prepared(
        "select distinct h.old_index from customers_change h where h.customer_id = any(%s::uuid[])"
        " and h.old_index is not null and not exists"
        " (select from customers_customer c where c.civil_id_index = h.old_index)",
        [bulk.uuid_array(customer_ids)],
    )
    return {bytes(row[0]) for row in found}


def people(
    *, actor: Actor, at: datetime, purpose: str, customer_ids: Collection[UUID]
) -> dict[UUID, Person]:
    """Customers for a machine: kind, names, blind index of the civil id. One leaf a batch."""
    _record_batch(actor, purpose, at, customer_ids)
    found = Customer.objects.filter(pk__in=bulk.among(customer_ids))
    return {customer.id: person(customer) for customer in found.iterator()}


def contact(*, actor: Actor, at: datetime, purpose: str, customer_id: UUID) -> Contact | None:
    """The full mobile number and the language, for a message that the law or the person wants."""
    facts = {"fields": "contact"}
    record_read(actor=actor, purpose=purpose, subject=str(customer_id), at=at, facts=facts)
    customer = Customer.objects.filter(pk=customer_id).first()
    return Contact(open_mobile(customer), customer.language) if customer else None


def civil_id(*, actor: Actor, at: datetime, purpose: str, customer_id: UUID) -> CivilId | None:
    """The civil id itself, for what must carry it on paper or to the State."""
    facts = {"fields": "civil_id"}
    record_read(actor=actor, purpose=purpose, subject=str(customer_id), at=at, facts=facts)
    customer = Customer.objects.filter(pk=customer_id).first()
    return open_civil_id(customer) if customer else None


def civil_ids(
    *, actor: Actor, at: datetime, purpose: str, customer_ids: Collection[UUID]
) -> dict[UUID, CivilId]:
    """The civil ids of many, for what must carry them to the State; one leaf a batch."""
    _record_batch(actor, purpose, at, customer_ids)
    found = Customer.objects.filter(pk__in=bulk.among(customer_ids), civil_id_index__isnull=False)
    opened = ((customer.id, open_civil_id(customer)) for customer in found)
    return {customer_id: civil_id for customer_id, civil_id in opened if civil_id}


def former_civil_ids(
    *, actor: Actor, at: datetime, purpose: str, customer_ids: Collection[UUID]
) -> dict[str, UUID | None]:
    """Digits that corrected civil ids had before, each with who has them now; one leaf a batch."""
    _record_batch(actor, purpose, at, customer_ids)
    found = Change.objects.filter(customer__in=list(customer_ids), old_index__isnull=False)
    owners = Customer.objects.filter(civil_id_index__in=[bytes(c.old_index or b"") for c in found])
    now = {bytes(c.civil_id_index or b""): c.id for c in owners}
    return {former_civil_id(c): now.get(bytes(c.old_index or b"")) for c in found}


def kinds(*, customer_ids: Collection[UUID]) -> dict[UUID, CustomerKind]:
    """The kind of each customer; names nobody, so no purpose is asked."""
    found = Customer.objects.filter(pk__in=bulk.among(customer_ids)).values_list("id", "kind")
    return {customer_id: CustomerKind(kind) for customer_id, kind in found}


def blind_indexes(*, customer_ids: Collection[UUID]) -> dict[UUID, bytes | None]:
    """The blind index of each customer's civil id, where there is one; names nobody."""
    found = prepared(
        "select id, civil_id_index from customers_customer where id = any(%s::uuid[])",
        [bulk.uuid_array(customer_ids)],
    )
    return {customer_id: bytes(index) if index else None for customer_id, index in found}


def ids_by_index(*, indexes: Collection[bytes]) -> dict[bytes, UUID]:
    """The customers whose civil ids have these blind indexes; names nobody."""
    found = prepared(
        "select civil_id_index, id from customers_customer where civil_id_index = any(%s::bytea[])",
        [list(indexes)],
    )
    return {bytes(index): customer_id for index, customer_id in found}


def deaths(*, customer_ids: Collection[UUID]) -> dict[UUID, date]:
    """The day of death of those among the customers who have died."""
    found = Customer.objects.filter(pk__in=bulk.among(customer_ids), died_on__isnull=False)
    return {c: day for c, day in found.values_list("id", "died_on") if day}


_TREE = """
with recursive body(id, depth) as (
  select id, 0 from customers_customer where id = %s
  union all
  select c.id, b.depth + 1 from customers_customer c join body b on c.parent_id = b.id
  where b.depth < %s
)
select id from body order by depth, id
"""


def bodies() -> list[Body]:
    """Every government body, by id; bodies are no persons."""
    rows = Customer.objects.filter(kind=CustomerKind.GOVERNMENT.value).order_by("id")
    return [Body(*row) for row in rows.values_list("id", "parent_id", "name_ar", "name_en")]


def bodies_under(*, customer_id: UUID) -> list[UUID]:
    """A body and everything below it, itself first: ministry, departments, sites."""
    with connection.cursor() as cursor:
        cursor.execute(_TREE, [customer_id, TREE_DEPTH_MAX])
        return [row[0] for row in cursor.fetchall()]


def duplicates_found(
    *, actor: Actor, at: datetime, purpose: str, limit: int = 50
) -> list[LikePair]:
    """Pairs of records that may be one person, the likeliest first, with their reasons."""
    found = duplicates.pairs(PAIRS_MAX)[: min(limit, RESULTS_MAX)]
    ids = {view.id for pair in found for view in (pair.goes, pair.stays)}
    _record_batch(actor, purpose, at, ids)
    return found


def duplicates_like(
    *, actor: Actor, at: datetime, purpose: str, customer_id: UUID
) -> list[LikePair]:
    """The records that may be the same person as this one, with their reasons."""
    found = duplicates.like(customer_id)
    ids = {view.id for pair in found for view in (pair.goes, pair.stays)} | {customer_id}
    _record_batch(actor, purpose, at, ids)
    return found


def pair_of(
    *, actor: Actor, at: datetime, purpose: str, one_id: UUID, other_id: UUID
) -> LikePair | None:
    """Two records side by side, with what speaks for one person; None unless both are there."""
    _record_batch(actor, purpose, at, {one_id, other_id})
    people = Customer.objects.in_bulk([one_id, other_id])
    if len(people) < 2:
        return None
    return duplicates.compare(people[one_id], people[other_id])


def contacts_of(
    *, actor: Actor, at: datetime, purpose: str, customer_id: UUID
) -> list[ContactView]:
    """Ways of reaching one customer that are in use, masked, the newest first."""
    facts = {"fields": "contacts"}
    record_read(actor=actor, purpose=purpose, subject=str(customer_id), at=at, facts=facts)
    found = ContactRow.objects.filter(customer_id=customer_id, ended_at__isnull=True)
    return [contact_view(row) for row in found.order_by("-recorded_at", "-id")]


def protections_of(
    *, actor: Actor, at: datetime, purpose: str, customer_id: UUID
) -> list[ProtectionView]:
    """The protected statuses of one customer, past ones too, the newest first."""
    facts = {"fields": "protections"}
    record_read(actor=actor, purpose=purpose, subject=str(customer_id), at=at, facts=facts)
    found = Protection.objects.filter(customer_id=customer_id).order_by("-from_day", "-id")
    return [protection_view(row) for row in found]


def protected_on(*, customer_ids: Collection[UUID], day: date) -> set[UUID]:
    """Those among the customers whose supply must not be cut on a day; says not why."""
    found = prepared(
        "select distinct customer_id from customers_protection where customer_id = any(%s::uuid[])"
        " and ended_at is null and from_day <= %s and %s < until_day",
        [bulk.uuid_array(customer_ids), day, day],
    )
    return {row[0] for row in found}


def survivors(*, customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """For each customer the record that stands for the person now; names nobody."""
    return looking_up.survivors(customer_ids)


def merges_of(*, customer_ids: Collection[UUID]) -> list[MergeView]:
    """Every merge in which these records were merged or stayed, the newest first."""
    among = bulk.among(customer_ids)
    rows = Merge.objects.filter(Q(merged_id__in=among) | Q(into_id__in=among))
    return [_merge_view(row) for row in rows.order_by("-made_at", "-id")[:MERGES_MAX]]


def merge_by_id(*, merge_id: UUID) -> MergeView | None:
    """One merge; names nobody."""
    row = Merge.objects.filter(pk=merge_id).first()
    return _merge_view(row) if row else None


def rows_moved(*, merge_id: UUID) -> dict[str, int]:
    """How many rows of each table moved in a merge."""
    found = prepared(
        "select table_name, count(*) from customers_merge_row where merge_id = %s"
        " group by table_name order by table_name",
        [merge_id],
    )
    return dict(found)


def came_since(*, merge_id: UUID) -> list[CameRow]:
    """What came to the record that stayed before its merge was taken back, and where it is now."""
    merge = Merge.objects.filter(pk=merge_id).first()
    return since.rows(merge_id=merge_id, into_id=merge.into_id) if merge else []


def _merge_view(row: Merge) -> MergeView:
    return MergeView(
        id=row.id,
        merged_id=row.merged_id,
        into_id=row.into_id,
        reason=row.reason,
        made_at=row.made_at,
        made_by=row.made_by,
        approved_by=row.approved_by,
        rows=row.rows,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        undone_reason=row.undone_reason,
    )


def _by_name(text: str, limit: int) -> list[CustomerView]:
    ids = finding.by_name(text, limit)
    found = Customer.objects.in_bulk(ids)
    return [customer_view(found[customer_id]) for customer_id in ids if customer_id in found]


def _record_batch(actor: Actor, purpose: str, at: datetime, customer_ids: Collection[UUID]) -> None:
    ids = sorted(str(customer_id) for customer_id in customer_ids)
    facts = {"count": len(ids), "digest": input_hash({"ids": ids}).hex()}
    record_read(actor=actor, purpose=purpose, subject=f"{len(ids)} customers", at=at, facts=facts)

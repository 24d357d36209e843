"""Finds records that may be one person: a few keys bring pairs together, a score tells why.

Two records meet when they share a mobile number or every sound of their names. Namesakes with a
proved number each are two people and never shown, nor are pairs of whom somebody said so.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tahseel.kernel.sql import prepared
from tahseel.registry.customers import rules
from tahseel.registry.customers.models import Customer
from tahseel.registry.customers.opening import customer_view, open_civil_id
from tahseel.registry.customers.values import Likeness, LikePair

GROUP_MAX = 20
"""A key that more records share brings nobody together: it is an office's telephone."""

_PAIRS = """
with keyed as (
  select 'm' || encode(mobile_index, 'hex') as key, id from customers_customer
  where mobile_index is not null and merged_into_id is null
  union all
  select 's' || search_skeleton, id from customers_customer
  where search_skeleton <> '' and merged_into_id is null
), met as (
  select key from keyed group by key having count(*) between 2 and %(group)s
), pair as (
  select distinct least(a.id, b.id) as one, greatest(a.id, b.id) as other
  from met join keyed a using (key) join keyed b using (key) where a.id < b.id
)
select p.one, p.other from pair p
join customers_customer a on a.id = p.one
join customers_customer b on b.id = p.other
where not (a.identity = 'verified' and b.identity = 'verified'
           and a.civil_id_index is not null and b.civil_id_index is not null)
  and (a.registration_number is null or b.registration_number is null)
  and not exists (select from customers_apart x where x.one_id = p.one and x.other_id = p.other)
order by p.one, p.other limit %(limit)s
"""


def pairs(limit: int) -> list[LikePair]:
    """The pairs that score highest among the first `limit` that meet, with their reasons."""
    found = prepared(_PAIRS, {"group": GROUP_MAX, "limit": limit}).fetchall()
    people = Customer.objects.in_bulk({customer_id for pair in found for customer_id in pair})
    scored = [compare(people[one], people[other]) for one, other in found]
    return sorted((p for p in scored if p), key=lambda p: (-p.score, p.stays.id, p.goes.id))


_LIKE = """
select c.id from customers_customer me join customers_customer c
  on c.id <> me.id and c.merged_into_id is null
 and (c.mobile_index = me.mobile_index or c.search_skeleton = me.search_skeleton)
where me.id = %(id)s and me.merged_into_id is null and me.search_skeleton <> ''
  and not (c.identity = 'verified' and me.identity = 'verified'
           and c.civil_id_index is not null and me.civil_id_index is not null)
  and not exists (select from customers_apart x
    where x.one_id = least(c.id, me.id) and x.other_id = greatest(c.id, me.id))
order by c.id limit %(limit)s
"""


def like(customer_id: UUID) -> list[LikePair]:
    """The pairs that one record is in, the likeliest first."""
    found = prepared(_LIKE, {"id": customer_id, "limit": GROUP_MAX}).fetchall()
    people = Customer.objects.in_bulk([customer_id, *(row[0] for row in found)])
    scored = [compare(people[customer_id], people[row[0]]) for row in found]
    return sorted((p for p in scored if p), key=lambda p: (-p.score, p.stays.id, p.goes.id))


def compare(one: Customer, other: Customer) -> LikePair | None:
    """The two as a pair with its score; the better proved record is the one that would stay."""
    views = customer_view(one), customer_view(other)
    if not rules.may_be_one(views[0].kind, views[1].kind):
        return None
    numbers = open_civil_id(one), open_civil_id(other)
    reasons = rules.likeness(
        names=((one.search_ar, one.search_en), (other.search_ar, other.search_en)),
        sounds=(one.search_skeleton, other.search_skeleton),
        same_mobile=one.mobile_index is not None
        and bytes(one.mobile_index) == bytes(other.mobile_index or b""),
        numbers=numbers,
    )
    goes, stays = sorted(views, key=rules.standing)
    return LikePair(goes, stays, tuple(reasons), _total(reasons))


def _total(reasons: Iterable[Likeness]) -> int:
    return sum(rules.LIKENESS[reason] for reason in reasons)


def ordered(one_id: UUID, other_id: UUID) -> tuple[UUID, UUID]:
    """A pair in the order in which it is kept."""
    return (one_id, other_id) if one_id < other_id else (other_id, one_id)

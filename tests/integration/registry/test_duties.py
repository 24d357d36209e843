"""Whoever lacks the duty is denied by the operation itself, whatever page he came by."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from tests.meta.test_duties import BY_REASON, action_of
from tests.meta.test_operations import is_audited, operations

from tahseel.kernel.actor import Actor, ActorKind
from tahseel.kernel.errors import NotAllowed
from tahseel.trust.access.rules import holders
from tahseel.trust.access.values import duties

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
STRANGERS = (
    Actor(ActorKind.STAFF, "exit-1", "exit desk", frozenset({"exit_officer"})),
    Actor(ActorKind.STAFF, "auditor-1", "auditor", frozenset({"auditor"})),
    Actor(ActorKind.CUSTOMER, "customer-1", "customer", frozenset({"customer"}), "7"),
)


def found() -> dict[str, Callable[..., Any]]:
    """Every operation that asks `duties.toml`, by its act."""
    known: dict[str, Callable[..., Any]] = {}
    for source, name, node in operations():
        if name.startswith("registry.") and is_audited(node):
            action = action_of(node)
            if action not in BY_REASON:
                known[action] = getattr(importlib.import_module(source.module), node.name)
    return known


def rows() -> dict[str, int]:
    """How many rows every table holds, the log's own left out."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        counts = {}
        for table in tables:
            if not table.startswith(("audit_", "django_")):
                cursor.execute(f'select count(*) from "{table}"')
                counts[table] = cursor.fetchone()[0]
    return counts


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda actor: actor.label)
def test_a_stranger_is_denied_every_operation_and_nothing_changes_or_is_sent(
    town: Any, leaves: Any, stranger: Actor
) -> None:
    before, known = rows(), found()

    for operation in known.values():
        asked = dict.fromkeys(inspect.signature(operation).parameters)
        with pytest.raises(NotAllowed):
            operation(**{**asked, "actor": stranger, "at": AT})

    told = [
        (leaf["action"], leaf["outcome"]) for leaf in leaves() if leaf["actor"]["id"] == stranger.id
    ]
    assert sorted(told) == sorted((action, "denied") for action in duties())
    assert rows() == before


def test_a_clerk_is_denied_what_is_the_heads(town: Any, leaves: Any) -> None:
    from tahseel.registry.premises import operations as premises
    from tahseel.registry.premises.models import Unit

    (unit,) = town.units(1)

    with pytest.raises(NotAllowed) as denied:
        premises.demolish_units(
            actor=town.clerk, at=AT, id=town.make_id(AT), unit_ids=[unit.id],
            on_day=AT.date(), reference="permit 1",
        )  # fmt: skip

    assert denied.value.facts == {"needs": "office_head"}
    assert Unit.objects.get(pk=unit.id).ended_on is None
    assert leaves()[-1]["outcome"] == "denied"


def test_a_bulk_write_is_nobodys_by_hand(town: Any) -> None:
    everybody = frozenset(role for duty in duties().values() for role in duty.roles)
    chief = Actor(ActorKind.STAFF, "chief", "chief", everybody)

    from tahseel.registry.customers import operations as customers

    with pytest.raises(NotAllowed) as denied:
        customers.register_many(actor=chief, at=AT, batch="mine", customers=[])

    assert denied.value.facts == {"needs": "system"}


def test_pages_offer_no_act_to_whom_the_operation_would_refuse_it() -> None:
    from tahseel.channels.accounts.acts import ACTING_ROLES
    from tahseel.channels.accounts.acts import HEADS as DECIDERS
    from tahseel.channels.desk.people import WRITERS
    from tahseel.channels.places.views import HEADS
    from tahseel.channels.places.views import WRITERS as CERTIFIERS

    served = ("customers.protect", "customers.keep_apart", "customers.check_merge")

    assert all(set(WRITERS) <= set(holders(act)) for act in served)
    assert set(ACTING_ROLES) <= set(holders("supply.move_in")) & set(holders("supply.move_out"))
    assert set(DECIDERS) <= set(holders("supply.agree_landlord"))
    assert set(HEADS) <= set(holders("premises.split_unit"))
    assert set(CERTIFIERS) <= set(holders("premises.record_certificate"))

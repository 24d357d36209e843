"""Meters changed where they hang, in a real database."""

from __future__ import annotations

from datetime import date

import pytest

from tahseel.kernel.quantity import Service
from tahseel.registry.meters import operations, queries
from tahseel.registry.meters.models import Installation
from tahseel.registry.meters.values import (
    DialUnit,
    NewInstallation,
    NewMeter,
    NewRegister,
    Phase,
    RegisterKind,
)

HUNG, DAY = date(2025, 5, 1), date(2025, 6, 10)


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


def register(town, code, digits=6):
    return NewRegister(town.make_id(town.at), code, RegisterKind.IMPORT, DialUnit.KWH, digits)


@pytest.fixture
def hung(town):
    """A meter of one register at a service point, and the point."""
    (unit,) = town.units(1)
    meter = NewMeter(
        town.make_id(town.at), "E1", Service.ELECTRICITY, "ISKRA", Phase.THREE,
        (register(town, "1.8.0"),),
    )  # fmt: skip
    operations.add_meter(**by(town, town.officer), meter=meter)
    operations.install_meter(
        **by(town, town.officer),
        installation=NewInstallation(
            town.make_id(town.at), meter.id, unit.services[0].id, HUNG, opening={"1.8.0": "10"}
        ),
    )
    return meter


def change(town, meter, day=DAY, **facts):
    given = {"dials": {"1.8.0": "500"}, "multipliers": {"1.8.0": 60}, **facts}
    return operations.change_multipliers(
        **by(town, town.engineer), id=town.make_id(town.at), meter_id=meter.id, day=day, **given
    )


def test_other_transformers_begin_a_span_with_the_dials_that_ended_the_last(town, hung):
    new = change(town, hung)

    spans = queries.installations_of(meter_ids=[hung.id])[hung.id]
    assert [(s.installed_on, s.removed_on, dict(s.multipliers)) for s in spans] == [
        (HUNG, DAY, {}), (DAY, None, {"1.8.0": 60}),
    ]  # fmt: skip
    assert spans[0].closing == spans[1].opening == {"1.8.0": "500"}
    assert new.id == spans[1].id
    assert queries.where_installed(meter_id=hung.id, day=DAY).id == new.id


def test_another_programme_begins_the_dials_anew_and_keeps_the_ratios(town, hung):
    change(town, hung)
    operations.reprogramme(
        **by(town, town.engineer), id=town.make_id(town.at), meter_id=hung.id, day=date(2025, 7, 1),
        closing={"1.8.0": "700"}, opening={"1.8.0": "0", "1.8.1": "0"},
        added=[register(town, "1.8.1")],
    )  # fmt: skip

    (last,) = [
        s for s in queries.installations_of(meter_ids=[hung.id])[hung.id] if not s.removed_on
    ]
    assert (dict(last.opening), dict(last.multipliers)) == (
        {"1.8.0": "0", "1.8.1": "0"}, {"1.8.0": 60},
    )  # fmt: skip
    view = queries.meters(meter_ids=[hung.id])[hung.id]
    assert [r.code for r in view.registers] == ["1.8.0", "1.8.1"]


def test_a_change_that_is_not_possible_is_refused_and_nothing_changes(town, hung, leaves):
    anew = {"closing": {"1.8.0": "700"}, "opening": {"1.8.0": "0"}, "day": DAY}

    def reprogramme(**facts):
        operations.reprogramme(
            **by(town, town.engineer),
            id=town.make_id(town.at),
            meter_id=hung.id,
            **{**anew, **facts},
        )

    wrong = [
        (operations.ChangeInvalid, lambda: change(town, hung, multipliers={"9.9.9": 2})),
        (operations.ChangeInvalid, lambda: change(town, hung, multipliers={"1.8.0": 0})),
        (operations.DialInvalid, lambda: change(town, hung, dials={"1.8.0": "1000000"})),
        (operations.DialInvalid, lambda: change(town, hung, dials={})),
        (operations.NotInstalled, lambda: change(town, hung, HUNG)),
        (operations.ChangeInvalid, lambda: reprogramme(added=[register(town, "1.8.0")])),
        (operations.DialInvalid, lambda: reprogramme(added=[register(town, "1.8.1")])),
        (operations.ChangeInvalid, lambda: reprogramme(added=[register(town, "1.8.2", 99)])),
    ]

    for refusal, act in wrong:
        with pytest.raises(refusal):
            act()

    (only,) = Installation.objects.filter(meter_id=hung.id)
    assert only.removed_on is None
    assert [r.code for r in queries.meters(meter_ids=[hung.id])[hung.id].registers] == ["1.8.0"]
    assert {leaf["outcome"] for leaf in leaves()[-len(wrong) :]} == {"refused"}

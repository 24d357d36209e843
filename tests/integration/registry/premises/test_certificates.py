"""Certificates in a real database: recorded, withdrawn, told of before they end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tahseel.kernel.period import BillingMonth
from tahseel.registry.premises import operations, queries
from tahseel.registry.premises.models import Certificate, CertificateStep
from tahseel.registry.premises.values import Sector, UnitKind
from tahseel.registry.supply import operations as supply
from tahseel.trust.notices.models import Notice

FACTORY = "productive_factory"
FROM, UNTIL = date(2025, 4, 1), date(2026, 4, 1)


def by(town, actor=None):
    return {"actor": actor or town.clerk, "at": town.at}


@pytest.fixture
def plant(town):
    (unit,) = town.units(1, kind=UnitKind.PLANT, sector=Sector.INDUSTRIAL)
    return unit


def certify(town, unit, number="PAI-7", *, valid_from=FROM, valid_until=UNTIL, kind=FACTORY):
    return operations.record_certificate(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, kind=kind, number=number,
        valid_from=valid_from, valid_until=valid_until,
    )  # fmt: skip


def productive(unit, day):
    return queries.sector_on(unit_id=unit.id, day=day).productive_on(day)


def test_a_factory_is_productive_on_the_days_of_its_certificate(town, plant):
    certify(town, plant)
    certify(town, plant, "PAI-8", valid_from=date(2026, 6, 1), valid_until=None)

    days = [FROM - timedelta(1), FROM, UNTIL - timedelta(1), UNTIL, date(2026, 6, 1)]
    assert [productive(plant, day) for day in days] == [False, True, True, False, True]
    month = BillingMonth.of(UNTIL).previous()
    (march,) = queries.sectors_in(unit_ids=[plant.id], period=month.period)[plant.id]
    assert (march.certificate, march.from_day, march.until_day) == ("PAI-7", FROM, UNTIL)
    assert [c.number for c in queries.certificates_of(unit_ids=[plant.id])[plant.id]] == [
        "PAI-7", "PAI-8",
    ]  # fmt: skip


def test_a_certificate_that_does_not_fit_is_refused_and_nothing_changes(town, plant, leaves):
    other, flat = town.units(2, sector=Sector.INDUSTRIAL)[0], town.units(1)[0]
    certify(town, plant)
    wrong = [
        (operations.CertificateDoesNotFit, {"unit": flat}),
        (operations.CertificateDoesNotFit, {"kind": "productive_farm"}),
        (operations.CertificateDoesNotFit, {"kind": "productive_pond"}),
        (operations.CertificateInvalid, {"valid_until": FROM}),
        (operations.CertificateInvalid, {"valid_until": date(2040, 1, 1)}),
        (operations.CertificateOverlap, {"valid_from": date(2026, 3, 31)}),
        (operations.CertificateOverlap, {"unit": other, "number": "PAI-7"}),
    ]

    for refusal, facts in wrong:
        given = {"unit": plant, "number": "PAI-9", **facts}
        with pytest.raises(refusal):
            certify(town, given.pop("unit"), **given)

    assert Certificate.objects.count() == 1
    assert {leaf["outcome"] for leaf in leaves()[-len(wrong) :]} == {"refused"}


def test_a_withdrawn_certificate_ends_on_its_day_and_says_why(town, plant):
    paper = certify(town, plant)
    given = {**by(town, town.head), "certificate_id": paper.id, "reason": "the factory closed"}

    for day in (FROM, UNTIL):
        with pytest.raises(operations.CertificateInvalid):
            operations.withdraw_certificate(**given, on_day=day)
    operations.withdraw_certificate(**given, on_day=date(2025, 9, 1))

    assert [productive(plant, day) for day in (date(2025, 8, 31), date(2025, 9, 1))] == [
        True,
        False,
    ]
    (view,) = queries.certificates_of(unit_ids=[plant.id])[plant.id]
    assert (view.valid_until, view.withdrawn) == (date(2025, 9, 1), "the factory closed")


def test_a_certificate_given_with_the_unit_is_on_record_like_any_other(town):
    (farm,) = town.units(
        1, kind=UnitKind.FARM, sector=Sector.AGRICULTURAL, from_day=FROM,
        certificate="AFR-1", certificate_until=UNTIL,
    )  # fmt: skip

    assert (productive(farm, FROM), productive(farm, UNTIL)) == (True, False)
    with pytest.raises(operations.CertificateDoesNotFit):
        town.units(1, sector=Sector.COMMERCIAL, certificate="AFR-2")
    assert Certificate.objects.count() == 1


def open_account(town, unit):
    payer = town.person()
    account = supply.open_account(
        **by(town), id=town.make_id(town.at), unit_id=unit.id, opened_on=town.opened,
        payer_id=payer,
    )  # fmt: skip
    return account, payer


def tell(town, day):
    return supply.tell_of_certificates(**by(town, town.house), day=day)


def test_whoever_is_liable_is_warned_once_and_told_once_when_the_price_changes(town, plant):
    certify(town, plant)
    account, payer = open_account(town, plant)
    days = [UNTIL - timedelta(61), UNTIL - timedelta(60), UNTIL - timedelta(1), UNTIL, UNTIL]

    letters = [tell(town, day) for day in days]

    assert letters == [0, 1, 0, 1, 0]
    warning, fallback = Notice.objects.order_by("issued_at", "subject")
    told = {n.subject: n for n in (warning, fallback)}
    assert {n.recipient_customer_id for n in told.values()} == {payer}
    assert {n.reference for n in told.values()} == {account.number}
    bodies = "".join(n.body_ar + n.body_en for n in told.values())
    assert [bodies.count(fact) for fact in ("PAI-7", "2026-04-01", "السالمية")] == [4, 4, 2]


def test_a_renewed_certificate_ends_without_a_word(town, plant):
    certify(town, plant)
    certify(town, plant, "PAI-8", valid_from=UNTIL, valid_until=date(2027, 4, 1))
    open_account(town, plant)

    assert [tell(town, day) for day in (UNTIL - timedelta(30), UNTIL)] == [0, 0]
    assert productive(plant, UNTIL)


def test_nobody_is_told_of_what_ended_long_ago_or_stands_vacant(town, plant):
    certify(town, plant, valid_from=date(2024, 4, 1), valid_until=date(2025, 1, 1))
    (vacant,) = town.units(1, kind=UnitKind.PLANT, sector=Sector.INDUSTRIAL)
    certify(town, vacant, "PAI-9")
    open_account(town, plant)

    letters = tell(town, UNTIL - timedelta(10))

    assert letters == 0
    assert [s.step for s in CertificateStep.objects.all()] == ["warned"]

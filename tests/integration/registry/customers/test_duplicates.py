"""Records that may be one person: found by a few keys, told with their reasons."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tahseel.kernel.actor import Purpose
from tahseel.registry.customers import operations, queries
from tahseel.registry.customers.models import Apart, Protection
from tahseel.registry.customers.values import CustomerKind, Evidence, Likeness, ProtectionKind


def person(town, name_ar="سالم العنزي", name_en="Salem Alenezi", **facts):
    given = {"kind": CustomerKind.RESIDENT, "civil_id": town.civil_id(), "mobile": None, **facts}
    return operations.register(
        actor=town.clerk, at=town.at, id=town.make_id(town.at), name_ar=name_ar, name_en=name_en,
        **given,
    ).id  # fmt: skip


def found(town):
    read = {"actor": town.clerk, "at": town.at, "purpose": Purpose.CUSTOMER_SERVICE}
    return queries.duplicates_found(**read)


def test_an_unknown_debtor_with_the_name_and_mobile_of_a_resident_is_found_first(town):
    resident = person(town, mobile="50001234")
    unknown = person(
        town, "سالم العنزى", "", kind=CustomerKind.UNKNOWN, civil_id=None, mobile="50001234"
    )
    person(town, "فهد الدوسري", "Fahad Aldosari", mobile="50001235")
    shared = person(town, "نورة الدوسري", "Noura Aldosari", mobile="50001235")

    first, second = found(town)

    assert (first.goes.id, first.stays.id) == (unknown, resident)
    assert set(first.reasons) == {
        Likeness.SAME_MOBILE, Likeness.SAME_NAME, Likeness.ONE_WITHOUT_NUMBER,
    }  # fmt: skip
    assert first.score > second.score
    assert shared in {second.goes.id, second.stays.id}


def test_two_namesakes_with_proved_numbers_are_two_people(town):
    for _ in range(2):
        who = person(town)
        operations.verify_identity(
            actor=town.clerk, at=town.at, customer_id=who, evidence=Evidence.SMART_CARD,
            reference="card",
        )  # fmt: skip

    assert found(town) == []


def test_an_office_telephone_brings_nobody_together(town):
    for n in range(21):
        person(town, f"سالم {'ابتثجحخدذرزسشصضطظعغفق'[n]}", f"Salem {n}", mobile="50001234")

    assert [pair for pair in found(town) if Likeness.SAME_MOBILE in pair.reasons] == []


def test_a_pair_that_was_told_apart_is_not_shown_again(town, leaves):
    one, other = person(town), person(town)
    assert len(found(town)) == 1

    for _ in range(2):
        operations.keep_apart(
            actor=town.clerk, at=town.at, one_id=other, other_id=one, reason="father and son"
        )
    with pytest.raises(operations.ProofMissing):
        operations.keep_apart(actor=town.clerk, at=town.at, one_id=one, other_id=other, reason=" ")

    assert found(town) == []
    assert Apart.objects.count() == 1
    assert leaves()[-2]["outcome"] == "refused"


def protect(town, who, **facts):
    given = {
        "id": town.make_id(town.at), "kind": ProtectionKind.LIFE_SUPPORT,
        "from_day": date(2026, 3, 1), "until_day": date(2026, 9, 1), "evidence": "hospital 12",
        **facts,
    }  # fmt: skip
    return operations.protect(actor=town.clerk, at=town.at, customer_id=who, **given)


def test_a_protection_counts_from_its_first_day_until_it_ends(town):
    who = person(town)
    view = protect(town, who)
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 8, 31), date(2026, 9, 1)]

    counted = [queries.protected_on(customer_ids=[who], day=day) for day in days]
    operations.end_protection(
        actor=town.head, at=town.at, protection_id=view.id, reason="machine handed back"
    )

    assert counted == [set(), {who}, {who}, set()]
    assert queries.protected_on(customer_ids=[who], day=days[1]) == set()
    with pytest.raises(operations.ProtectionUnknown):
        operations.end_protection(
            actor=town.head, at=town.at, protection_id=view.id, reason="again"
        )


@pytest.mark.parametrize(
    "facts",
    [
        {"evidence": " "},
        {"until_day": date(2026, 3, 1)},
        {"until_day": date(2026, 3, 1) + timedelta(days=732)},
    ],
)
def test_a_protection_without_its_paper_or_without_an_end_is_refused(town, facts, leaves):
    with pytest.raises(operations.ProtectionImpossible):
        protect(town, person(town), **facts)

    assert not Protection.objects.exists()
    assert leaves()[-1]["outcome"] == "refused"

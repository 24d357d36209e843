"""An application in the stories of its applicant, its place and its account, once in each."""

from __future__ import annotations

from tests.integration.channels.services.conftest import Office

from tahseel.channels.services import history
from tahseel.kernel.history import About


def told(**about: object) -> list[str]:
    found = history.steps(About(**{name: frozenset({one}) for name, one in about.items()}))  # type: ignore[arg-type]
    return [str(step.facts["step"]) for step in found]


def test_each_story_tells_every_step_once_the_newest_first(office: Office) -> None:
    made = office.apply()
    for act in (office.study, office.quote):
        office.later()
        made = act(made)
    office.later()
    office.pay(made)
    office.later()
    office.inspect(made)
    wanted = ["step_passed", "step_paid", "step_quoted", "step_studied", "step_applied"]

    assert told(customers=office.owner) == wanted
    assert told(units=office.unit) == wanted
    assert told(accounts=made.account_id) == wanted
    assert told(customers=office.owner, units=office.unit, accounts=made.account_id) == wanted


def test_the_story_of_a_place_for_another_person_tells_no_step_of_the_applicant(
    office: Office,
) -> None:
    office.apply()
    stranger = office.town.person()

    about = About(units=frozenset({office.unit}), only=stranger)

    assert history.steps(about) == []


def test_every_step_that_is_written_has_its_words(office: Office) -> None:
    from tahseel.channels.services import queries

    made = office.passed()
    office.energise(made)

    steps = {f"step_{one.step}" for one in queries.course(application_id=made.id)}
    assert steps <= set(history.TERMS)
    assert made.service in history.TERMS

import pickle
from enum import StrEnum

import pytest

from tahseel.kernel.errors import Broken, Fault, NotAllowed, NotFound, Refusal
from tahseel.kernel.states import StateMachine, WrongState


class TooLate(Refusal):
    code = "too_late"
    text_ar = "انتهت المهلة منذ {days} يومًا"
    text_en = "The term ended {days} days ago"
    http_status = 409


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    BROKEN = "broken"


LIGHT = StateMachine(
    "light",
    Light.RED,
    {
        Light.RED: frozenset({Light.GREEN}),
        Light.GREEN: frozenset({Light.RED, Light.BROKEN}),
        Light.BROKEN: frozenset(),
    },
)


def test_a_refusal_speaks_both_languages_and_keeps_its_facts() -> None:
    refusal = TooLate(days=3)

    assert refusal.as_dict() == {
        "code": "too_late",
        "text_ar": "انتهت المهلة منذ 3 يومًا",
        "text_en": "The term ended 3 days ago",
        "facts": {"days": 3},
    }
    assert refusal.in_language("ar-kw") == "انتهت المهلة منذ 3 يومًا"
    assert str(refusal) == "too_late: The term ended 3 days ago"


def test_a_forgotten_fact_does_not_turn_a_refusal_into_another_error() -> None:
    assert TooLate().in_language("en") == "The term ended {days} days ago"


def test_a_fact_in_braces_is_shown_as_it_is() -> None:
    class Named(Refusal):
        text_en = "no {name}"

    assert Named(name="{days}").in_language("en") == "no {days}"


@pytest.mark.parametrize("error", [TooLate(days=3), NotFound(), WrongState(machine="light")])
def test_a_refusal_crosses_a_process_border(error: Refusal) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is type(error)
    assert copy.as_dict() == error.as_dict()


def test_a_fault_says_whether_to_try_again_even_across_a_process_border() -> None:
    copy = pickle.loads(pickle.dumps(Fault("the gateway is silent", retry=True)))

    assert copy.retry is True
    assert str(copy) == "the gateway is silent"


def test_the_three_families_are_apart() -> None:
    families = (Refusal, Fault, Broken)

    assert not any(issubclass(a, b) for a in families for b in families if a is not b)
    assert NotAllowed.http_status == 403


def test_a_state_moves_along_its_arrows_only() -> None:
    assert LIGHT.require(Light.RED, Light.GREEN) is Light.GREEN
    assert not LIGHT.allows(Light.RED, Light.BROKEN)
    with pytest.raises(WrongState) as caught:
        LIGHT.require(Light.RED, Light.BROKEN)
    assert caught.value.facts == {"machine": "light", "current": "red", "wanted": "broken"}
    assert "{" not in caught.value.in_language("ar") + caught.value.in_language("en")


def test_a_state_without_arrows_is_final() -> None:
    assert LIGHT.is_final(Light.BROKEN)
    assert not LIGHT.is_final(Light.GREEN)
    assert LIGHT.reachable() == frozenset(Light)


def test_an_arrow_into_nothing_is_no_state_machine() -> None:
    with pytest.raises(ValueError, match="without an entry"):
        StateMachine("lamp", "on", {"on": frozenset({"off"})})
    with pytest.raises(ValueError, match="lamp"):
        StateMachine("lamp", "off", {"on": frozenset()})

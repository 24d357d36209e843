"""A state machine is a graph of data: states, the arrows between them, and a guard to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from tahseel.kernel.errors import Refusal

S = TypeVar("S", bound=str)


class WrongState(Refusal):
    """The thing is not in a state from which this step leads on."""

    code = "wrong_state"
    text_ar = "لا يمكن الانتقال من الحالة {current} إلى {wanted} ({machine})"
    text_en = "{machine} cannot go from {current} to {wanted}"
    http_status = 409


@dataclass(frozen=True)
class StateMachine(Generic[S]):
    """`moves` maps each state to the states that may follow it; a state without moves is final."""

    name: str
    initial: S
    moves: Mapping[S, frozenset[S]]

    def __post_init__(self) -> None:
        unknown = {t for ts in self.moves.values() for t in ts} - set(self.moves)
        if unknown or self.initial not in self.moves:
            raise ValueError(f"{self.name}: states without an entry: {sorted(unknown)}")

    def allows(self, current: S, wanted: S) -> bool:
        return wanted in self.moves[current]

    def require(self, current: S, wanted: S) -> S:
        """Returns `wanted`. Raises WrongState when no arrow leads there."""
        if not self.allows(current, wanted):
            raise WrongState(machine=self.name, current=str(current), wanted=str(wanted))
        return wanted

    def is_final(self, state: S) -> bool:
        return not self.moves[state]

    def reachable(self) -> frozenset[S]:
        """Every state that can be reached from the initial one."""
        seen: set[S] = set()
        todo = [self.initial]
        while todo:
            state = todo.pop()
            if state not in seen:
                seen.add(state)
                todo.extend(self.moves[state])
        return frozenset(seen)

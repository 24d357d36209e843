"""A second ledger, as small as can be, that predicts what the real one answers.

It shares no code with the product: entries are plain tuples in lists, balances are sums over them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Move = tuple[str, str, int]  # debit, credit, fils


@dataclass
class ModelAccount:
    order: list[str] = field(default_factory=list)
    moves: dict[str, Move] = field(default_factory=dict)
    taken_back: dict[str, str] = field(default_factory=dict)

    def owed(self) -> int:
        return sum(
            fils * ((debit == "receivable") - (credit == "receivable"))
            for debit, credit, fils in self.moves.values()
        )

    def unapplied(self) -> int:
        return sum(
            fils * ((credit == "credit") - (debit == "credit"))
            for debit, credit, fils in self.moves.values()
        )

    def post(self, name: str, move: Move) -> str:
        if name in self.moves:
            return "same" if self.moves[name] == move else "ledger_entry_differs"
        return self._add(name, move)

    def reverse(self, name: str, of: str) -> str:
        if of not in self.moves:
            return "not_found"
        if of in self.taken_back:
            return "ledger_not_reversible"
        earlier = [back for back, first in self.taken_back.items() if first == of]
        if earlier:
            return "same" if earlier == [name] else "ledger_already_reversed"
        if name in self.moves:
            return "ledger_entry_differs"
        debit, credit, fils = self.moves[of]
        answer = self._add(name, (credit, debit, fils))
        if answer == "posted":
            self.taken_back[name] = of
        return answer

    def _add(self, name: str, move: Move) -> str:
        self.moves[name] = move
        if self.unapplied() < 0:
            del self.moves[name]
            return "ledger_credit_below_zero"
        self.order.append(name)
        return "posted"

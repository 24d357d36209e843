"""A second ledger, as small as can be, that predicts what the real one answers.

It shares no code with the product: entries are plain tuples in lists, balances are sums over them,
days are numbers. An answer is "posted", "same" (a replay) or the code of a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Move = tuple[str, str, int, int]  # debit, credit, fils, day
RAISED_BY_DEBIT = {"cash", "knet", "receivable"}
LIMITED = {"cash", "suspense", "prepaid"}


@dataclass
class ModelBooks:
    """What all accounts share: the day before which nothing is received."""

    closed_until: int = 0
    accounts: dict[str, ModelAccount] = field(default_factory=dict)

    def account(self, name: str) -> ModelAccount:
        return self.accounts.setdefault(name, ModelAccount(self))

    def close(self, start: int, end: int, today: int) -> str:
        if today < end:
            return "ledger_period_not_over"
        if start != self.closed_until:
            return "ledger_not_the_next_period"
        self.closed_until = end
        return "closed"

    def reopen(self, start: int, end: int) -> str:
        if start >= self.closed_until:
            return "ledger_nothing_closed"
        if end != self.closed_until:
            return "ledger_not_the_next_period"
        self.closed_until = start
        return "reopened"


@dataclass
class ModelAccount:
    books: ModelBooks = field(default_factory=ModelBooks)
    order: list[str] = field(default_factory=list)
    moves: dict[str, Move] = field(default_factory=dict)
    taken_back: dict[str, str] = field(default_factory=dict)

    def standing(self, code: str) -> int:
        """The balance of a code on its natural side."""
        side = 1 if code in RAISED_BY_DEBIT else -1
        return sum(
            side * fils * ((debit == code) - (credit == code))
            for debit, credit, fils, _ in self.moves.values()
        )

    def owed(self) -> int:
        return self.standing("receivable")

    def unapplied(self) -> int:
        return self.standing("credit")

    def post(self, name: str, move: Move) -> str:
        if name in self.moves:
            known = self.moves[name] == move and name not in self.taken_back
            return "same" if known else "ledger_entry_differs"
        return self._add(name, move)

    def reverse(self, name: str, of: str, day: int) -> str:
        if of not in self.moves:
            return "not_found"
        if of in self.taken_back:
            return "ledger_not_reversible"
        debit, credit, fils, _ = self.moves[of]
        earlier = [back for back, first in self.taken_back.items() if first == of]
        if earlier and earlier != [name]:
            return "ledger_already_reversed"
        if name in self.moves:
            same = bool(earlier) and self.moves[name] == (credit, debit, fils, day)
            return "same" if same else "ledger_entry_differs"
        answer = self._add(name, (credit, debit, fils, day))
        if answer == "posted":
            self.taken_back[name] = of
        return answer

    def statement(self, since: int, until: int) -> tuple[int, int]:
        """What was owed, less credit, before the first day and after the last."""
        before, after = ModelAccount(), ModelAccount()
        before.moves = {n: m for n, m in self.moves.items() if m[3] < since}
        after.moves = {n: m for n, m in self.moves.items() if m[3] <= until}
        return before.owed() - before.unapplied(), after.owed() - after.unapplied()

    def _add(self, name: str, move: Move) -> str:
        if move[3] < self.books.closed_until:
            return "ledger_period_closed"
        self.moves[name] = move
        lowered = {move[0]} - RAISED_BY_DEBIT | {move[1]} & RAISED_BY_DEBIT
        if any(self.standing(code) < 0 for code in lowered & LIMITED):
            del self.moves[name]
            return "ledger_beyond_limit"
        if self.unapplied() < 0:
            del self.moves[name]
            return "ledger_credit_below_zero"
        self.order.append(name)
        return "posted"

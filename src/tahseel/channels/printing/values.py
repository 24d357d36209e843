"""What is known of a bill's customer and place when it is put on paper, and what was printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tahseel.charging.billing.values import Explanation
from tahseel.charging.charges.values import Charge
from tahseel.kernel.money import Money

LANGUAGES = ("ar", "en")


@dataclass(frozen=True, slots=True)
class Addressed:
    """A bill on its way to paper. carried: charges and credits that go out with it.

    Names and address are the Arabic and the English one; charge_names by kind likewise.
    """

    told: Explanation
    account: str
    name: tuple[str, str]
    address: tuple[str, str]
    language: str
    book: tuple[str, str]
    carried: tuple[Charge, ...]
    charge_names: dict[str, tuple[str, str]]
    pay_url: str

    @property
    def asked(self) -> Money:
        """What the paper asks for: the bill, or its difference, and what goes out with it."""
        told = self.told
        bill = told.view.bill.total - told.before.total if told.before else told.view.bill.total
        signs = {"charge": 1, "credit": -1}
        return bill + Money(sum(one.amount.fils * signs[one.sign] for one in self.posted))

    @property
    def posted(self) -> tuple[Charge, ...]:
        return tuple(one for one in self.carried if one.state == "posted")


@dataclass(frozen=True, slots=True)
class Printed:
    """What a batch came to. fresh: written now; the others stood there, whole, from before."""

    folder: Path
    bills: int
    fresh: int
    bytes: int

    def with_more(self, *, rows: Sequence[int], fresh: int) -> Printed:
        """With files of some sizes beside those before."""
        bills, size = self.bills + len(rows), self.bytes + sum(rows)
        return Printed(self.folder, bills, self.fresh + fresh, size)

    def as_dict(self) -> dict[str, object]:
        return {
            "folder": str(self.folder),
            "bills": self.bills,
            "fresh": self.fresh,
            "bytes": self.bytes,
        }

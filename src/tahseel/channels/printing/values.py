"""What is known of a bill's customer and place when it is put on paper, and what was printed."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    """What a batch came to. fresh: written now; the others stood there, whole, from before.

    failed: bills that could not be set, with the reason.
    """

    folder: Path
    bills: int = 0
    fresh: int = 0
    bytes: int = 0
    failed: tuple[tuple[str, str], ...] = ()

    def with_one(self, number: str, size: int, *, fresh: bool, fault: str) -> Printed:
        """With a file of some size, or with a bill that could not be set."""
        if fault:
            return replace(self, failed=(*self.failed, (number, fault)))
        return replace(
            self, bills=self.bills + 1, fresh=self.fresh + fresh, bytes=self.bytes + size
        )

    def with_more(self, other: Printed) -> Printed:
        """Together with what others came to."""
        return Printed(
            self.folder,
            self.bills + other.bills,
            self.fresh + other.fresh,
            self.bytes + other.bytes,
            self.failed + other.failed,
        )

    def as_dict(self) -> dict[str, object]:
        return {
            "folder": str(self.folder),
            "bills": self.bills,
            "fresh": self.fresh,
            "bytes": self.bytes,
            "failed": dict(self.failed),
        }

"""What came to a record while a merge held, in words: what it is, where it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tahseel.channels.desk import wording
from tahseel.channels.pages import formats
from tahseel.channels.pages.values import Pill, Tone
from tahseel.registry.customers.values import Came, CameRow
from tahseel.registry.supply import queries as supply


@dataclass(frozen=True, slots=True)
class CameTold:
    """A row in words: what it is, on which account, and where it is now."""

    row: CameRow
    name: str
    number: str
    pill: Pill

    @property
    def here(self) -> bool:
        return self.row.state is Came.HERE

    @property
    def choice(self) -> tuple[str, str]:
        said = (self.name, self.number, formats.day_text(self.row.day) if self.row.day else "")
        return str(self.row.position), " · ".join(one for one in said if one)


def told(rows: Sequence[CameRow]) -> list[CameTold]:
    """In the order in which they are kept."""
    names = wording.tables()
    numbers = supply.accounts(account_ids={one.account_id for one in rows if one.account_id})
    pills = {
        Came.HERE: Pill(_("With the record that stays"), Tone.WARNING),
        Came.MOVED: Pill(_("Moved to the record that came back"), Tone.GOOD),
        Came.STAYS: Pill(_("Keeps its payer"), Tone.INFO),
        Came.GONE: Pill(_("With neither any more"), Tone.INFO),
    }
    return [
        CameTold(
            one,
            names.get(one.name, one.name),
            numbers[one.account_id].number if one.account_id in numbers else "",
            pills[one.state],
        )
        for one in rows
    ]

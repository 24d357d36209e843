"""What very many senders' names mean: our meters, asked for tens of thousands at a time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from django.db import connection

from tahseel.consumption.readings.formats.plain_wide import NotPlain

# Names come as one text and answers as three: a row and a parameter each cost more than finding
# them. What a name is linked to (1) goes before the meter that has it as its serial (0).
_METERS = """
with asked as (
  select * from unnest(string_to_array(%s, chr(31))) with ordinality as t(name, place)
), found as (
  select 0 as rank, place, m.id, m.service from asked join meters_meter m on m.serial = name
  union all
  select 1, place, m.id, m.service from asked join readings_usage_point l on l.usage_point = name
  join meters_meter m on m.id = l.meter_id
)
select string_agg(int4send(place::int4), ''), string_agg(uuid_send(id), ''),
  string_agg(service, ' ')
from found group by rank order by rank
"""
BETWEEN = "\x1f"
ID_BYTES = 36

Ints = npt.NDArray[np.int64]


class Names:
    """Names that were asked for, each with a code. Read only:

    codes: by name; ids: bytes of our meter's id, by code, empty where it is nobody's; sold: by
    code, whether the meter is there and of the service that is asked for.
    """

    def __init__(self, service: str | None) -> None:
        self.codes: dict[str, int] = {}
        self.ids = np.zeros(0, f"S{ID_BYTES}")
        self.sold = np.zeros(0, bool)
        self._service = service

    def look_up(self, names: Iterable[str]) -> None:
        """Ask for names that were not asked for before. Raises NotPlain."""
        new = [name for name in dict.fromkeys(names) if name not in self.codes]
        if not new:
            return
        ids, sold = np.zeros(len(new), f"S{ID_BYTES}"), np.zeros(len(new), bool)
        for places, meters, services in _found(new):
            at = np.frombuffer(places, ">i4") - 1
            ids[at] = _texts(meters)
            sold[at] = np.array(services.split(" ")) == self._service
        first = len(self.codes)
        self.codes.update(zip(new, range(first, first + len(new)), strict=True))
        self.ids, self.sold = np.concatenate([self.ids, ids]), np.concatenate([self.sold, sold])

    def ids_of(self, codes: Ints) -> list[str]:
        """Ids of meters in order, each once."""
        return [written.decode() for written in np.unique(self.ids[codes]).tolist()]


def _found(names: list[str]) -> list[tuple[bytes, bytes, str]]:
    asked = BETWEEN.join(names)
    if asked.count(BETWEEN) >= len(names):
        raise NotPlain("a name with a sign that stands between names")
    with connection.cursor() as cursor:
        cursor.execute(_METERS, [asked])
        return list(cursor.fetchall())


def _texts(ids: bytes) -> npt.NDArray[np.bytes_]:
    """UUIDs, 16 bytes each, as they are written."""
    digits = np.frombuffer(ids.hex().encode(), np.uint8).reshape(-1, 32)
    written = np.full((len(digits), ID_BYTES), ord("-"), np.uint8)
    for into, start, length in ((0, 0, 8), (9, 8, 4), (14, 12, 4), (19, 16, 4), (24, 20, 12)):
        written[:, into : into + length] = digits[:, start : start + length]
    return written.view(f"S{ID_BYTES}").reshape(-1)

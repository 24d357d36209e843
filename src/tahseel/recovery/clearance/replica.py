"""The gateway's own copy of the open holds: one LMDB folder that survives a dead database.

A record's key is the blind index of the civil id (32 bytes) and the gate (1 byte); its value is
what must be paid (fils) and the reference to pay it by. No record means clear. One more record,
`meta`, says up to which event the copy is complete, as of when, under which index key, and how a
civil id is checked, so that a gateway needs this folder and the key, nothing else. Several
processes read while one writes; a reader always sees one whole batch or the next. No Django here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import lmdb
import orjson

from tahseel.kernel.errors import Broken, Fault
from tahseel.kernel.ids import CivilIdScheme
from tahseel.recovery.clearance.values import Gate

FORMAT = 1
MAP_BYTES_MAX = 8 << 30  # address space, not disk: the file grows with what is in it
READERS_MAX = 126
REFERENCE_BYTES_MAX = 16
INDEX_BYTES = 32
META_KEY = b"meta"

GATE_CODES: dict[Gate, bytes] = {
    Gate.EXIT: b"\x01",
    Gate.RESIDENCY: b"\x02",
    Gate.DRIVING_LICENCE: b"\x03",
    Gate.VEHICLE: b"\x04",
    Gate.OTHER: b"\x05",
}
_RECORD = struct.Struct(f">q{REFERENCE_BYTES_MAX}s")


class ReplicaBroken(Broken):
    """The copy and its source disagree about what has been applied: rebuild it."""


@dataclass(frozen=True, slots=True)
class Record:
    """One open hold: fils (> 0) and the reference under which it can be paid (ASCII)."""

    fils: int
    reference: str

    def pack(self) -> bytes:
        reference = self.reference.encode("ascii")
        if self.fils <= 0 or not 0 < len(reference) <= REFERENCE_BYTES_MAX:
            raise ValueError("a record needs an amount and a short reference")
        return _RECORD.pack(self.fils, reference)

    @classmethod
    def unpack(cls, value: bytes) -> Record:
        fils, reference = _RECORD.unpack(value)
        return cls(fils, reference.rstrip(b"\x00").decode("ascii"))


@dataclass(frozen=True, slots=True)
class Change:
    """What one person's record at one gate is from now on; None means clear."""

    index: bytes
    gate: Gate
    record: Record | None


@dataclass(frozen=True, slots=True)
class Meta:
    """How far and as of when (Unix milliseconds) the copy is complete, and how to read it."""

    sequence: int
    as_of_ms: int
    key_id: str
    scope: tuple[str, ...]
    scheme: CivilIdScheme

    def pack(self) -> bytes:
        return orjson.dumps(
            {
                "format": FORMAT,
                "sequence": self.sequence,
                "as_of_ms": self.as_of_ms,
                "key_id": self.key_id,
                "scope": self.scope,
                "weights": self.scheme.weights,
                "modulus": self.scheme.modulus,
                "centuries": self.scheme.centuries,
                "source": self.scheme.source,
            }
        )

    @classmethod
    def unpack(cls, value: bytes) -> Meta:
        """Raises Fault for a format that this version does not read."""
        data = orjson.loads(value)
        if data["format"] != FORMAT:
            raise Fault(f"replica format {data['format']} is not {FORMAT}: rebuild it", retry=False)
        scheme = CivilIdScheme(
            weights=tuple(data["weights"]),
            modulus=data["modulus"],
            centuries=tuple((digit, year) for digit, year in data["centuries"]),
            source=data["source"],
        )
        scope = tuple(data["scope"])
        return cls(data["sequence"], data["as_of_ms"], data["key_id"], scope, scheme)


def record_key(index: bytes, gate: Gate) -> bytes:
    """Where a person's record at a gate lies."""
    if len(index) != INDEX_BYTES:
        raise ValueError(f"a blind index has {INDEX_BYTES} bytes")
    return index + GATE_CODES[gate]


class Writer:
    """The projector's end. Only one may be open on a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._environment = lmdb.open(
            str(folder),
            map_size=MAP_BYTES_MAX,
            max_readers=READERS_MAX,
            mode=0o600,
            metasync=False,
        )
        self._environment.reader_check()

    def meta(self) -> Meta | None:
        """What the copy says of itself; None when never built, or of another format."""
        with self._environment.begin() as view:
            value = view.get(META_KEY)
        if value is None:
            return None
        try:
            return Meta.unpack(value)
        except Fault:
            return None

    def apply(self, changes: Iterable[Change], meta: Meta) -> None:
        """One batch, all or nothing. Applying a batch again changes nothing.

        A power cut may undo the last batch as a whole; it is then behind the consumer's cursor,
        and whoever writes next applies it again.

        Raises ReplicaBroken when the copy was never built, or is ahead of the batch.
        """
        known = self.meta()
        if known is None or known.sequence > meta.sequence or known.key_id != meta.key_id:
            raise ReplicaBroken("the replica does not continue from here")
        with self._environment.begin(write=True) as batch:
            for change in changes:
                key = record_key(change.index, change.gate)
                if change.record is None:
                    batch.delete(key)
                else:
                    batch.put(key, change.record.pack())
            batch.put(META_KEY, meta.pack())

    def rebuild(self, rows: Sequence[Change], meta: Meta) -> None:
        """Replace everything in one batch; readers see the old copy until it is complete."""
        pairs = sorted((record_key(r.index, r.gate), r.record.pack()) for r in rows if r.record)
        with self._environment.begin(write=True) as batch:
            batch.drop(self._environment.open_db(txn=batch), delete=False)
            for key, value in pairs:
                batch.put(key, value)
            batch.put(META_KEY, meta.pack())

    def reader(self) -> Reader:
        """A reader in the writer's own process, where a folder cannot be opened twice."""
        return Reader(self._environment)

    def close(self) -> None:
        self._environment.close()


class Reader:
    """The gateway's end."""

    def __init__(self, environment: lmdb.Environment) -> None:
        self._begin = environment.begin
        self._close = environment.close

    @classmethod
    def open(cls, folder: Path) -> Reader:
        """Raises Fault (try again later) when nothing has been built there yet."""
        try:
            return cls(
                lmdb.open(
                    str(folder),
                    readonly=True,
                    map_size=MAP_BYTES_MAX,
                    max_readers=READERS_MAX,
                    max_spare_txns=4,
                )
            )
        except lmdb.Error as error:
            raise Fault(f"there is no replica in {folder}", retry=True) from error

    def look(self, key: bytes) -> tuple[bytes | None, bytes | None]:
        """(meta, record) of one consistent view; either is None when it is not there.

        Raises Fault when the copy cannot be read.
        """
        try:
            with self._begin() as view:
                return view.get(META_KEY), view.get(key)
        except lmdb.Error as error:
            raise Fault("the replica cannot be read", retry=True) from error

    def meta(self) -> Meta | None:
        """What the copy says of itself. Raises Fault for an unknown format."""
        value = self.look(META_KEY)[0]
        return Meta.unpack(value) if value else None

    def record(self, index: bytes, gate: Gate) -> Record | None:
        """The open hold of a person at a gate, or None: clear."""
        value = self.look(record_key(index, gate))[1]
        return Record.unpack(value) if value else None

    def close(self) -> None:
        self._close()

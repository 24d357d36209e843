"""Pure functions on what registries answer: is it theirs, what does it say, does it add up."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tahseel.kernel.calendar import WorkingCalendar
from tahseel.kernel.errors import Fault
from tahseel.kernel.states import StateMachine
from tahseel.registry.feeds.values import (
    Answer,
    Control,
    Kind,
    Page,
    Record,
    Registry,
    Standing,
    Version,
)

STANDING: StateMachine[Standing] = StateMachine(
    name="feed_record",
    initial=Standing.RECEIVED,
    moves={
        Standing.RECEIVED: frozenset(Standing) - {Standing.RECEIVED, Standing.DISMISSED},
        Standing.UNCONCERNED: frozenset(Standing) - {Standing.RECEIVED, Standing.DISMISSED},
        Standing.PARKED: frozenset(Standing) - {Standing.RECEIVED},
        Standing.APPLIED: frozenset(),
        Standing.SUPERSEDED: frozenset(),
        Standing.DISMISSED: frozenset(),
    },
)
RETRIED = frozenset({Standing.RECEIVED, Standing.UNCONCERNED, Standing.PARKED})

FACTS: Mapping[Kind, frozenset[str]] = {
    Kind.DEATH: frozenset({"civil_id", "died_on", "certificate"}),
    Kind.NAME: frozenset({"civil_id", "name_ar", "name_en", "from_day"}),
    Kind.ADDRESS: frozenset(
        {"paci_number", "area", "block", "street", "parcel", "building", "from_day"}
    ),
    Kind.DEPARTURE: frozenset({"civil_id", "left_on", "final"}),
    Kind.RETURN: frozenset({"civil_id", "returned_on"}),
    Kind.TITLE: frozenset({"deed", "paci_number", "from_civil_id", "to_civil_id", "from_day"}),
}
FLAGS = ("final",)
DAYS = ("died_on", "from_day", "left_on", "returned_on")
# Reasons that lie in the form of a version: another version changes them, or another agreement
# with the registry (a new kind of record, another scheme of civil ids), then by `feeds replay`.
UNREADABLE = frozenset(
    {
        "number_missing", "version_wrong", "kind_unexpected", "state_unexpected", "day_wrong",
        "facts_missing", "facts_wrong", "civil_id_invalid", "version_contradicts",
    }
)  # fmt: skip
RECORDS_MAX = 5_000
NUMBER_LENGTH_MAX = 60
CURSOR_LENGTH_MAX = 500
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL and halves of a pair: no text of a database
SIGNATURE_INPUT = re.compile(
    r'registry=(?P<params>\("@status" "content-digest" "@path";req "@query";req\)'
    r';created=\d+;keyid="(?P<key>[^"]{1,80})";alg="ed25519")'
)

_installed: list[dict[str, Registry]] = []


def load_registries(
    data: Mapping[str, Any], *, base_url: str, keys: Mapping[str, tuple[str, str]]
) -> dict[str, Registry]:
    """The country's registries with the address and the keys of this installation.

    keys: registry -> (key id, public key as base64). Raises KeyError, ValueError.
    """
    found = {}
    for row in data["registry"]:
        key_id, key = keys.get(row["code"], ("", ""))
        found[row["code"]] = Registry(
            code=row["code"],
            name_ar=row["name_ar"],
            name_en=row["name_en"],
            kinds=frozenset(Kind(kind) for kind in row["kinds"]),
            silent_after_days=row["silent_after_days"],
            base_url=base_url if key else "",
            key_id=key_id,
            public_key=base64.b64decode(key),
        )
    return found


def install_registries(registries: Mapping[str, Registry]) -> None:
    """Called once by `app` with the country's registries."""
    _installed[:] = [dict(registries)]


def registries() -> Mapping[str, Registry]:
    """The installed ones, by code. Raises LookupError before `install_registries`."""
    if not _installed:
        raise LookupError("no registries are installed")
    return _installed[0]


def verify(*, registry: Registry, answer: Answer, status: int, fields: Mapping[str, str]) -> None:
    """Check that an answer is the registry's, unaltered, and given to this question.

    Source: RFC 9421 (message signatures), RFC 9530 (digest fields). Raises Fault(retry=False for
    another key, else True: a body may have been damaged on its way).
    """
    wanted = f"sha-256=:{base64.b64encode(hashlib.sha256(answer.body).digest()).decode()}:"
    if fields.get("content-digest") != wanted:
        raise Fault(f"{registry.code}: the body does not match its digest", retry=True)
    given = SIGNATURE_INPUT.fullmatch(fields.get("signature-input", ""))
    if given is None or given["key"] != registry.key_id:
        raise Fault(f"{registry.code}: the answer is not signed with the known key", retry=False)
    base = "\n".join(
        (
            f'"@status": {status}',
            f'"content-digest": {wanted}',
            f'"@path";req: {answer.path}',
            f'"@query";req: ?{answer.query}',
            f'"@signature-params": {given["params"]}',
        )
    )
    signature = fields.get("signature", "").removeprefix("registry=:").removesuffix(":")
    try:
        key = Ed25519PublicKey.from_public_bytes(registry.public_key)
        key.verify(base64.b64decode(signature, validate=True), base.encode())
    except (InvalidSignature, binascii.Error, ValueError):
        raise Fault(f"{registry.code}: the signature is wrong", retry=False) from None


def read_page(*, registry: Registry, body: bytes, after: str) -> Page:
    """The records of a page. Raises Fault when it is no page, or one that was not asked for."""
    try:
        page = _parsed(body)
        rows, following, more = page["records"], page["next"], page["more"]
        belongs = page["registry"] == registry.code and page["after"] == after
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Fault(f"{registry.code}: the page cannot be read", retry=True) from None
    if not (_is_word(following, CURSOR_LENGTH_MAX) and isinstance(more, bool)):
        raise Fault(f"{registry.code}: the page does not say what follows it", retry=True)
    if not isinstance(rows, list) or len(rows) > RECORDS_MAX or not belongs:
        raise Fault(f"{registry.code}: the page is not the one asked for", retry=True)
    return Page(after, following, more, tuple(read_record(row, registry) for row in rows))


def read_record(row: Any, registry: Registry) -> Record:
    """A record from parsed JSON; whatever is wrong with it is said in `wrong`."""
    row = row if isinstance(row, dict) else {"given": row}
    try:
        canonical = _canonical(row)
    except (RecursionError, UnicodeEncodeError):  # kept whole in its page; here what names it
        words = {name: row.get(name) for name in ("number", "kind", "state", "published_on")}
        row = {name: word for name, word in words.items() if _is_word(word)} | {
            "version": row["version"] if _counts(row.get("version")) else 0,
            "given": "beyond keeping",
        }
        canonical = _canonical(row)
    digest = hashlib.sha256(canonical).digest()
    wrong = wrong_form(row, registry)
    number, version = row.get("number"), row.get("version")
    facts = row.get("facts")
    return Record(
        number=str(number) if _is_word(number) else f"unnumbered-{digest.hex()[:12]}",
        version=int(version) if _counts(version) else 0,
        kind=str(row["kind"]) if _is_word(row.get("kind")) else "",
        state=str(row["state"]) if _is_word(row.get("state")) else "",
        published_on=_day(row.get("published_on")) or date.min,
        facts=facts if isinstance(facts, dict) else {},
        canonical=canonical,
        sha256=digest,
        wrong=wrong,
    )


def read_kept(canonical: bytes, registry: Registry) -> Record:
    """A record as it was kept, read anew: its form may have been agreed since."""
    return read_record(_parsed(canonical), registry)


def wrong_form(row: Mapping[str, Any], registry: Registry) -> str:
    """What is wrong with the form of a record, or "": a code and no value of the record."""
    kind, state = row.get("kind"), row.get("state")
    right = (
        ("number_missing", _is_word(row.get("number"))),
        ("version_wrong", _counts(row.get("version"))),
        ("kind_unexpected", isinstance(kind, str) and kind in registry.kinds),
        ("state_unexpected", isinstance(state, str) and state in set(Version)),
        ("day_wrong", _day(row.get("published_on")) is not None),
    )
    wrong = next((code for code, holds in right if not holds), "")
    return wrong or _wrong_facts(row.get("facts"), Kind(str(kind)))


def _wrong_facts(facts: object, kind: Kind) -> str:
    if not isinstance(facts, dict) or not FACTS[kind] <= set(facts):
        return "facts_missing"
    flags = {name: facts[name] for name in FLAGS if name in FACTS[kind]}
    words = [value for name, value in facts.items() if name not in flags]
    if not all(isinstance(flag, bool) for flag in flags.values()) or not all(
        isinstance(word, str | bool) and not UNSTORABLE.search(str(word)) for word in words
    ):
        return "facts_wrong"
    if any(not isinstance(facts[name], str) for name in FACTS[kind] - set(FLAGS)):
        return "facts_wrong"
    days = [facts[name] for name in DAYS if name in facts]
    return "day_wrong" if any(_day(value) is None for value in days) else ""


def control(versions: Iterable[tuple[str, int, str, bytes]]) -> Control:
    """Control figures over (number, version, kind, SHA-256); the first of a version counts.

    Digest: SHA-256 over a line "number|version|hash" for each, by number and version.
    """
    distinct: dict[tuple[str, int], tuple[str, bytes]] = {}
    for number, version, kind, digest in versions:
        distinct.setdefault((number, version), (kind, digest))
    lines = "".join(
        f"{number}|{version}|{distinct[number, version][1].hex()}\n"
        for number, version in sorted(distinct)
    )
    kinds = Counter(kind for kind, _ in distinct.values())
    return Control(len(distinct), hashlib.sha256(lines.encode()).hexdigest(), dict(kinds))


def read_control(*, registry: Registry, body: bytes, day: date) -> Control:
    """The registry's own figures of a day. Raises Fault when they are not that."""
    try:
        told = orjson.loads(body)
        belongs = told["registry"] == registry.code and told["day"] == day.isoformat()
        count, digest, kinds = told["count"], told["digest"], dict(told["kinds"])
    except (ValueError, TypeError, KeyError):
        raise Fault(f"{registry.code}: the control figures cannot be read", retry=True) from None
    counted = all(type(n) is int and n >= 0 for n in (count, *kinds.values()))
    named = all(_is_word(word, CURSOR_LENGTH_MAX) for word in (digest, *kinds))
    if not belongs or not counted or not named:
        raise Fault(f"{registry.code}: the control figures are not those of {day}", retry=True)
    return Control(count, digest, kinds)


def differences(ours: Control, theirs: Control) -> tuple[str, ...]:
    """What differs, kind by kind; "digest" alone when the counts agree and the contents do not."""
    kinds = sorted(set(ours.kinds) | set(theirs.kinds))
    counts = [
        f"{kind}: {ours.kinds.get(kind, 0)} of {theirs.kinds.get(kind, 0)}"
        for kind in kinds
        if ours.kinds.get(kind, 0) != theirs.kinds.get(kind, 0)
    ]
    if not counts and ours.count != theirs.count:
        counts = [f"count: {ours.count} of {theirs.count}"]
    return tuple(counts) or (("digest",) if ours.digest != theirs.digest else ())


def is_silent(
    *, registry: Registry, newest_on: date | None, today: date, calendar: WorkingCalendar
) -> bool:
    """No record was published for more working days than this registry is ever quiet."""
    if not registry.connected:
        return False
    if newest_on is None:
        return True
    return working_days_between(newest_on, today, calendar) > registry.silent_after_days


def working_days_between(first: date, last: date, calendar: WorkingCalendar) -> int:
    """Working days after `first` and before `last`."""
    days = (date.fromordinal(n) for n in range(first.toordinal() + 1, last.toordinal()))
    return sum(calendar.is_working_day(day) for day in days)


def _parsed(body: bytes) -> Any:
    """JSON, also with half of a surrogate pair or a number beyond 64 bits in one of its records.

    Raises ValueError, RecursionError.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return json.loads(body)


def _canonical(row: Mapping[str, Any]) -> bytes:
    """The form under whose hash a record is known. Raises RecursionError, nested too deep."""
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _is_word(value: object, length_max: int = NUMBER_LENGTH_MAX) -> bool:
    """A text that a column can hold as it is."""
    short = isinstance(value, str) and 0 < len(value) <= length_max
    return short and not UNSTORABLE.search(str(value))


def _counts(version: object) -> bool:
    """A whole number from one on; JSON's true is none."""
    return type(version) is int and 0 < version < 2**31


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None

"""The decision: may this person pass this gate, and if not, because of which claims.

Pure: facts, policy, an instant and the calendar's way of ending a term go in; an answer with its
reasons comes out. Asked for a past instant, it gives the answer of that instant.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tahseel.kernel.period import local_day
from tahseel.recovery.clearance.values import (
    NEVER_GATED,
    Adoption,
    ClaimFact,
    DatedRange,
    Decision,
    Facts,
    Gate,
    HeldClaim,
    HeldNotice,
    Instrument,
    NoticeFact,
    Outcome,
    Person,
    PersonClass,
    Policy,
    PolicyRow,
    PolicyVersion,
    Reason,
)

Deadline = Callable[[date, int], date]
Matured = tuple[tuple[HeldNotice, ...], tuple[Reason, ...]]
"""What may hold, and the remarks on what does not."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE_LETTERS = 8
_installed: list[Policy] = []


class PolicyInvalid(ValueError):  # noqa: N818 - refused data, in the domain's words
    """The policy's data would break a rule that no data may break."""


def decide(
    *, facts: Facts, gate: Gate, policy: Policy, as_of: datetime, deadline: Deadline
) -> Decision:
    """Decide one gate for one person.

    `deadline(served_on, days)` is the last day of a term (`WorkingCalendar.legal_deadline`).
    Held needs all of: an adopted policy with a row for gate and class whose instrument is in force;
    a living adult with a verified civil id; claims that are overdue, open and undisputed, named in
    a notice whose service is proved and whose term has passed; and together the row's threshold.
    Source: Decree-Law 75/2025 art. 1 (notice, thirty days); practice since 2023 as data.
    """
    return decide_gates(facts=facts, policy=policy, as_of=as_of, deadline=deadline, gates=(gate,))[
        gate
    ]


def decide_gates(
    *,
    facts: Facts,
    policy: Policy,
    as_of: datetime,
    deadline: Deadline,
    gates: Iterable[Gate] = Gate,
) -> dict[Gate, Decision]:
    """Decide several gates, each as `decide`, looking once at the claims and notices."""
    gates = tuple(gates)
    day = local_day(as_of)
    version = policy.version_on(day)
    if version is None:
        nothing = (Reason("no_instrument"),)
        return {gate: Decision(gate, Outcome.CLEAR, as_of, nothing) for gate in gates}
    obstacle = _personal_obstacle(facts.person, as_of, day, version)
    if obstacle is not None:
        return {gate: _clear(gate, as_of, version, obstacle) for gate in gates}
    rows = {gate: _row(version, gate, facts.person.person_class, day) for gate in gates}
    matured = _matured(facts, as_of, day, version, deadline) if any(rows.values()) else ((), ())
    return {
        gate: _at_gate(gate, row, matured, as_of, version)
        if row
        else _clear(gate, as_of, version, Reason("no_instrument"))
        for gate, row in rows.items()
    }


def _clear(gate: Gate, as_of: datetime, version: PolicyVersion, reason: Reason) -> Decision:
    return Decision(gate, Outcome.CLEAR, as_of, (reason,), policy=version.code)


def _at_gate(
    gate: Gate, row: PolicyRow, matured: Matured, as_of: datetime, version: PolicyVersion
) -> Decision:
    """What the matured claims mean at a gate that may hold this person."""
    holds, remarks = matured
    fils = sum(hold.fils for hold in holds)
    instrument = row.instrument
    assert instrument is not None
    if not holds:
        return Decision(gate, Outcome.CLEAR, as_of, remarks, instrument.code, version.code)
    if fils < row.threshold_fils:
        below = Reason("below_threshold", (("fils", fils), ("threshold", row.threshold_fils)))
        remarks = (below, *remarks)
        return Decision(gate, Outcome.CLEAR, as_of, remarks, instrument.code, version.code)
    names = (("instrument_ar", instrument.name_ar), ("instrument_en", instrument.name_en))
    held = (Reason("held", (("fils", fils), *names)), *remarks)
    return Decision(gate, Outcome.HELD, as_of, held, instrument.code, version.code, holds)


def _personal_obstacle(
    person: Person, as_of: datetime, day: date, version: PolicyVersion
) -> Reason | None:
    """The first fact about the person that forbids any hold."""
    if person.person_class in NEVER_GATED:
        return Reason("never_gated")
    if person.identity_verified_at is None or person.identity_verified_at > as_of:
        return Reason("identity_not_verified")
    if person.merge_pending:
        return Reason("merge_pending")
    if person.died_on is not None and person.died_on <= day:
        return Reason("person_died")
    if person.born_on is not None and day < _birthday(person.born_on, version.majority_years):
        return Reason("person_is_minor")
    return None


def _birthday(born_on: date, years: int) -> date:
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return date(born_on.year + years, 3, 1)


def _row(version: PolicyVersion, gate: Gate, kind: PersonClass, day: date) -> PolicyRow | None:
    """The row that may hold on that day: its own dates and its instrument's are both in force."""
    for row in version.rows:
        instrument = row.instrument
        if row.gate is not gate or kind not in row.classes or day not in row.valid:
            continue
        if instrument and instrument.in_force and day in instrument.in_force:
            return row
    return None


def _matured(
    facts: Facts, as_of: datetime, day: date, version: PolicyVersion, deadline: Deadline
) -> Matured:
    """The notices whose term has passed, each with its claims; and why other claims do not hold.

    A claim that two notices name belongs to the one served first.
    """
    owed, disputed = _owed(facts.claims, as_of, day)
    waiting = {claim.claim_id: claim for claim in owed}
    holds = []
    running: list[date] = []
    for notice in _served(facts.notices, day):
        named = [c for c in owed if c.claim_id in notice.claim_ids and c.claim_id in waiting]
        if not named or notice.served_on is None:
            continue
        ends = deadline(notice.served_on, version.term_days)
        if day > ends:
            holds.append(HeldNotice(notice.notice_id, tuple(named), ends))
        else:
            running.append(ends)
        for claim in named:
            del waiting[claim.claim_id]
    remarks = []
    if not owed and not disputed:
        remarks.append(Reason("nothing_owed"))
    if disputed:
        remarks.append(Reason("disputed", (("fils", disputed),)))
    if running:
        remarks.append(Reason("term_running", (("until", min(running).isoformat()),)))
    if waiting:
        remarks.append(Reason("not_notified", (("fils", sum(c.fils for c in waiting.values())),)))
    return tuple(holds), tuple(remarks)


def _owed(claims: tuple[ClaimFact, ...], as_of: datetime, day: date) -> tuple[list[HeldClaim], int]:
    """Overdue undisputed parts, oldest due first; and the disputed sum of overdue claims."""
    owed = []
    disputed = 0
    for claim in sorted(claims, key=lambda c: (c.due_date, c.reference, c.claim_id)):
        state = claim.at(as_of)
        if state is None or claim.due_date >= day:
            continue
        frozen = min(max(state.disputed_fils, 0), max(state.open_fils, 0))
        disputed += frozen
        fils = state.open_fils - frozen
        if fils > 0:
            owed.append(HeldClaim(claim.account_id, claim.claim_id, claim.reference, fils))
    return owed, disputed


def _served(notices: tuple[NoticeFact, ...], day: date) -> list[NoticeFact]:
    """Notices whose service is proved by that day, first served first."""
    proved = [(n.served_on, n.notice_id, n) for n in notices if n.served_on and n.served_on <= day]
    return [notice for _, _, notice in sorted(proved, key=lambda item: item[:2])]


def hold_reference(hold_id: UUID, day: date) -> str:
    """What a person quotes to pay a hold, such as H-2026-7K3M9QPD: 40 bits that none can count on.

    Whoever guesses one learns a sum and no name.
    """
    number = int.from_bytes(hashlib.sha256(b"hold-reference" + hold_id.bytes).digest()[:5], "big")
    letters = (_CROCKFORD[number >> 5 * n & 31] for n in range(_REFERENCE_LETTERS))
    return f"H-{day.year}-{''.join(letters)}"


def install_policy(policy: Policy) -> None:
    """Called once by `app` with the country's gates."""
    _installed[:] = [policy]


def policy() -> Policy:
    """The installed policy. Raises LookupError before `install_policy`."""
    if not _installed:
        raise LookupError("no clearance policy is installed")
    return _installed[0]


def load_policy(content: bytes) -> Policy:
    """Read gates.toml. Raises PolicyInvalid when data would gate whom no data may gate."""
    data = tomllib.loads(content.decode())
    instruments = {i["code"]: _instrument(i) for i in data["instrument"]}
    versions = tuple(_version(v, instruments) for v in data["version"])
    adoptions = [Adoption(a["version"], a["from"], a["decided_by"]) for a in data["adoption"]]
    adoptions.sort(key=lambda adoption: adoption.start)
    unknown = {a.version for a in adoptions} - {v.code for v in versions}
    if unknown:
        raise PolicyInvalid(f"adopted but not written: {sorted(unknown)}")
    if len({a.start for a in adoptions}) != len(adoptions):
        raise PolicyInvalid("two versions are adopted on the same day")
    return Policy(versions, tuple(adoptions), tuple(data["scope"]))


def _dates(entry: Mapping[str, Any]) -> DatedRange:
    return DatedRange(entry["from"], entry.get("until"))


def _instrument(entry: Mapping[str, Any]) -> Instrument:
    return Instrument(
        code=entry["code"],
        name_ar=entry["name_ar"],
        name_en=entry["name_en"],
        in_force=_dates(entry) if "from" in entry else None,
        source=entry["source"],
        confidence=entry["confidence"],
    )


def _version(entry: Mapping[str, Any], instruments: Mapping[str, Instrument]) -> PolicyVersion:
    rows = []
    for row in entry["row"]:
        if "instrument" in row and row["instrument"] not in instruments:
            raise PolicyInvalid(f"no such instrument: {row['instrument']}")
        rows.append(
            PolicyRow(
                gate=Gate(row["gate"]),
                classes=frozenset(PersonClass(name) for name in row["classes"]),
                threshold_fils=row["threshold_fils"],
                instrument=instruments[row["instrument"]] if "instrument" in row else None,
                valid=_dates(row),
            )
        )
    for checked in rows:
        _refuse_unlawful(checked)
    return PolicyVersion(
        code=entry["code"],
        name_ar=entry["name_ar"],
        name_en=entry["name_en"],
        term_days=entry["term_days"],
        majority_years=entry["majority_years"],
        rows=tuple(rows),
    )


def _refuse_unlawful(row: PolicyRow) -> None:
    """What no adoption may do. A citizen's travel is a court's matter (procedure law art. 297)."""
    if row.gate is Gate.EXIT and PersonClass.CITIZEN in row.classes:
        raise PolicyInvalid("a citizen is never held at the exit for a bill")
    if row.classes & NEVER_GATED:
        raise PolicyInvalid(
            "companies, government bodies, missions and unknown persons are never gated"
        )
    if row.threshold_fils < 1:
        raise PolicyInvalid("a threshold is at least one fils")

"""The whole of a take-on: look without touching, take on all of it, or go on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from tahseel.app.take_on import (
    bare,
    checking,
    journal,
    keeping,
    loading,
    loading_accounts,
    loading_devices,
    loading_places,
    loading_recovery,
    mapping,
    reconciling,
    sharing,
    staging,
)
from tahseel.app.take_on.loading import Loading
from tahseel.app.take_on.mapping import MappingWrong
from tahseel.app.take_on.values import ROOT, Entity, Fault, FileMap, MappingFile, Run, RunState
from tahseel.kernel import bulk
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.kernel.ids import derived_id
from tahseel.trust.audit.operations import audited, note, record

Progress = Callable[[str, int], object]
FOLDER = "take-on"
REGISTRY = (
    (Entity.PERSONS, loading.people),
    (Entity.UNITS, loading_places.places),
    (Entity.METERS, loading_devices.devices),
    (Entity.ACCOUNTS, loading_accounts.accounts),
)
RECOVERY = (
    (Entity.DISPUTES, loading_recovery.disputes),
    (Entity.PLANS, loading_recovery.plans),
    (Entity.HOLDS, loading_recovery.holds),
)


class TakeOnFaulty(Refusal):
    """Some line is wrong; nothing is taken on before all of them are right."""

    code = "take_on_faulty"
    text_ar = "في الملفات {faults} خطأ، ولم يرحل شيء"
    text_en = "The files have {faults} faults; nothing was taken on"


@dataclass
class Checked:
    """The outcome of a dry run: lines read by entity, and how many faults."""

    lines: dict[str, int] = field(default_factory=dict)
    faults: int = 0


def check(*, mapping_path: Path, progress: Progress, tell: Callable[[Fault], object]) -> Checked:
    """A dry run: every fault of every line is told, and nothing is written anywhere.

    Raises MappingWrong.
    """
    made = mapping.load(mapping_path)
    require_files(made)
    outcome = Checked()
    run_id = ROOT

    def count(step: str, lines: int) -> None:
        outcome.lines[step] = outcome.lines.get(step, 0) + lines
        progress(step, lines)

    with staging.dry():
        staging.stage(run_id=run_id, mapping=made, opened=_original, progress=count)
        checking.check_whole(run_id=run_id, mapping=made, progress=progress)
        for fault in staging.faults(run_id):
            outcome.faults += 1
            tell(fault)
    return outcome


def _original(file: FileMap) -> IO[bytes]:
    return file.path.open("rb")


def require_files(made: MappingFile) -> None:
    """Raises MappingWrong for the first file that is not there."""
    for file in made.files.values():
        if not file.path.is_file():
            raise MappingWrong(reason=f"{file.entity}: there is no file {file.path.name}")


def run(*, actor: Actor, at: datetime, mapping_path: Path, progress: Progress) -> Run:
    """Take on everything a mapping names, or nothing; called again it goes on where it stopped.

    The same mapping and files are the same run: once it is loaded, nothing more happens. Raises
    MappingWrong, TakeOnFaulty (the faults stay to be read), TotalsDiffer.
    """
    made = mapping.load(mapping_path)
    require_files(made)
    files = _keep(made, progress)
    run_id = run_id_of(made, files)
    with journal.alone(run_id), bulk.uncollected():
        known = journal.begin(run_id, made, files, actor=actor, at=at)
        if known.state in (RunState.LOADED, RunState.SIGNED):
            staging.forget(run_id, with_faults=True)
            return known
        _prepare(run_id, mapping_path, made, files, progress)
        _require_faultless(actor, at, run_id)
        accounts = _staged_accounts(run_id)
        first = journal.reserve_numbers(run_id, accounts)
        with _planned_afresh():
            load(
                actor=actor, at=at, run_id=run_id,
                loading=Loading(run_id, made, actor, at, first, progress),
            )  # fmt: skip
        staging.forget(run_id, with_faults=True)
        return journal.run(run_id)


def run_id_of(made: MappingFile, files: Mapping[str, Any]) -> UUID:
    """The run of exactly this mapping and these files."""
    hashes = [f"{name}={files[name]['sha256']}" for name in sorted(files)]
    return derived_id(ROOT, made.system, made.digest, *hashes)


def _keep(made: MappingFile, progress: Progress) -> dict[str, Any]:
    """Keep every file as it came, and say which ones they are."""
    folder = Path(settings.RAW_FILES) / FOLDER
    files = {str(entity): file.path for entity, file in made.files.items()}
    found = {}
    for name, path in {**files, "totals": made.totals}.items():
        if not path.is_file():
            raise MappingWrong(reason=f"{name}: there is no file {path.name}")
        progress(f"keeping and sealing {name}", 0)
        digest, size = keeping.keep(path, folder=folder)
        found[name] = {"name": path.name, "sha256": digest, "bytes": size}
    return found


def read_along(*, run_id: UUID, mapping_path: Path) -> None:
    """Read what another process has begun to take on, beside it. Raises RunUnknown, MappingWrong.

    A mapping that has changed since is not the run's: then there is nothing to read.
    """
    known, made = journal.run(run_id), mapping.load(mapping_path)
    if run_id_of(made, known.files) == run_id:
        with bulk.uncollected():
            sharing.read_along(
                run_id=run_id, made=made, opened=_kept(known.files), progress=lambda *_: None
            )


def _kept(files: Mapping[str, Any]) -> Callable[[FileMap], IO[bytes]]:
    folder = Path(settings.RAW_FILES) / FOLDER
    return lambda file: keeping.opened(files[str(file.entity)]["sha256"], folder=folder)


def _prepare(
    run_id: UUID, mapping_path: Path, made: MappingFile, files: Mapping[str, Any],
    progress: Progress,
) -> None:  # fmt: skip
    """Read what the journal does not have yet, then check all lines together."""
    if journal.run(run_id).state in (RunState.FAULTY, RunState.CHECKED):
        journal.move(run_id, RunState.STAGING)
    with sharing.helped(run_id=run_id, mapping_path=mapping_path, made=made):
        sharing.read_all(run_id=run_id, made=made, opened=_kept(files), progress=progress)
    checking.check_whole(run_id=run_id, mapping=made, progress=progress)


def _require_faultless(actor: Actor, at: datetime, run_id: UUID) -> None:
    faults = staging.count_faults(run_id)
    if not faults:
        journal.move(run_id, RunState.CHECKED)
        return
    refusal = TakeOnFaulty(faults=faults)
    with transaction.atomic():
        journal.move(run_id, RunState.FAULTY)
        record(
            actor=actor, action="take_on.load", subject=str(run_id), at=at, outcome="refused",
            facts={"code": refusal.code, "faults": faults},
        )  # fmt: skip
    raise refusal


def _staged_accounts(run_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from app_take_on_row where run_id = %s and entity = 'accounts'",
            [run_id],
        )
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def _planned_afresh() -> Iterator[None]:
    """Tables grow from nothing inside one transaction: no plan made for empty ones is kept.

    What is compared at the end is sorted in memory.
    """
    with connection.cursor() as cursor:
        cursor.execute("set plan_cache_mode = 'force_generic_plan'")
        cursor.execute("set work_mem = '64MB'")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("reset plan_cache_mode")
                cursor.execute("reset work_mem")


@audited("take_on.load", subject="run_id")
def load(*, actor: Actor, at: datetime, run_id: UUID, loading: Loading) -> None:
    """Put a checked run into the books: one transaction, so all of it or nothing.

    Raises RuleBroken, TotalsDiffer, and what the slices' own operations refuse.
    """
    with bare.laid(loading.progress):
        for entity, step in REGISTRY:
            if entity in loading.mapping.files:
                step(loading)
    for entity, step in RECOVERY:
        if entity in loading.mapping.files:
            step(loading)
    loading.progress("reconciling", 0)
    reconciled = reconciling.reconcile(loading)
    if reconciled.differing:
        raise reconciling.TotalsDiffer(differing=len(reconciled.differing))
    report = {"totals": [row.as_dict() for row in reconciled.rows]}
    journal.loaded(run_id, report, at=at)
    note(
        system=loading.mapping.system, cutover=loading.mapping.cutover, totals=len(report["totals"])
    )

"""`takeon submit` names a member of staff, who proves it; a manager signs on the work-list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.integration.app.take_on.test_running import AT, take_on
from typer.testing import CliRunner

PASSWORD = "Tell no one 4417"
Leaves = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def _staff(database: object) -> None:
    from tahseel.app import assembly
    from tahseel.kernel.actor import system
    from tahseel.kernel.ids import new_id
    from tahseel.trust.access import operations as access
    from tahseel.trust.access.values import UserKind

    assembly.assemble()
    for role in ("take_on_officer", "revenue_manager", "clerk"):
        access.create_user(
            actor=system("test"), at=AT, id=new_id(AT), username=role, password=PASSWORD,
            kind=UserKind.STAFF, label_ar="موظف", label_en=role, roles=(role,),
        )  # fmt: skip


def submit(run_id: UUID, monkeypatch: Any, *, username: str, password: str = PASSWORD) -> Any:
    from contextlib import nullcontext

    from tahseel.app import runtime
    from tahseel.app.cli import app

    monkeypatch.setattr(runtime, "running", nullcontext)
    arguments = [
        "takeon",
        "submit",
        str(run_id),
        "--as",
        username,
        "--reason",
        "compared",
        "--json",
    ]
    return CliRunner().invoke(app, arguments, input=f"{password}\n")


def client(username: str) -> Any:
    from django.test import Client

    from tahseel.trust.access.models import User

    made = Client()
    backend = "django.contrib.auth.backends.ModelBackend"
    made.force_login(User.objects.get(username=username), backend=backend)
    return made


@pytest.mark.usefixtures("_staff", "raw_files")
def test_an_officer_submits_and_a_manager_signs_on_the_page(
    folder: Path, monkeypatch: pytest.MonkeyPatch, leaves: Leaves
) -> None:
    import orjson

    from tahseel.app.take_on import journal

    run = take_on(folder)

    told = submit(run.id, monkeypatch, username="take_on_officer")
    approval = orjson.loads(told.stdout)["approval"]
    manager = client("revenue_manager")
    page = manager.get(f"/approvals/{approval}/").content.decode()
    done = manager.post(f"/approvals/{approval}/approve/")

    assert run.system in page
    assert (done.status_code, done.headers["Location"]) == (302, "/approvals/")
    signed = journal.run(run.id)
    assert (signed.state, str(signed.approval_id)) == ("signed", approval)
    [asked], [agreed] = leaves("approvals.submit"), leaves("take_on.sign_off")
    assert asked["actor"]["roles"] == ["take_on_officer"]
    assert agreed["actor"]["roles"] == ["revenue_manager"]
    assert asked["actor"]["id"] != agreed["actor"]["id"]


@pytest.mark.usefixtures("_staff", "raw_files")
@pytest.mark.parametrize(
    "attempt",
    [
        ("take_on_officer", "not the password", "wrong_credentials"),
        ("nobody", PASSWORD, "wrong_credentials"),
        ("clerk", PASSWORD, "not_allowed"),
        ("revenue_manager", PASSWORD, "not_allowed"),
    ],
    ids=lambda attempt: f"{attempt[0]}-{attempt[2]}",
)
def test_whoever_is_not_a_proven_officer_submits_nothing(
    attempt: tuple[str, str, str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    leaves: Leaves,
) -> None:
    from tahseel.app.take_on import journal
    from tahseel.trust.approvals.models import Approval

    username, password, code = attempt
    run = take_on(folder)

    told = submit(run.id, monkeypatch, username=username, password=password)

    assert told.exit_code == 1
    assert code in told.stderr
    assert not Approval.objects.exists()
    assert journal.run(run.id).state == "loaded"
    outcomes = [leaf["outcome"] for leaf in leaves("access.sign_in") + leaves("approvals.submit")]
    assert outcomes == ["refused" if code == "wrong_credentials" else "denied"]

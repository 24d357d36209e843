"""The launcher as a new user meets it: a folder with a space, no network, an old Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NOBODY = 65_534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start another user's process")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in a folder with a space whose environment is ready."""
    folder = tmp_path / "a place with spaces"
    folder.mkdir()
    shutil.copy2(ROOT / "tahseel", folder / "tahseel")
    for name in ("src", "requirements", ".venv", ".tools"):
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user can enter: pytest's own are private."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def lay_out(folder: Path, *, owner: int) -> None:
    """A checkout that belongs to somebody."""
    folder.mkdir()
    shutil.copy2(ROOT / "tahseel", folder / "tahseel")
    for name in ("src", "requirements"):
        (folder / name).symlink_to(ROOT / name)
    os.chown(folder, owner, owner)


def prepare(folder: Path) -> None:
    """An environment with this one's packages, over a Python that every user can run."""
    packages, same = sysconfig.get_path("purelib"), f"{sys.version_info[0]}.{sys.version_info[1]}"
    probe = f"import sys, os; os.listdir({packages!r}); print('%d.%d' % sys.version_info[:2])"
    for python in ("/usr/bin/python3", f"/usr/bin/python{same}", f"/usr/local/bin/python{same}"):
        if shutil.which(python) and as_nobody(python, "-c", probe) == f"{same}\n":
            break
    else:
        pytest.skip(f"no Python {same} that every user can run with these packages")
    made = [python, "-m", "venv", "--without-pip", str(folder / ".venv")]
    subprocess.run(made, check=True, timeout=60)
    shutil.copy2(ROOT / "requirements/run.txt", folder / ".venv/.run.txt")
    (link,) = (folder / ".venv").glob("lib/*/site-packages")
    (link / "beside.pth").write_text(f"{packages}\n")


def as_nobody(*words: str) -> str:
    return subprocess.run(
        words, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", timeout=60, check=False,
        capture_output=True, text=True,
    ).stdout  # fmt: skip


def start(
    folder: Path, *arguments: str, user: int | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TAHSEEL_", "PYTHON"))}
    return subprocess.run(
        [str(folder / "tahseel"), *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=folder.parent,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def old_python(folder: Path) -> Path:
    """A Python that says that it is 3.9.2: whoever meets it has come past the lock."""
    old = folder / "python-old"
    old.write_text(
        '#!/bin/sh\ncase "$2" in\n  *platform*) echo 3.9.2 ;;\n  "") ;;\n  *) exit 1 ;;\nesac\n'
    )
    old.chmod(0o755)
    return old


def test_a_ready_checkout_starts_without_a_network_from_a_path_with_a_space(checkout: Path) -> None:
    done = start(
        checkout,
        "--help",
        http_proxy="http://127.0.0.1:9",
        https_proxy="http://127.0.0.1:9",
        PIP_NO_INDEX="1",
        UV_OFFLINE="1",
    )

    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout
    assert "preparing" not in done.stderr


def test_a_file_beside_the_caller_is_not_taken_for_a_module(checkout: Path, tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "timeit.py").write_text("raise SystemExit('taken for the module')\n")
    (beside / "json.py").write_text("raise SystemExit('taken for the module')\n")

    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    done = subprocess.run(
        [checkout / "tahseel", "tariffs", "--help"],
        cwd=beside, env=own, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert (done.returncode, "simulate" in done.stdout) == (0, True)
    assert "taken for the module" not in done.stdout + done.stderr


def test_what_python_compiles_is_kept_in_the_environment(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy2(ROOT / "tahseel", folder / "tahseel")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "requirements").symlink_to(ROOT / "requirements")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(ROOT / ".venv" / "bin" / "python")
    shutil.copy2(ROOT / "requirements/run.txt", folder / ".venv/.run.txt")
    for name in ("lib", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(ROOT / ".venv" / name)

    done = start(folder, "--help", PYTHONDONTWRITEBYTECODE="1")

    assert done.returncode == 0, done.stderr
    assert list((folder / ".venv" / "bytecode").rglob("cli.*.pyc"))
    assert not list((folder / "src").rglob("__pycache__"))
    assert not (folder / "var").exists()


def test_an_old_python_is_named_and_the_right_ones_too(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    shutil.copy2(ROOT / "tahseel", folder / "tahseel")
    (folder / "requirements").symlink_to(ROOT / "requirements")

    done = start(folder, "--help", TAHSEEL_PYTHON=str(old_python(tmp_path)))

    assert done.returncode == 1
    assert "3.9.2 is too old" in done.stderr
    assert "3.11" in done.stderr
    assert not (folder / ".venv").exists()
    assert not (folder / ".installing").exists()


@as_root
def test_a_checkout_that_the_user_cannot_write_is_told_at_once(open_to_all: Path) -> None:
    folder = open_to_all / "theirs"
    lay_out(folder, owner=0)
    began = time.monotonic()

    done = start(folder, "--help", user=NOBODY)

    assert time.monotonic() - began < 10
    assert done.returncode == 1
    assert f"{folder} must be writable" in done.stderr
    assert "قابلًا للكتابة" in done.stderr
    assert done.stdout == ""


@as_root
@pytest.mark.parametrize("command", ["audit verify", "gateway", "demo --once --json"])
def test_data_that_another_user_made_is_told_in_both_languages(
    open_to_all: Path, command: str
) -> None:
    folder = open_to_all / "mine"
    lay_out(folder, owner=NOBODY)
    prepare(folder)
    helped = start(folder, "--help", user=NOBODY)
    (folder / "var").mkdir(mode=0o700)

    done = start(folder, *command.split(), user=NOBODY)

    assert helped.returncode == 0, helped.stderr
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert f"this user may not use {folder / 'var'}" in done.stderr
    assert "لا يُسمح لهذا المستخدم" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lock_whose_maker_never_wrote_its_number_is_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "left"
    lay_out(folder, owner=os.getuid())
    (folder / ".installing").mkdir()
    long_ago = time.time() - 11
    os.utime(folder / ".installing", (long_ago, long_ago))

    done = start(folder, "--help", TAHSEEL_PYTHON=str(old_python(tmp_path)))

    assert "3.9.2 is too old" in done.stderr
    assert "waiting" not in done.stderr
    assert not (folder / ".installing").exists()


@pytest.mark.parametrize("venv_works", [True, False])
def test_ci_installs_venv_where_python_cannot_make_one(tmp_path: Path, venv_works: bool) -> None:
    told = tmp_path / "told"
    programs = dict.fromkeys(("chromium", "nginx", "wrk", "timeout"), "")
    programs |= {"id": "echo 0", "apt-get": f'echo "$*" >>"{told}"'}
    programs["python3"] = "" if venv_works else "exit 1"
    for name, body in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    for name in ("bash", "dirname", "env"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)

    done = subprocess.run(
        [str(ROOT / ".ci/run")], env={"PATH": str(tmp_path)}, timeout=30, check=False
    )

    assert done.returncode == 0
    asked = told.read_text() if told.exists() else ""
    assert ("python3-venv" in asked) is not venv_works

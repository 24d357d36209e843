"""The launcher as a new user meets it: a folder with a space, no network, an old Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


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


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TAHSEEL_", "PYTHON"))}
    return subprocess.run(
        [str(folder / "tahseel"), *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=folder.parent,
    )


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


def test_an_old_python_is_named_and_the_right_ones_too(tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    shutil.copy2(ROOT / "tahseel", folder / "tahseel")
    (folder / "requirements").symlink_to(ROOT / "requirements")
    old = tmp_path / "python-old"
    old.write_text(
        '#!/bin/sh\ncase "$2" in\n  *platform*) echo 3.9.2 ;;\n  "") ;;\n  *) exit 1 ;;\nesac\n'
    )
    old.chmod(0o755)

    done = start(folder, "--help", TAHSEEL_PYTHON=str(old))

    assert done.returncode == 1
    assert "3.9.2 is too old" in done.stderr
    assert "3.11" in done.stderr
    assert not (folder / ".venv").exists()
    assert not (folder / ".installing").exists()

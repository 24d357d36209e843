"""The country installed in a fresh database, and the firms and agencies outside as processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from wsgiref import simple_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test.utils import override_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """`outside("knet")` starts that simulator; its address is returned."""
    with ExitStack() as stack:

        def start(name: str, *words: str) -> str:
            command = [sys.executable, "-m", f"simulators.{name}", "--port", "0", "--quiet", *words]
            process = stack.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            )
            stack.callback(process.terminate)
            assert process.stdout is not None
            return process.stdout.readline().split()[-1]

        yield start


class QuietHandler(simple_server.WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        return


@pytest.fixture
def our_site(database: Any) -> Iterator[str]:
    """Our web process, for the firm that notifies us."""
    site = simple_server.make_server(
        "127.0.0.1", 0, get_wsgi_application(), handler_class=QuietHandler
    )

    def serve() -> None:
        site.serve_forever(poll_interval=0.02)
        connections.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{site.server_address[1]}"
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def country(
    database: Any, our_site: str, outside: Callable[..., str], tmp_path: Path
) -> Iterator[Path]:
    """Kuwait assembled over the test's database, with its own stores, firms and agency."""
    from tahseel.app import assembly
    from tahseel.kernel import secrets
    from tahseel.recovery.clearance import partners

    keys = tmp_path / "keys"
    partners.load_or_create_key(keys)
    agency = outside("partner", "--key", str(keys / partners.PUBLIC_FILE))
    changed = {
        "KEYS": keys,
        "RAW_FILES": tmp_path / "raw",
        "LAKE": str(tmp_path / "lake"),
        "REPLICA": tmp_path / "replica",
        "PUBLIC_URL": our_site,
        "KNET_URL": outside("knet"),
        "SMS_URL": outside("sms"),
        "PARTNERS": {"moi": f"{agency}/clearance/changes"},
    }
    with override_settings(**changed):
        assembly.assemble()
        yield tmp_path
    secrets.install_keys(secrets.KeyRing.generate())
    assembly.assemble()

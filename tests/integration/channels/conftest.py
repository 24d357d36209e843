"""The street, the gateway's replica asked without its process, and a browser for each sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def world(database: Any) -> Any:
    from tests.integration.channels import world as street

    from tahseel.app import assembly, clock

    assembly.assemble()
    return street.build(clock.now())


@pytest.fixture
def sign_in(world: Any) -> Callable[..., Any]:
    """`sign_in("clerk", language="en")` is a client with that person's session."""
    from django.conf import settings
    from django.test import Client

    from tahseel.trust.access.models import User

    def enter(username: str | None = None, language: str = "en") -> Client:
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        if username:
            backend = "django.contrib.auth.backends.ModelBackend"
            client.force_login(User.objects.get(username=username), backend=backend)
        return client

    return enter


@pytest.fixture
def link(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A projector over a replica; the desk's question goes through the gateway's own code."""
    import orjson

    from tahseel.app import clock
    from tahseel.kernel import secrets
    from tahseel.recovery.clearance import client as asking
    from tahseel.recovery.clearance import queries
    from tahseel.recovery.clearance.gateway import Gateway
    from tahseel.recovery.clearance.projector import Projector
    from tahseel.recovery.clearance.replica import Reader, Writer
    from tahseel.registry.customers.values import CIVIL_ID_INDEX

    folder = tmp_path / "replica"
    writer = Writer(folder)
    projector = Projector(replica=writer, clock=clock.now)
    projector.drain()
    gateway = Gateway(
        open_reader=lambda: Reader.open(folder),
        blind_index=lambda text: secrets.blind_index(text, purpose=CIVIL_ID_INDEX),
        key_id=secrets.keys().index_key_id,
        now_ms=lambda: int(clock.now().timestamp() * 1000),
    )

    def ask(*, socket_path: Path, civil_id: Any, gate: Any, purpose: str, reference: str) -> Any:
        body = {"civil_id": civil_id.digits, "gate": gate, "purpose": purpose,
                "reference": reference}  # fmt: skip
        status, told = gateway.answer(b"POST", asking.CHECKS_PATH.encode(), orjson.dumps(body))
        assert status == 200, told
        said = orjson.loads(told)
        said["scope"] = tuple(said["scope"])
        said["as_of"] = datetime.fromisoformat(said["as_of"])
        return asking.Answer(**said)

    monkeypatch.setattr(queries.client, "check", ask)
    yield projector
    writer.close()


@pytest.fixture
def leaves(world: Any) -> Callable[[], list[tuple[str, str, str, str | None]]]:
    """(actor, action, outcome, purpose) of every leaf written, in order."""
    from django.db import connection

    def read() -> list[tuple[str, str, str, str | None]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select actor_label, action, outcome, purpose from audit_leaf order by at, id"
            )
            return list(cursor.fetchall())

    return read


@pytest.fixture
def later(world: Any) -> datetime:
    return world.now + timedelta(seconds=1)

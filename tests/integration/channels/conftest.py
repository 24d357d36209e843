"""The street, the gateway's own code over a replica, and a client for each sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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
    """`sign_in("clerk", language="ar")` is a client with that person's session."""
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
def projector(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A projector over a replica; the desk's question goes through the gateway's own code."""
    import orjson

    from tahseel.app import clock
    from tahseel.kernel import secrets
    from tahseel.recovery.clearance import client as asking
    from tahseel.recovery.clearance import queries
    from tahseel.recovery.clearance.gateway import Gateway
    from tahseel.recovery.clearance.projector import Projector
    from tahseel.recovery.clearance.replica import Writer
    from tahseel.registry.customers.values import CIVIL_ID_INDEX

    folder = tmp_path / "replica"
    writer = Writer(folder)
    made = Projector(replica=writer, clock=clock.now)
    made.drain()
    gateway = Gateway(
        open_reader=writer.reader,
        blind_index=lambda text: secrets.blind_index(text, purpose=CIVIL_ID_INDEX),
        key_id=secrets.keys().index_key_id,
        now_ms=lambda: int(clock.now().timestamp() * 1000),
    )

    def ask(*, socket_path: Path, civil_id: Any, gate: Any, purpose: str, reference: str) -> Any:
        body = {"civil_id": civil_id.digits, "gate": gate, "purpose": purpose}
        body["reference"] = reference
        path = asking.CHECKS_PATH.encode()
        status, told = gateway.answer(b"POST", path, orjson.dumps(body))
        assert status == 200, told
        said = orjson.loads(told)
        said["scope"] = tuple(said["scope"])
        said["as_of"] = datetime.fromisoformat(said["as_of"])
        return asking.Answer(**said)

    monkeypatch.setattr(queries.client, "check", ask)
    yield made
    writer.close()


@pytest.fixture
def leaves() -> Callable[..., list[dict[str, Any]]]:
    """Leaves written so far, of one action or of all, oldest first."""
    from tahseel.app import clock
    from tahseel.trust.audit import queries

    def read(action: str | None = None) -> list[dict[str, Any]]:
        now = clock.now()
        return queries.leaves_between(
            since=now - timedelta(minutes=5), until=now + timedelta(minutes=1), action=action
        )

    return read


@dataclass
class Bank:
    """A payment firm that answers what the test tells it to, and counts who was sent to it."""

    outcome: str = "not_found"
    begun: int = 0
    code: str = "knet"

    def begin(self, purchase: Any) -> Any:
        from tahseel.books.payments.gateways.interface import Begun

        self.begun += 1
        return Begun(f"http://127.0.0.1:8002/pay?track={purchase.track_id}", "request")

    def inquire(self, *, track_id: str, amount: Any) -> Any:
        from tahseel.books.payments.gateways.interface import Answer, Outcome
        from tahseel.kernel.errors import Fault

        if self.outcome == "away":
            raise Fault("the bank is away", retry=True)
        reference = (("paymentid", "100202600000001"),)
        return Answer(Outcome(self.outcome), track_id, amount, reference, "asked", "answered")


@pytest.fixture
def bank(world: Any) -> Iterator[Bank]:
    from tahseel.books.payments import facilities

    before = facilities.installed()
    made = Bank()
    facilities.install(replace(before, gateways={"knet": made}))  # type: ignore[dict-item]
    yield made
    facilities.install(before)

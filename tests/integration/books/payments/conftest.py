"""The payment path on real sockets: the simulator's process, our own addresses, the database."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID, uuid4
from wsgiref import simple_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.test import override_settings

from tahseel.books.claims import operations as claims
from tahseel.books.claims import queries as claims_queries
from tahseel.books.claims.values import NewClaim
from tahseel.books.ledger import operations as ledger
from tahseel.books.ledger import queries as ledger_queries
from tahseel.books.ledger import rules as ledger_rules
from tahseel.books.ledger.values import Entry
from tahseel.books.payments import facilities, operations, queries, rules
from tahseel.books.payments.gateways import knet
from tahseel.books.payments.values import Confirmation, Started
from tahseel.kernel import secrets
from tahseel.kernel.actor import ANONYMOUS, system
from tahseel.kernel.ids import new_id
from tahseel.kernel.money import Money

ROOT = Path(__file__).parents[4]
DATA = ROOT / "src/tahseel/countries/kuwait/data"
AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
JOB = system("test")
KEY = "DEMOKEY0DEMOKEY0"


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    """The simulator as its own process on a free port; late means 0.4 s."""
    command = [sys.executable, "-m", "simulators.knet", "--port", "0", "--quiet"]
    with subprocess.Popen(
        [*command, "--late-ms", "400", "--terminal", f"T1:secret1:{KEY}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield line.split()[-1]
        process.terminate()


class QuietHandler(simple_server.WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return


@pytest.fixture
def our_url(database: Any) -> Iterator[str]:
    """Our web process with this slice's addresses, one thread; the simulator posts to it."""
    with override_settings(ROOT_URLCONF="tahseel.books.payments.urls"):
        yield from _serving()


def _serving() -> Iterator[str]:
    server = simple_server.make_server(
        "127.0.0.1", 0, get_wsgi_application(), handler_class=QuietHandler
    )

    def serve() -> None:
        server.serve_forever(poll_interval=0.02)
        connections.close_all()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class World:
    """One account with three claims of KD 10, 20 and 30, and a way to pay them."""

    simulator_url: str
    our_url: str
    account: UUID = field(default_factory=uuid4)
    customer: UUID = field(default_factory=uuid4)
    now: datetime = AT

    def open_claims(self, *fils: int, account: UUID | None = None) -> list[UUID]:
        made = [
            NewClaim(
                account_id=account or self.account,
                id=uuid4(),
                reference=f"B-{uuid4().hex[:12]}",
                kind="bill",
                opened_on=date(2026, month, 1),
                due_date=date(2026, month, 15),
                amount=Money(amount),
                customer_id=self.customer,
            )
            for month, amount in enumerate(fils, 1)
        ]
        entries = [
            Entry(
                id=claim.id,
                account_id=claim.account_id,
                debit="receivable",
                credit="revenue.electricity",
                amount=claim.amount,
                business_date=claim.opened_on,
                source="bill",
                source_id=claim.id,
            )
            for claim in made
        ]
        ledger.post_many(actor=JOB, at=AT, entries=entries)
        claims.open_claims(actor=JOB, at=AT, claims=made)
        return [claim.id for claim in made]

    def start(self, fils: int = 30_000, **changes: Any) -> Started:
        values: dict[str, Any] = {
            "actor": ANONYMOUS,
            "at": self.now,
            "id": new_id(self.now),
            "amount": Money(fils),
            "gateway": "knet",
            "account_ids": [self.account],
        }
        return operations.start(**{**values, **changes})

    def pay(self, started: Started, fault: str = "none", **form: str) -> str:
        """As the customer's browser: open the page, send the card, return where it leads."""
        page = call("GET", started.redirect_url)[1]
        payment_id = parse_qs(urlsplit(page).query)["PaymentID"][0]
        fields = {
            "PaymentID": payment_id,
            "card": f"KNET Test Card [KNET1]|{fault}",
            "month": "09",
            "year": "2021",
            "do": "pay",
            **form,
        }
        address = f"{self.simulator_url}/kpg/paymentpage.htm"
        status, where, text = call("POST", address, urlencode(fields).encode())
        assert status == 302, text
        return where

    def confirm(self, started: Started, seconds: int = 1) -> Confirmation:
        self.now += timedelta(seconds=seconds)
        return operations.confirm(actor=JOB, at=self.now, track_id=started.track_id)

    def at_the_gateway(self, started: Started) -> dict[str, Any]:
        listed = json.loads(call("GET", f"{self.simulator_url}/simulator/payments")[2])
        return next(r for r in listed if r["request"]["trackid"] == started.track_id)

    def owed(self, account: UUID | None = None) -> int:
        found = claims_queries.open_claims(account or self.account)
        return sum(claim.open.fils for claim in found)

    def state(self, started: Started) -> str:
        found = queries.intent(started.intent_id)
        assert found is not None
        return str(found.state)

    def cases(self, started: Started) -> list[str]:
        return [str(case.kind) for case in queries.cases_of(started.intent_id)]

    def posted(self) -> int:
        """Fils posted by payments, from the ledger's rows."""
        sql = "select coalesce(sum(amount), 0)::bigint from ledger_entry where source = 'payment'"
        return int(read_rows(sql)[0][0])

    def sound(self) -> bool:
        return ledger_queries.recompute().balanced and claims_queries.recompute().sound


def read_rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
        return list(cursor.fetchall())


def read_events(name: str = "payments:payment:posted") -> list[dict[str, Any]]:
    found = read_rows("select facts::text from kernel_outbox where name = %s order by id", name)
    return [json.loads(row[0]) for row in found]


def read_leaves(action: str) -> list[dict[str, Any]]:
    found = read_rows("select body from audit_leaf order by id")
    bodies = [json.loads(bytes(row[0])) for row in found]
    return [body for body in bodies if body["action"] == action]


def call(method: str, address: str, body: bytes = b"") -> tuple[int, str, str]:
    """Status, where it leads or what kind it is, and the text."""
    parts = urlsplit(address)
    link = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    link.request(method, f"{parts.path}?{parts.query}", body)
    reply = link.getresponse()
    kind = reply.headers.get("Location") or reply.headers.get("Content-Type", "")
    text = reply.read().decode()
    link.close()
    return reply.status, kind, text


@pytest.fixture
def rows() -> Callable[..., list[tuple[Any, ...]]]:
    return read_rows


@pytest.fixture
def events() -> Callable[..., list[dict[str, Any]]]:
    return read_events


@pytest.fixture
def leaves() -> Callable[[str], list[dict[str, Any]]]:
    return read_leaves


@pytest.fixture
def browse() -> Callable[[str], tuple[int, str, str]]:
    return lambda address: call("GET", address)


@pytest.fixture
def post() -> Callable[[str, bytes], tuple[int, str, str]]:
    return lambda address, body: call("POST", address, body)


@pytest.fixture
def world(our_url: str, simulator_url: str) -> World:
    ledger_rules.install_chart(ledger_rules.load_chart((DATA / "chart.toml").read_bytes()))
    secrets.install_keys(secrets.KeyRing.generate())
    terminal = knet.Terminal(
        payment_url=f"{simulator_url}/kpg/PaymentHTTP.htm?param=paymentInit",
        inquiry_url=f"{simulator_url}/kpg/tranPipe.htm?param=tranInit&",
        id="T1",
        password="secret1",
        resource_key=KEY,
    )
    tenders = rules.load_tenders((DATA / "tenders.toml").read_bytes())
    facilities.install(
        facilities.Facilities(
            gateways={"knet": knet.Knet(terminal)},
            tenders={tender.code: tender for tender in tenders},
            public_url=our_url,
        )
    )
    made = World(simulator_url, our_url)
    made.open_claims(10_000, 20_000, 30_000)
    return made


class Counter:
    """Counts the statements of a block."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)


@pytest.fixture
def query_count() -> Callable[[], contextlib.AbstractContextManager[Counter]]:
    @contextlib.contextmanager
    def counting() -> Iterator[Counter]:
        counter = Counter()
        with connection.execute_wrapper(counter):
            yield counter

    return counting

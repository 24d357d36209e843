"""Some held residents pay, really: payment page, notification, inquiry, posting, release.

Measured from the moment at which the posting of the payment is acknowledged to the moment at which
the gateway answers "clear" over its socket.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from django.conf import settings

from tahseel.app import clock
from tahseel.books.payments import operations as payments
from tahseel.books.payments.values import Started
from tahseel.kernel.actor import ANONYMOUS, Purpose, system
from tahseel.kernel.errors import Fault
from tahseel.kernel.ids import CivilId, new_id
from tahseel.kernel.money import Money
from tahseel.recovery.clearance import client
from tahseel.recovery.clearance import queries as clearance
from tahseel.recovery.clearance.values import Gate
from tahseel.registry.customers import queries as customers

CLEAR_SECONDS_MAX = 20.0
ACTOR = system("demonstration")
CARD = {"card": "KNET Test Card [KNET1]", "month": "09", "year": "2021", "pin": "1234"}


def measure(
    *, customer_ids: Sequence[UUID], gate: Gate, progress: Callable[[int, int], object]
) -> list[float]:
    """Milliseconds of each release, in the order of the customers. Raises Fault when one fails."""
    progress(0, len(customer_ids))
    measured: list[float] = []
    for customer_id in customer_ids:
        measured.append(_release(customer_id, gate))
        progress(len(measured), len(customer_ids))
    return measured


def _release(customer_id: UUID, gate: Gate) -> float:
    civil_id = customers.civil_id(
        actor=ACTOR, at=clock.now(), purpose=Purpose.PAYMENT, customer_id=customer_id
    )
    if civil_id is None:
        raise Fault("a held person without a civil id", retry=False)
    held = _ask(civil_id, gate)
    if held.answer != "held" or held.reference is None:
        raise Fault(f"the gateway says {held.answer} where a hold is open", retry=False)
    started = _start(held.reference)
    pay_at_the_page(started.redirect_url)
    done = payments.confirm(actor=ACTOR, at=clock.now(), track_id=started.track_id)
    acknowledged = time.perf_counter()
    if not done.posted:
        raise Fault(f"the payment is {done.intent.state}", retry=False)
    while _ask(civil_id, gate).answer != "clear":
        if time.perf_counter() - acknowledged > CLEAR_SECONDS_MAX:
            raise Fault("paid and still held", retry=False)
    return (time.perf_counter() - acknowledged) * 1000


def _ask(civil_id: CivilId, gate: Gate) -> client.Answer:
    return client.check(
        socket_path=Path(settings.GATEWAY_SOCKET),
        civil_id=civil_id,
        gate=gate,
        purpose=Purpose.CLEARANCE_CHECK,
        reference="demonstration",
    )


def _start(reference: str) -> Started:
    at = clock.now()
    owed = clearance.hold_by_reference(actor=ANONYMOUS, at=at, reference=reference)
    if owed is None:
        raise Fault("the reference of an open hold leads nowhere", retry=False)
    return payments.start(
        actor=ANONYMOUS,
        at=at,
        id=new_id(at),
        amount=Money(owed.fils),
        gateway="knet",
        claims=[(claim.account_id, claim.claim_id) for claim in owed.claims],
        hold_reference=reference,
    )


def pay_at_the_page(url: str) -> None:
    """What the payer's browser does at the payment page, without the browser."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        page = connection.getresponse()
        page.read()
        number = parse_qs(urlsplit(page.headers.get("Location", "")).query).get("PaymentID")
        if not number:
            raise Fault(f"the payment page answered {page.status}", retry=False)
        form = urlencode({**CARD, "PaymentID": number[0], "do": "pay"})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/kpg/paymentpage.htm", form, headers)
        connection.getresponse().read()
    finally:
        connection.close()

"""Asks a registry over HTTP. Whatever is not a whole, signed answer to the question is a Fault."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from tahseel.kernel.errors import Fault
from tahseel.registry.feeds import rules
from tahseel.registry.feeds.values import Answer, Registry

TIMEOUT_S = 20
BODY_BYTES_MAX = 16 * 1024 * 1024
PAGE_RECORDS = 500
ATTEMPTS_MAX = 4


def page(*, registry: Registry, after: str) -> Answer:
    """The records after a cursor ("0" before the first). Raises Fault."""
    return ask(registry=registry, what="records", query={"after": after, "limit": PAGE_RECORDS})


def control(*, registry: Registry, day: str) -> Answer:
    """The control figures of a day. Raises Fault."""
    return ask(registry=registry, what="control", query={"day": day})


def ask(*, registry: Registry, what: str, query: Mapping[str, str | int]) -> Answer:
    """A verified answer; a fault that may pass is tried again at once, ATTEMPTS_MAX times in all.

    Raises Fault, the last one.
    """
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return _ask_once(registry, what, urlencode(query))
        except Fault as fault:
            if not fault.retry or attempt == ATTEMPTS_MAX:
                raise
    raise AssertionError("the last attempt answers or raises")


def _ask_once(registry: Registry, what: str, query: str) -> Answer:
    where = urlsplit(registry.base_url)
    if not where.hostname or where.scheme not in ("http", "https"):
        raise Fault(f"{registry.code} has no address", retry=False)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    path = f"{where.path.rstrip('/')}/{registry.code}/{what}"
    connection = kind(where.hostname, where.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", f"{path}?{query}", headers={"Accept": "application/json"})
        with connection.getresponse() as reply:
            body = reply.read(BODY_BYTES_MAX + 1)
            status = reply.status
            fields = {name.lower(): value for name, value in reply.getheaders()}
            promised = int(fields.get("content-length") or len(body))
    except (OSError, http.client.HTTPException, ValueError) as broken:
        raise Fault(f"{registry.code}: {type(broken).__name__}", retry=True) from broken
    finally:
        connection.close()
    if status != http.HTTPStatus.OK:
        raise Fault(f"{registry.code} answered {status}", retry=status >= 500)
    if len(body) > BODY_BYTES_MAX or len(body) != promised:
        raise Fault(f"{registry.code}: the answer is cut short or too long", retry=True)
    answer = Answer(registry.code, path, query, body)
    rules.verify(registry=registry, answer=answer, status=status, fields=fields)
    return answer

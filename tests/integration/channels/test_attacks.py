"""What somebody with bad intent sends to every page, and what must come of it: nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tahseel.kernel.ids import CivilId, new_id
from tahseel.registry.customers import operations as customers
from tahseel.registry.customers.values import CustomerKind

HOSTILE = (
    "\x00",
    "' or 1=1 --",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "%s%n{0.__class__}",
    "\u202e\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "9" * 1_500,
)
PART = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
EXEMPT = ("payments/<str:gateway>/response",)
MONEY_AND_PEOPLE = (
    "ledger_entry",
    "claims_claim",
    "payments_intent",
    "payments_payment",
    "customers_customer",
    "supply_account",
    "clearance_hold",
    "approvals_approval",
    "access_user",
)


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(pattern, view) of every address."""
    for entry in resolver.url_patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from routes(entry, path)


def patterns() -> list[str]:
    return [path for path, _ in routes(get_resolver())]


def address(pattern: str, text: str = "X-1") -> str:
    """A pattern with something typed into each of its parts."""
    known = {"uuid": str(UUID(int=7)), "int": "7"}
    return "/" + PART.sub(lambda m: known.get(m["kind"] or "str", quote(text, safe="")), pattern)


def counts() -> dict[str, int]:
    """How many rows there are where money and people stand."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        tables = {name for (name,) in cursor.fetchall()} & set(MONEY_AND_PEOPLE)
        assert len(tables) >= len(MONEY_AND_PEOPLE) - 2, "the tables have other names"
        found = {}
        for table in sorted(tables):
            cursor.execute(f'select count(*) from "{table}"')
            (found[table],) = cursor.fetchone() or (0,)
        return found


def session_of(client: Client, *, strict: bool) -> Client:
    """The same cookies in a client that checks forms as the server does."""
    made = Client(enforce_csrf_checks=strict, raise_request_exception=False)
    made.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    return made


@pytest.mark.parametrize("role", ["clerk", "exit_officer", "revenue_manager", "resident"])
def test_a_form_from_another_site_changes_nothing_on_any_page(
    world: Any, sign_in: Any, role: str
) -> None:
    client = session_of(sign_in(role), strict=True)
    before = counts()

    told = {p: client.post(address(p)).status_code for p in patterns() if p not in EXEMPT}

    assert set(told.values()) <= {403, 404, 405}, told
    assert counts() == before


@pytest.mark.parametrize("role", [None, "clerk", "exit_officer", "security_officer", "resident"])
def test_nothing_that_is_typed_into_an_address_breaks_a_page(
    world: Any, sign_in: Any, role: str | None
) -> None:
    client = session_of(sign_in(role), strict=False)
    before = counts()
    open_parts = [pattern for pattern in patterns() if PART.search(pattern)]

    broken = [
        (pattern, text[:20])
        for pattern in open_parts
        for text in HOSTILE
        if client.get(address(pattern, text)).status_code >= 500
    ]

    assert open_parts
    assert not broken, broken
    assert counts() == before


@pytest.mark.parametrize(
    ("role", "path", "fields"),
    [
        (None, "/sign-in/", ("username", "password", "next")),
        (None, "/pay/", ("reference",)),
        ("clerk", "/desk/", ("text",)),
        ("exit_officer", "/border/", ("civil_id", "gate")),
        ("exit_officer", "/border/watch/", ("watch",)),
        (None, "/preferences/theme/", ("theme", "next")),
        (None, "/preferences/language/", ("language", "next")),
        (None, "/payments/knet/response", ("trandata",)),
    ],
)
def test_nothing_that_is_typed_into_a_form_breaks_a_page(
    world: Any, sign_in: Any, role: str | None, path: str, fields: tuple[str, ...]
) -> None:
    client = session_of(sign_in(role), strict=False)
    before = counts()

    told = [client.post(path, dict.fromkeys(fields, text)).status_code for text in HOSTILE]

    assert max(told) < 500, told
    assert counts() == before


def test_a_name_full_of_markup_is_shown_and_not_run(world: Any, sign_in: Any) -> None:
    at = world.now - timedelta(days=5)
    customers.register(
        actor=_job(), at=at, id=new_id(at), kind=CustomerKind.RESIDENT,
        civil_id=CivilId.parse("299113007777"), name_ar="<img src=x onerror=alert(1)> سعاد",
        name_en='"><script>alert(2)</script> Suad',
    )  # fmt: skip

    page = sign_in("clerk").post("/desk/", {"text": "سعاد"}).content.decode()

    assert "&lt;img src=x onerror=alert(1)&gt;" in page or "&lt;script&gt;alert(2)" in page
    assert "<img src=x" not in page
    assert "<script>alert(2)" not in page


def _job() -> Any:
    from tests.integration.channels.world import JOB

    return JOB


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil"])
def test_another_host_name_is_not_ours(world: Any, host: str) -> None:
    answer = Client(raise_request_exception=False).get("/", headers={"host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


@pytest.mark.parametrize(
    "away", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
@pytest.mark.parametrize("path", ["/preferences/theme/", "/preferences/language/"])
def test_a_choice_never_leads_to_another_site(world: Any, path: str, away: str) -> None:
    answer = Client().post(path, {"next": away, "theme": "dark", "language": "en"})

    assert answer.status_code in {204, 302}
    assert "evil" not in answer.headers.get("Location", "")
    assert not answer.headers.get("Location", "").startswith("javascript")


def test_every_answer_carries_the_policies(world: Any, sign_in: Any) -> None:
    client = sign_in("clerk")

    for pattern in patterns():
        answer = session_of(client, strict=False).get(address(pattern))
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, pattern
        assert "unsafe" not in policy, pattern
        assert answer.headers["X-Content-Type-Options"] == "nosniff", pattern
        assert answer.headers["X-Frame-Options"] == "DENY", pattern


def test_signing_in_throws_away_a_session_that_somebody_planted(world: Any) -> None:
    from tests.integration.channels.world import PASSWORD

    client = Client()
    client.get("/sign-in/")
    planted = client.session
    planted["mark"] = "planted"
    planted.save()
    client.cookies["sessionid"] = planted.session_key or ""
    client.post("/sign-in/", {"username": "clerk", "password": PASSWORD})

    attacker = Client()
    attacker.cookies["sessionid"] = planted.session_key or ""

    assert client.get("/desk/").status_code == 200
    assert client.cookies["sessionid"].value != planted.session_key
    assert attacker.get("/desk/").status_code == 302


def test_a_session_is_worthless_after_signing_out(world: Any, sign_in: Any) -> None:
    client = sign_in("clerk")
    stolen = session_of(client, strict=False)
    assert stolen.get("/desk/").status_code == 200

    client.post("/sign-out/")

    assert stolen.get("/desk/").status_code == 302


def test_a_forged_check_token_opens_nothing(world: Any, sign_in: Any) -> None:
    client = sign_in("exit_officer")
    begun = client.post("/border/", {"civil_id": "285010100015", "gate": "exit"})
    token = begun.cookies["tahseel_border"].value
    flipped = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in (0, 20, 40)]

    for forged in (*flipped, token[:-4], token + "AAAA", ""):
        answer = client.post("/border/watch/", {"watch": forged})
        assert "ended" in answer.content.decode() or "no longer" in answer.content.decode()


def test_the_keys_are_closed_to_others(tmp_path: Any, database: Any) -> None:
    import stat

    from tahseel.kernel.secrets import KeyRing

    KeyRing.load_or_create(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    for file in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

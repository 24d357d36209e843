"""Every route is guarded: each view wears `requires`, `signed_in` or `public`."""

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tahseel.trust.access.guards import Guard

# Views that are not ours to decorate. qualified name: reason
UNGUARDED: dict[str, str] = {}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for entry in resolver.url_patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from routes(entry, path)


def name_of(view: Callable[..., Any]) -> str:
    return f"{view.__module__}.{getattr(view, '__qualname__', type(view).__qualname__)}"


def test_every_route_is_guarded() -> None:
    bare = [
        f"/{path} -> {name_of(view)}"
        for path, view in routes(get_resolver())
        if not isinstance(getattr(view, "guard", None), Guard) and name_of(view) not in UNGUARDED
    ]

    assert not bare, "\n".join(bare)


def test_a_public_page_that_takes_a_reference_or_a_payment_has_a_limit() -> None:
    bare = [
        f"/{path} -> {name_of(view)}"
        for path, view in routes(get_resolver())
        if path.startswith(("pay", "payments")) and getattr(view, "guard", None)
        if view.guard.public and not hasattr(view, "limit")
    ]

    assert not bare, "\n".join(bare)


def test_there_are_routes_to_guard() -> None:
    assert len(list(routes(get_resolver()))) >= 5


def test_a_guard_says_whom_it_lets_in() -> None:
    guards = {path: getattr(view, "guard", None) for path, view in routes(get_resolver())}

    contradictory = [path for path, g in guards.items() if g and g.public and g.roles]

    assert not contradictory, contradictory

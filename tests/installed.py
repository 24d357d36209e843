"""What a test installs in its process (keys, charts, policies) is taken back when it is over."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tahseel.kernel import secrets

NAME = "_installed"


def _held() -> dict[str, Any]:
    """A copy of what each slice was given, by module."""
    found = {
        name: getattr(module, NAME, None)
        for name, module in list(sys.modules.items())
        if name.startswith("tahseel.")
    }
    return {name: held.copy() for name, held in found.items() if isinstance(held, list | dict)}


@contextmanager
def taken_back() -> Iterator[None]:
    """Afterwards every slice holds the very objects that it held before."""
    before = _held()
    yield
    for name, was in before.items():
        now = getattr(sys.modules[name], NAME)
        now.clear()
        now.extend(was) if isinstance(was, list) else now.update(was)
    if ring := before.get(secrets.__name__):
        secrets.install_keys(ring[0])  # also forgets what was derived from others

"""Puts the parts together: the country's parameters into the kernel, keys into the cipher."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings


def assemble() -> None:
    """Install what the lower folders may not look up themselves. Safe to call twice."""
    if find_spec("tahseel.countries.kuwait.country"):
        import_module("tahseel.countries.kuwait.country").install()
    if find_spec("tahseel.kernel.secrets"):
        secrets = import_module("tahseel.kernel.secrets")
        secrets.install_keys(secrets.KeyRing.load_or_create(settings.KEYS))

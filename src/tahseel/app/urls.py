"""Every route of the web process."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from tahseel.app import api

urlpatterns: list[URLPattern | URLResolver] = []
for _module in (
    "tahseel.trust.access",
    "tahseel.channels.pages",
    "tahseel.books.payments",
    "tahseel.channels.approving",
    "tahseel.channels.timeline",
    "tahseel.channels.services",
    "tahseel.channels.bodies",
    "tahseel.channels.places",
    "tahseel.channels.metering",
    "tahseel.channels.rounds",
    "tahseel.channels.desk",
    "tahseel.channels.accounts",
    "tahseel.channels.portal",
    "tahseel.channels.cockpit",
):
    try:
        if find_spec(f"{_module}.urls"):
            urlpatterns.append(path("", include(f"{_module}.urls")))
    except ModuleNotFoundError:
        pass

urlpatterns.append(path("api/v1/", include((api.build(), api.NAMESPACE))))

handler400 = "tahseel.channels.pages.errors.bad_request"
handler403 = "tahseel.channels.pages.errors.denied"
handler404 = "tahseel.channels.pages.errors.not_found"
handler500 = "tahseel.channels.pages.errors.failed"

"""Makes the slice's templates and translations known to Django."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "tahseel.channels.portal"
    label = "portal"

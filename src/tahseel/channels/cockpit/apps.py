"""Makes the slice's templates and translations known to Django."""

from django.apps import AppConfig


class CockpitConfig(AppConfig):
    name = "tahseel.channels.cockpit"
    label = "cockpit"

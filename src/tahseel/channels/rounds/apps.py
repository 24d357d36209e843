"""Makes the slice's templates and translations known to Django."""

from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "tahseel.channels.rounds"
    label = "rounds"

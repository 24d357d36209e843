"""Makes the slice's templates and translations known to Django."""

from django.apps import AppConfig


class BodiesConfig(AppConfig):
    name = "tahseel.channels.bodies"
    label = "bodies"

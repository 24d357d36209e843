"""Makes the slice's templates and translations known to Django."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "tahseel.channels.desk"
    label = "desk"

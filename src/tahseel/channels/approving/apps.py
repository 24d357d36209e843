"""Makes the slice's templates and translations known to Django."""

from django.apps import AppConfig


class ApprovingConfig(AppConfig):
    name = "tahseel.channels.approving"
    label = "approving"

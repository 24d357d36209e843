"""Makes the slice's templates and translations known to Django."""

from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "tahseel.channels.metering"
    label = "metering"

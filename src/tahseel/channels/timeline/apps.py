"""Makes the slice's templates and translations known to Django."""

from django.apps import AppConfig


class TimelineConfig(AppConfig):
    name = "tahseel.channels.timeline"
    label = "timeline"

"""Makes the slice's translations known to Django."""

from django.apps import AppConfig


class PrintingConfig(AppConfig):
    name = "tahseel.channels.printing"
    label = "printing"

"""Django's description of the slice."""

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "tahseel.registry.feeds"
    label = "feeds"

"""Registers notices and their deliveries with Django."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "tahseel.trust.notices"
    label = "notices"

"""Gives the kernel the country's parameters and the keys when Django starts."""

from django.apps import AppConfig


class AppAppConfig(AppConfig):
    name = "tahseel.app"
    label = "app"

    def ready(self) -> None:
        from tahseel.app import assembly

        assembly.assemble()

"""Makes the slice's templates and translations known to Django."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "tahseel.channels.places"
    label = "places"

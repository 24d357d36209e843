"""The Django app of the shared components. It owns no table."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Templates, tags, static files and the Arabic texts of the shared components."""

    name = "tahseel.channels.pages"
    label = "pages"

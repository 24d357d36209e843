"""Routes of stories."""

from django.urls import path, register_converter

from tahseel.channels.timeline import views
from tahseel.channels.timeline.values import Kind


class KindInPath:
    """One of the kinds of which a story is told."""

    regex = "|".join(kind.value for kind in Kind)

    def to_python(self, value: str) -> Kind:
        return Kind(value)

    def to_url(self, value: str) -> str:
        return Kind(value).value


register_converter(KindInPath, "story_kind")
app_name = "timeline"
urlpatterns = [
    path("timeline/<story_kind:kind>/<uuid:id>/", views.story, name="story"),
    path("timeline/<story_kind:kind>/<uuid:id>/readers/", views.readers, name="readers"),
]

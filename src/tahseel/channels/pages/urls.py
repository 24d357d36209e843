"""Routes of the shared components."""

from django.urls import path

from tahseel.channels.pages import views

app_name = "pages"
urlpatterns = [
    path("components/", views.components, name="components"),
    path("preferences/language/", views.language, name="language"),
    path("preferences/theme/", views.theme, name="theme"),
]

"""Routes of the cockpit."""

from django.urls import path

from tahseel.channels.cockpit import views

app_name = "cockpit"
urlpatterns = [path("", views.home, name="home")]

"""Routes of the staff's screens."""

from django.urls import path

from tahseel.channels.desk import views

app_name = "desk"
urlpatterns = [
    path("desk/", views.find, name="find"),
    path("border/", views.border, name="border"),
    path("border/watch/", views.watch, name="watch"),
]

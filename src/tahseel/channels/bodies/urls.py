"""Routes of bodies."""

from django.urls import path

from tahseel.channels.bodies import views

app_name = "bodies"
urlpatterns = [
    path("bodies/", views.tops, name="tops"),
    path("bodies/<uuid:body_id>/", views.body, name="body"),
    path("bodies/<uuid:body_id>/agreements/", views.conclude, name="conclude"),
    path(
        "bodies/<uuid:body_id>/agreements/<uuid:agreement_id>/end/",
        views.end_agreement,
        name="end_agreement",
    ),
    path(
        "bodies/<uuid:body_id>/agreements/<uuid:agreement_id>/annul/",
        views.annul_agreement,
        name="annul_agreement",
    ),
]

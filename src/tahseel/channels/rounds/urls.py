"""Routes of reading in the field."""

from django.urls import path

from tahseel.channels.rounds import routes, self_reads, views

app_name = "rounds"
urlpatterns = [
    path("rounds/", views.rounds, name="rounds"),
    path("rounds/routes/", views.routes, name="routes"),
    path("rounds/routes/<uuid:route_id>/", routes.route, name="route"),
    path("rounds/self-reads/", self_reads.waiting, name="self_reads"),
    path("rounds/self-reads/<uuid:read_id>/", self_reads.decide, name="self_read"),
    path("rounds/self-reads/<uuid:read_id>/photo/", self_reads.photo, name="self_read_photo"),
    path("rounds/<uuid:round_id>/", views.round_page, name="round"),
    path("rounds/<uuid:round_id>/work.csv", views.work, name="work"),
    path("rounds/<uuid:round_id>/stops/<int:sequence>/", views.stop, name="stop"),
    path("rounds/<uuid:round_id>/photos/<str:digest>/", views.photo, name="photo"),
    path("rounds/<uuid:round_id>/<slug:code>/", views.act, name="act"),
]

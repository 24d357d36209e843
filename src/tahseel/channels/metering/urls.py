"""Routes of the work-list of reads and of a meter's intervals."""

from django.urls import path

from tahseel.channels.metering import views

app_name = "metering"
urlpatterns = [
    path("exceptions/", views.exceptions, name="exceptions"),
    path("exceptions/<uuid:exception_id>/", views.exception, name="exception"),
    path("exceptions/<uuid:exception_id>/<slug:code>/", views.act, name="act"),
    path("meters/<uuid:meter_id>/intervals/", views.intervals, name="intervals"),
]

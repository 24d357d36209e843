"""Routes of the work-list of reads and of a meter's intervals."""

from django.urls import path

from tahseel.channels.metering import crews, lots, views

app_name = "metering"
urlpatterns = [
    path("exceptions/", views.exceptions, name="exceptions"),
    path("exceptions/<uuid:exception_id>/", views.exception, name="exception"),
    path("exceptions/<uuid:exception_id>/<slug:code>/", views.act, name="act"),
    path("orders/<uuid:order_id>/", crews.order, name="order"),
    path("orders/<uuid:order_id>/<slug:code>/", crews.close, name="close_order"),
    path("meters/lots/", lots.lots, name="lots"),
    path("meters/lots/form/", lots.form_lot, name="form_lot"),
    path("meters/lots/<uuid:lot_id>/", lots.lot, name="lot"),
    path("meters/lots/<uuid:lot_id>/pass-over/", lots.pass_over, name="pass_over"),
    path("meters/<uuid:meter_id>/intervals/", views.intervals, name="intervals"),
]

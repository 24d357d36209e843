"""Routes of places and their units."""

from django.urls import path

from tahseel.channels.places import act_views, liable_views, truth_views, views, visit_views

app_name = "places"
urlpatterns = [
    path("places/", views.find, name="find"),
    path("places/units/<uuid:unit_id>/", views.unit, name="unit"),
    path("places/units/<uuid:unit_id>/liable/", liable_views.answer, name="liable"),
    path("places/units/<uuid:unit_id>/certify/", views.certify, name="certify"),
    path("places/units/<uuid:unit_id>/split/", views.split, name="split"),
    path("places/units/<uuid:unit_id>/merge/", views.merge, name="merge"),
    path("places/units/<uuid:unit_id>/demolish/", views.demolish, name="demolish"),
    path("places/units/<uuid:unit_id>/acts/<slug:code>/", act_views.unit_act, name="unit_act"),
    path("places/meters/<uuid:meter_id>/", views.meter, name="meter"),
    path("places/meters/<uuid:meter_id>/acts/<slug:code>/", act_views.meter_act, name="meter_act"),
    path("places/meters/truth/", truth_views.worklist, name="truth"),
    path("places/access/<uuid:access_id>/", truth_views.settle_access, name="settle_access"),
    path("places/meters/<uuid:meter_id>/tests/", truth_views.tests, name="tests"),
    path("places/visits/", visit_views.visits, name="visits"),
    path("places/visits/<uuid:booking_id>/", visit_views.report, name="visit"),
    path("places/tests/<uuid:test_id>/", truth_views.test, name="test"),
    path("places/certificates/<uuid:certificate_id>/withdraw/", views.withdraw, name="withdraw"),
]

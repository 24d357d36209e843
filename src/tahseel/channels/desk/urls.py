"""Routes of the staff's screens."""

from django.urls import path

from tahseel.channels.desk import people, people_came, people_ends, records, views

app_name = "desk"
urlpatterns = [
    path("desk/", views.find, name="find"),
    path("desk/customers/<uuid:customer_id>/", people.customer, name="customer"),
    path("desk/customers/<uuid:customer_id>/<slug:code>/", people.act, name="customer_act"),
    path(
        "desk/customers/<uuid:customer_id>/contact/<uuid:contact_id>/",
        people.contact,
        name="contact",
    ),
    path(
        "desk/customers/<uuid:customer_id>/protections/<uuid:protection_id>/end/",
        people_ends.protection,
        name="end_protection",
    ),
    path(
        "desk/customers/<uuid:customer_id>/documents/<uuid:document_id>/withdraw/",
        people_ends.document,
        name="withdraw_document",
    ),
    path("desk/records/", records.waiting, name="records"),
    path("desk/records/<uuid:record_id>/", records.record, name="record"),
    path("desk/duplicates/", people.duplicates, name="duplicates"),
    path("desk/merge/<uuid:goes>/<uuid:stays>/", people.merge, name="merge"),
    path("desk/merges/<uuid:merge_id>/", people.merged, name="merged"),
    path("desk/merges/<uuid:merge_id>/since/", people_came.sort, name="came"),
    path("border/", views.border, name="border"),
    path("border/watch/", views.watch, name="watch"),
]

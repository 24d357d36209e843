"""Routes of the portal."""

from django.urls import path

from tahseel.channels.portal import self_reads, views, visits

app_name = "portal"
urlpatterns = [
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/<str:number>/", views.account, name="account"),
    path("accounts/<str:number>/intervals/", views.intervals, name="intervals"),
    path("accounts/<str:number>/meters/<str:serial>/", self_reads.meter, name="self_read"),
    path("accounts/<str:number>/visits/", visits.visits, name="visits"),
    path("visits/<uuid:booking_id>/<slug:code>/", visits.change, name="visit"),
    path("bills/<str:number>/", views.bill, name="bill"),
    path("bills/<str:number>/<slug:language>.pdf", views.bill_pdf, name="bill_pdf"),
    path("pay/", views.pay, name="pay"),
    path("pay/<str:reference>/", views.pay_reference, name="pay_reference"),
    path("payments/<uuid:intent_id>/result", views.result, name="result"),
]

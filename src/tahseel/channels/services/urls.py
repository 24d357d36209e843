"""Routes of the services."""

from django.urls import path

from tahseel.channels.services import acting, views

app_name = "services"
ONE = "applications/<str:reference>/"
urlpatterns = [
    path("services/", views.catalogue, name="catalogue"),
    path("services/<slug:code>/apply/", views.apply, name="apply"),
    path("applications/", views.applications, name="applications"),
    path(ONE, views.application, name="application"),
    path(f"{ONE}papers/<uuid:paper_id>/", views.paper, name="paper"),
    path(f"{ONE}papers/", acting.add_paper, name="add_paper"),
    path(f"{ONE}study/", acting.study, name="study"),
    path(f"{ONE}quote/", acting.quote, name="quote"),
    path(f"{ONE}pass/", acting.pass_inspection, name="pass"),
    path(f"{ONE}fail/", acting.fail_inspection, name="fail"),
    path(f"{ONE}again/", acting.ask_again, name="again"),
    path(f"{ONE}prolong/", acting.prolong, name="prolong"),
    path(f"{ONE}close/", acting.close, name="close"),
    path(f"{ONE}energise/", acting.energise, name="energise"),
    path(f"{ONE}remove/", acting.remove, name="remove"),
    path(f"{ONE}refund/<uuid:refund_id>/", acting.ask_refund, name="refund"),
    path(f"{ONE}withdraw/", acting.withdraw, name="withdraw"),
]

"""Routes of the work-list."""

from django.urls import path

from tahseel.channels.approving import views

app_name = "approving"
urlpatterns = [
    path("approvals/", views.worklist, name="worklist"),
    path("approvals/<uuid:approval_id>/", views.approval, name="approval"),
    path("approvals/<uuid:approval_id>/approve/", views.approve, name="approve"),
    path("approvals/<uuid:approval_id>/reject/", views.reject, name="reject"),
    path("approvals/<uuid:approval_id>/withdraw/", views.withdraw, name="withdraw"),
]

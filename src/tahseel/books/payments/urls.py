"""Where gateways reach us."""

from django.urls import path

from tahseel.books.payments import views

app_name = "payments"
urlpatterns = [
    path("payments/<slug:gateway>/response", views.response, name="response"),
    path("payments/<slug:gateway>/error", views.error, name="error"),
]

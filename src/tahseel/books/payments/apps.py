"""The Django app of the payments slice."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "tahseel.books.payments"
    label = "payments"
    verbose_name = "Payments"

"""Registers the tables of appointments with Django."""

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "tahseel.consumption.appointments"
    label = "appointments"

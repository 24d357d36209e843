"""Registers the slice with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "tahseel.channels.accounts"
    label = "account_pages"

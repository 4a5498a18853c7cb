from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "trust.accounts"
    label = "accounts"

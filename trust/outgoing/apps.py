from django.apps import AppConfig


class OutgoingConfig(AppConfig):
    name = "trust.outgoing"
    label = "outgoing"

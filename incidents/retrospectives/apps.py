from django.apps import AppConfig


class RetrospectivesConfig(AppConfig):
    name = "incidents.retrospectives"
    label = "retrospectives"

from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "incidents.enforcement"
    label = "enforcement"

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "trust.audit"
    label = "audit"

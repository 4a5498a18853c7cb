from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "trust.jobs"
    label = "jobs"

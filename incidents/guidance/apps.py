from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "incidents.guidance"
    label = "guidance"

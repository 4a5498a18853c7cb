from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    name = "incidents.statistics"
    label = "statistics"

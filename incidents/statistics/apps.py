from django.apps import AppConfig

from trust import sweeps


class StatisticsConfig(AppConfig):
    name = "incidents.statistics"
    label = "statistics"

    def ready(self) -> None:
        sweeps.register("incidents.statistics.tasks.count_decisions")

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import sentences


class StatisticsConfig(AppConfig):
    name = "incidents.statistics"
    label = "statistics"

    def ready(self) -> None:
        sweeps.register("incidents.statistics.tasks.count_decisions")
        sentences.register(
            {
                "statistics.rebuilt": _("%(by)s rebuilt the statistics from the decisions"),
                "statistics.exported": _("%(by)s downloaded exact statistics"),
            }
        )

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust.audit import sentences


class ReportsConfig(AppConfig):
    name = "incidents.reports"
    label = "reports"

    def ready(self) -> None:
        sentences.register({"report.made": _("%(by)s reported %(generation)s")})

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import sentences
from trust.permissions import Permission


class QualityConfig(AppConfig):
    name = "incidents.quality"
    label = "quality"

    def ready(self) -> None:
        sweeps.register("incidents.quality.tasks.count_arrivals")
        sweeps.register("incidents.quality.tasks.rate_items")
        sentences.register_noun("intake.alert", one=_("alert"), many=_("alerts"))
        sentences.register_noun(
            "intake.detectorversion",
            one=_("detector"),
            many=_("detectors"),
            route="quality:detector",
            permission=Permission.READ_SOURCES,
        )
        sentences.register({"quality.rebuilt": _("%(by)s rated all judged items anew")})

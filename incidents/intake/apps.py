from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from trust import sweeps
from trust.audit import sentences
from trust.permissions import Permission


class IntakeConfig(AppConfig):
    name = "incidents.intake"
    label = "intake"

    def ready(self) -> None:
        sweeps.register("incidents.intake.tasks.forget_answers")
        sentences.register_noun(
            "intake.batch",
            one=_("batch"),
            many=_("batches"),
            route="intake:batch",
            permission=Permission.READ_SOURCES,
        )
        sentences.register_noun(
            "intake.source",
            one=_("source"),
            many=_("sources"),
            route="intake:source",
            permission=Permission.READ_SOURCES,
        )
        sentences.register_noun("intake.savedmapping", one=_("mapping"), many=_("mappings"))
        sentences.register_noun("intake.generation", one=_("generation"), many=_("generations"))
        sentences.register(
            {
                "intake.batch_accepted": _("%(by)s sent %(batch)s from %(source)s"),
                "intake.mapping_saved": _("%(by)s saved %(savedmapping)s"),
                "intake.traffic_counted": _("%(by)s sent counts of traffic from %(source)s"),
                "generation.restricted": _("%(by)s restricted %(generation)s"),
            }
        )
